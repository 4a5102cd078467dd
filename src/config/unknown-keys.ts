import { nearest } from '../core/base/nearest.ts';
import type { Position } from '../core/base/problem.ts';
import type { Findings } from './findings.ts';
import type { KnownKey } from './known-keys/key.ts';
import { type Section, SECTIONS } from './known-keys/sections.ts';
import { type ConfigNode, isNothing, type MapEntry, type MapNode } from './tree/node.ts';

/** Reports keys that nobody knows, keys in the wrong place, and keys that are known and not acted on. */
export function reportUnknownKeys(root: MapNode, findings: Findings): void {
  const reporter = new KeyReporter(findings);
  reporter.check(root, '', SECTIONS.topLevel);
  reporter.checkNamed(root, 'router_settings', { section: SECTIONS.routerSettings, path: '' });
  reporter.checkNamed(root, 'litellm_settings', { section: SECTIONS.litellmSettings, path: '' });
  reporter.checkNamed(root, 'general_settings', { section: SECTIONS.generalSettings, path: '' });
  reporter.checkPolicies(root);
  reporter.checkItems(root, 'model_list', (item, path) => {
    reporter.check(item, path, SECTIONS.modelEntry);
    reporter.checkNamed(item, 'litellm_params', { section: SECTIONS.litellmParams, path });
    reporter.checkNamed(item, 'model_info', { section: SECTIONS.modelInfo, path });
  });
  reporter.checkItems(root, 'credential_list', (item, path) => {
    reporter.check(item, path, SECTIONS.credentialEntry);
    reporter.checkNamed(item, 'credential_values', { section: SECTIONS.litellmParams, path });
  });
  reporter.checkDeclaredTags(root);
  reporter.finish();
}

interface Occurrence {
  readonly known: KnownKey;
  readonly entry: MapEntry;
  readonly path: string;
  readonly section: Section;
  count: number;
}

class KeyReporter {
  readonly #findings: Findings;
  /** Known keys that are not acted on: reported once each, at the first place. */
  readonly #idle = new Map<string, Occurrence>();
  /** A map that an alias repeats is written once. */
  readonly #seen = new Set<MapNode>();
  /** A key that a merge repeats is written once. */
  readonly #reported = new Set<Position>();

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  checkNamed(parent: MapNode, name: string, where: { readonly section: Section; readonly path: string }): void {
    const value = parent.entries.get(name)?.value;
    if (value?.kind === 'map') this.check(value, where.path === '' ? name : `${where.path}.${name}`, where.section);
  }

  checkItems(root: MapNode, name: string, visit: (item: MapNode, path: string) => void): void {
    const value = root.entries.get(name)?.value;
    if (value?.kind !== 'list') return;
    value.items.forEach((item, index) => {
      if (item.kind === 'map') visit(item, `${name}[${index}]`);
    });
  }

  checkDeclaredTags(root: MapNode): void {
    const tags = root.entries.get('tags')?.value;
    const body = (node: ConfigNode, path: string): void => {
      if (node.kind === 'map') this.check(node, path, SECTIONS.declaredTag);
    };
    if (tags?.kind === 'map') for (const entry of tags.entries.values()) body(entry.value, `tags.${entry.key}`);
    if (tags?.kind !== 'list') return;
    tags.items.forEach((item, index) => {
      if (item.kind === 'map' && item.entries.has('name')) body(item, `tags[${index}]`);
      else if (item.kind === 'map')
        for (const entry of item.entries.values()) body(entry.value, `tags[${index}].${entry.key}`);
    });
  }

  check(map: MapNode, path: string, section: Section): void {
    if (this.#seen.has(map)) return;
    this.#seen.add(map);
    for (const entry of map.entries.values()) {
      const known = section.keys.get(entry.key);
      const at = path === '' ? entry.key : `${path}.${entry.key}`;
      if (known === undefined) this.#unknown(entry, at, section);
      else if (!POLICIES.has(section) && (known.status === 'coming' || known.status === 'unsupported'))
        this.#note({ known, entry, path: at, section, count: 1 });
    }
  }

  /** `retry_policy` and `allowed_fails_policy`: counts by kind of error, whose names people invent. */
  checkPolicies(root: MapNode): void {
    const router = root.entries.get('router_settings')?.value;
    if (router?.kind !== 'map') return;
    const sections = [SECTIONS.retryPolicy, SECTIONS.allowedFailsPolicy];
    for (const section of sections) {
      this.checkNamed(router, section.place.slice('router_settings.'.length), { section, path: 'router_settings' });
    }
  }

  #note(occurrence: Occurrence): void {
    if (isIdleValue(occurrence.entry.value)) return;
    if (this.#hasWrongType(occurrence)) return;
    const id = `${occurrence.section.name}.${occurrence.known.key}`;
    const first = this.#idle.get(id);
    if (first === undefined) this.#idle.set(id, occurrence);
    else first.count += 1;
  }

  /** Settings that are not acted on yet are checked all the same: they will be. */
  #hasWrongType({ known, entry, path }: Occurrence): boolean {
    if (known.status !== 'coming' || !known.type.endsWith('number')) return false;
    const { value } = entry;
    if (value.kind === 'scalar' && Number.isFinite(Number(value.value === '' ? NaN : value.value))) return false;
    const message = `${path} must be a ${known.type}; it is ignored.`;
    const hint = `Write a ${known.type}, or leave \`${known.key}\` out.`;
    this.#findings.report('wrong-type', { message, hint, path, at: value.at });
    return true;
  }

