import { nearest } from '../../core/base/nearest.ts';
import type { RoutingSettings } from '../../core/routing/settings.ts';
import type { ServerSettings } from '../contract.ts';
import type { Fields } from '../fields.ts';
import { placeKey } from '../places.ts';
import type { MapNode } from '../tree/node.ts';
import { readDeclaredTags } from './declared-tags.ts';
import type { Reading } from './reading.ts';

/** The three sections of settings, each under its fields. */
export interface SettingsFields {
  readonly router: Fields;
  readonly litellm: Fields;
  readonly general: Fields;
}

const STRATEGIES = new Set([
  'simple-shuffle',
  'least-busy',
  'usage-based-routing',
  'usage-based-routing-v2',
  'latency-based-routing',
  'cost-based-routing',
]);

/** `router_settings` as far as tags are concerned, and the declared tags. */
export function readRoutingSettings(root: MapNode, settings: SettingsFields, reading: Reading): RoutingSettings {
  const { router } = settings;
  const prefix = router.text('tag_routing_prefix') ?? '';
  readStrategy(router, reading);
  const at = router.at('enable_tag_filtering');
  if (at !== undefined)
    reading.places.add(placeKey('setting', 'enable_tag_filtering'), router.pathOf('enable_tag_filtering'), at);
  return {
    enableTagFiltering: router.boolean('enable_tag_filtering') ?? false,
    matchAny: router.boolean('tag_filtering_match_any') ?? true,
    prefix,
    authority: readAuthority(router, reading),
    declared: readDeclaredTags(root.entries.get('tags')?.value, prefix, reading),
  };
}

function readAuthority(router: Fields, reading: Reading): 'fence' | 'union' {
  const written = router.text('tag_authority');
  if (written === undefined) return 'fence';
  const at = router.node('tag_authority')?.at;
  const path = router.pathOf('tag_authority');
  if (at !== undefined) reading.places.add(placeKey('setting', 'tag_authority'), path, at);
  if (written === 'fence' || written === 'union') return written;
  const message = `${path} must be "fence" or "union"; "fence" is used.`;
  reading.findings.report('unknown-value', { message, path, at, hint: 'Write `tag_authority: fence`, or remove it.' });
  return 'fence';
}

function readStrategy(router: Fields, reading: Reading): void {
  const strategy = router.text('routing_strategy');
  if (strategy === undefined || STRATEGIES.has(strategy)) return;
  const path = router.pathOf('routing_strategy');
  const message = `"${strategy}" is no routing strategy; simple-shuffle is used.`;
  const [near] = nearest(strategy, STRATEGIES, 1);
  const hint = near === undefined ? `Write one of ${[...STRATEGIES].join(', ')}.` : `Did you mean "${near}"?`;
  reading.findings.report('unknown-value', { message, path, at: router.node('routing_strategy')?.at, hint });
}

const DEFAULT_TIMEOUT_SECONDS = 600;
const DEFAULT_REQUEST_MEGABYTES = 32;
const WEAK_KEY_LENGTH = 16;

/** What the gateway itself is told: master key, limits, timeouts. */
export function readServerSettings(settings: SettingsFields, reading: Reading): ServerSettings {
  const { general, litellm, router } = settings;
  const masterKey = readMasterKey(settings, reading);
  const keyHeaderName = general.text('litellm_key_header_name')?.trim().toLowerCase();
  const timeoutSeconds =
    firstNumber(
      [router, 'timeout'],
      [litellm, 'request_timeout'],
      [litellm, 'timeout'],
      [general, 'request_timeout'],
      [general, 'timeout'],
    ) ?? DEFAULT_TIMEOUT_SECONDS;
  const megabytes = general.number('max_request_size_mb', { min: 0.001 }) ?? DEFAULT_REQUEST_MEGABYTES;
  const databaseUrl = general.text('database_url');
  const keyRefreshSeconds = general.number('user_api_key_cache_ttl', { min: 0 });
  const staleKeySeconds = general.number('stale_key_seconds', { min: 0 });
  return {
    ...(masterKey === undefined ? {} : { masterKey }),
    permitWeakMasterKey: general.boolean('dangerously_permit_weak_or_unset_master_key') ?? false,
    ...(keyHeaderName === undefined || keyHeaderName === '' ? {} : { keyHeaderName }),
    maxRequestBytes: Math.floor(megabytes * 1024 * 1024),
    timeoutSeconds,
    streamTimeoutSeconds:
      firstNumber([router, 'stream_timeout'], [litellm, 'stream_timeout'], [general, 'stream_timeout']) ??
      timeoutSeconds,
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
    dropParams: [litellm, general, router].some((fields) => fields.boolean('drop_params') === true),
    rejectClientTags:
      general.boolean('reject_clientside_metadata_tags') ?? general.faults.has('reject_clientside_metadata_tags'),
    ...(keyRefreshSeconds === undefined ? {} : { keyRefreshSeconds }),
    ...(staleKeySeconds === undefined ? {} : { staleKeySeconds }),
  };
}

/** Retries, from whichever section has them. */
export function readNumRetries(settings: SettingsFields): number | undefined {
  const { general, litellm, router } = settings;
  return firstNumber([router, 'num_retries'], [litellm, 'num_retries'], [general, 'num_retries']);
}

function firstNumber(...places: readonly (readonly [Fields, string])[]): number | undefined {
  for (const [fields, key] of places) {
    const value = fields.number(key, { min: 0 });
    if (value !== undefined) return value;
  }
  return undefined;
}

/** `general_settings.master_key`, else the one misplaced under `litellm_settings`, else `LITELLM_MASTER_KEY`. */
function readMasterKey(settings: SettingsFields, reading: Reading): string | undefined {
  const written = settings.general.text('master_key') ?? settings.litellm.text('master_key');
  const key = written ?? reading.environment.lookup('LITELLM_MASTER_KEY');
  if (key === undefined || key === '') return undefined;
  if (key.length < WEAK_KEY_LENGTH) {
    const from = settings.general.node('master_key') === undefined ? settings.litellm : settings.general;
    const at = from.node('master_key')?.at;
    const message = `The master key has fewer than ${WEAK_KEY_LENGTH} characters: the gateway listens to this machine only.`;
    const hint = 'Use at least 16 random characters, from an environment variable.';
    reading.findings.report('weak-master-key', {
      message,
      hint,
      at,
      path: at === undefined ? undefined : from.pathOf('master_key'),
    });
  }
  return key;
}