  #unknown(entry: MapEntry, path: string, section: Section): void {
    if (this.#reported.has(entry.keyAt)) return;
    this.#reported.add(entry.keyAt);
    if (section === SECTIONS.topLevel && entry.key.startsWith('x-')) return;
    const home = homeOf(entry.key, section);
    if (home !== undefined) this.#misplaced(entry, path, { section, home });
    else if (section !== SECTIONS.modelInfo || nearest(entry.key, section.keys.keys(), 1).length > 0)
      this.#stranger(entry, path, section);
  }

  #misplaced(entry: MapEntry, path: string, where: { section: Section; home: Section }): void {
    const read = isReadAnyway(entry.key, where.section) ? 'It is read all the same.' : 'It has no effect here.';
    const message = `${path} belongs under ${where.home.place}. ${read}`;
    this.#findings.report('misplaced-key', { message, hint: `Move it to ${where.home.place}.`, path, at: entry.keyAt });
  }

  #stranger(entry: MapEntry, path: string, section: Section): void {
    const [near] = nearest(entry.key, section.keys.keys(), 1);
    const hint = near === undefined ? undefined : `Did you mean \`${near}\`?`;
    const effect =
      section === SECTIONS.litellmParams ? 'it is sent upstream as a request parameter' : 'it has no effect';
    const message = `Neither LiteLLM nor Waymark knows ${path}: ${effect}.`;
    this.#findings.report('unknown-key', { message, hint, path, at: entry.keyAt });
  }

  finish(): void {
    for (const { known, entry, path, count } of this.#idle.values()) {
      const more = count > 1 ? ` (and in ${count - 1} more ${count === 2 ? 'place' : 'places'})` : '';
      const coming = known.status === 'coming';
      const message = coming
        ? `${path} is read and explained, and not acted on yet${more}.`
        : `${path} is a key of LiteLLM that Waymark does not act on${more}.`;
      this.#findings.report(coming ? 'not-acted-on-yet' : 'not-supported-yet', { message, path, at: entry.keyAt });
    }
  }
}

/** Nothing to tell: null, false, an empty list or map, and the one strategy that Waymark has. */
function isIdleValue(node: ConfigNode): boolean {
  if (isNothing(node)) return true;
  if (node.kind === 'scalar') return node.value === false || node.value === 'simple-shuffle';
  return node.kind === 'list' ? node.items.length === 0 : node.entries.size === 0;
}

/** Kinds of errors within a setting: what is said of the setting holds for them. */
const POLICIES: ReadonlySet<Section> = new Set([SECTIONS.retryPolicy, SECTIONS.allowedFailsPolicy]);
const SETTINGS: readonly Section[] = [SECTIONS.routerSettings, SECTIONS.litellmSettings, SECTIONS.generalSettings];
const DEPLOYMENT: readonly Section[] = [SECTIONS.litellmParams, SECTIONS.modelInfo, SECTIONS.modelEntry];

/** The section that knows a key which `section` does not; inside a deployment only keys that Waymark acts on count. */
function homeOf(key: string, section: Section): Section | undefined {
  const inDeployment = DEPLOYMENT.includes(section);
  const candidates = inDeployment
    ? [...DEPLOYMENT, ...SETTINGS, SECTIONS.topLevel]
    : [SECTIONS.topLevel, ...SETTINGS, ...DEPLOYMENT];
  return candidates.find((candidate) => {
    if (candidate === section) return false;
    const known = candidate.keys.get(key);
    if (known === undefined) return false;
    const bare = section === SECTIONS.modelInfo || section === SECTIONS.litellmParams;
    return !bare || known.status === 'acts' || known.status === 'coming' || known.status === 'kept';
  });
}

const READ_ANYWHERE = new Set([
  'timeout',
  'request_timeout',
  'stream_timeout',
  'num_retries',
  'drop_params',
  'master_key',
]);
const CHAINS = new Set([
  'fallbacks',
  'context_window_fallbacks',
  'content_policy_fallbacks',
  'default_fallbacks',
  'model_group_alias',
]);

function isReadAnyway(key: string, section: Section): boolean {
  if (key === 'master_key') return section === SECTIONS.litellmSettings;
  return SETTINGS.includes(section) && (READ_ANYWHERE.has(key) || CHAINS.has(key));
}
