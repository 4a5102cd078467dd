import { nearest } from '../../core/base/nearest.ts';
import type { KeyContext, KeyRecord } from '../contract.ts';
import { momentAfter } from '../duration.ts';
import { invalid, type FieldProblem } from '../fields/json-problem.ts';
import type { KeyFields } from '../fields/key-bodies.ts';
import { customKeyProblem, describeKey, mintKey, type MintedKey } from '../mint.ts';
import { created, next, unique, updated, type BuildContext, type Built, type Given } from './build.ts';
import { limitsFrom, NO_LIMITS } from './limits.ts';
import { NO_GRANT, tagGrantFrom } from './tag-grant.ts';

/** The key that somebody brought along (`key` or `new_key`), or a new one. `randomBytes` must be a cryptographic source. */
export function mintedFor(
  given: string | null | undefined,
  { field, randomBytes }: { field: 'key' | 'new_key'; randomBytes: (size: number) => Uint8Array },
): Built<MintedKey> {
  if (given === undefined || given === null) return { ok: true, record: mintKey(randomBytes) };
  const message = customKeyProblem(given);
  if (message !== undefined) return { ok: false, problem: { code: 'invalid_field', field, message } };
  return { ok: true, record: describeKey(given) };
}

export interface NewKey {
  readonly minted: Pick<MintedKey, 'token' | 'keyName'>;
  readonly serviceAccount?: boolean;
}

export function newKey(
  given: Given<KeyFields>,
  { minted, serviceAccount }: NewKey,
  context: BuildContext,
): Built<KeyRecord> {
  const blank: KeyRecord = {
    token: minted.token,
    keyName: minted.keyName,
    alias: null,
    teamId: null,
    userId: null,
    projectId: null,
    models: [],
    aliases: {},
    expiresAt: null,
    blocked: false,
    serviceAccount: serviceAccount === true,
    allowedRoutes: [],
    permissions: {},
    replacedBy: null,
    ...NO_GRANT,
    ...NO_LIMITS,
    ...created(context),
  };
  return changed(given, blank, context);
}

export function updatedKey(given: Given<KeyFields>, was: KeyRecord, context: BuildContext): Built<KeyRecord> {
  if (was.replacedBy !== null) {
    const message = 'This key was regenerated and only lives out its grace period. Change the key that took its place.';
    return { ok: false, problem: { code: 'invalid_field', field: 'key', message } };
  }
  const built = changed(given, was, context);
  return built.ok ? { ok: true, record: { ...built.record, ...updated(was, context) } } : built;
}

export interface Regeneration {
  readonly next: KeyRecord;
  /** The old key for the time of its grace period; undefined: it is to be deleted. */
  readonly old: KeyRecord | undefined;
}

/** A new key in place of `was`: all that `was` is, but for what is given. */
export function regeneratedKey(
  given: Given<KeyFields & { readonly grace_period?: string | null | undefined }>,
  { was, minted }: { was: KeyRecord; minted: MintedKey },
  context: BuildContext,
): Built<Regeneration> {
  const built = updatedKey(given, was, context);
  if (!built.ok) return built;
  const { token, keyName } = minted;
  const renewed = { ...built.record, token, keyName, ...created(context) };
  const end = momentAfter(context.now, given.value.grace_period ?? null) ?? context.now;
  if (end <= context.now) return { ok: true, record: { next: renewed, old: undefined } };
  const expiresAt = was.expiresAt === null ? end : Math.min(end, was.expiresAt);
  return {
    ok: true,
    record: { next: renewed, old: { ...was, expiresAt, replacedBy: token, ...updated(was, context) } },
  };
}

/** What is wrong with the scopes of a key taken together; undefined: nothing. */
export function scopeProblem({ key, team, project }: KeyContext): FieldProblem | undefined {
  if (key.teamId !== null && team === null) return invalid('team_id', 'names no team');
  if (key.projectId !== null && project === null) return invalid('project_id', 'names no project');
  if (project !== null && project.teamId !== key.teamId)
    return invalid('project_id', 'names a project of another team');
  return undefined;
}

function changed(given: Given<KeyFields>, was: KeyRecord, context: BuildContext): Built<KeyRecord> {
  const { value } = given;
  const grant = tagGrantFrom(given, was, context.prefix);
  if (!grant.ok) return grant;
  const expiry = expiryOf(value, was, context);
  if (!expiry.ok) return expiry;
  const routes = routesOf(value, was);
  if (!routes.ok) return routes;
  const record: KeyRecord = {
    ...was,
    ...grant.record,
    ...limitsFrom(value, was),
    alias: next(value.key_alias, was.alias, null),
    teamId: next(value.team_id, was.teamId, null),
    userId: next(value.user_id, was.userId, null),
    projectId: next(value.project_id, was.projectId, null),
    models: unique(next<readonly string[]>(value.models, was.models, [])),
    aliases: next(value.aliases, was.aliases, {}),
    blocked: next(value.blocked, was.blocked, false),
    // What stands in a body was JSON before it was read.
    permissions: next(value.permissions as KeyRecord['permissions'] | null | undefined, was.permissions, {}),
    expiresAt: expiry.record,
    allowedRoutes: routes.record,
  };
  return { ok: true, record };
}

function expiryOf({ duration, expires }: KeyFields, was: KeyRecord, { now }: BuildContext): Built<number | null> {
  if (duration != null && expires != null) {
    return { ok: false, problem: invalid('expires', 'stands beside duration. Send one of them') };
  }
  if (expires != null) return { ok: true, record: Date.parse(expires) };
  if (duration === undefined && expires === undefined) return { ok: true, record: was.expiresAt };
  return { ok: true, record: momentAfter(now, duration ?? null) ?? null };
}

const ROUTES_OF_TYPE: ReadonlyMap<string, readonly string[]> = new Map([
  ['llm_api', ['llm_api_routes']],
  ['management', ['management_routes']],
  ['read_only', ['info_routes']],
]);

/** LiteLLM's names for groups of routes. */
export const ROUTE_GROUPS: readonly string[] = [
  'llm_api_routes',
  'openai_routes',
  'anthropic_routes',
  'google_routes',
  'mcp_routes',
  'info_routes',
  'management_routes',
  'spend_tracking_routes',
  'mapped_pass_through_routes',
];

/** `key_type: default` leaves the routes as they are. */
function routesOf({ allowed_routes: given, key_type: type }: KeyFields, was: KeyRecord): Built<readonly string[]> {
  const ofType = ROUTES_OF_TYPE.get(type ?? '');
  if (ofType !== undefined && given != null && given.length > 0) {
    return { ok: false, problem: invalid('key_type', 'stands beside allowed_routes. Send one of them') };
  }
  const routes = ofType ?? given;
  const wrong = (routes ?? []).findIndex((route) => routeProblem(route) !== undefined);
  if (routes != null && wrong >= 0) {
    const clause = routeProblem(routes[wrong] ?? '') ?? '';
    return { ok: false, problem: invalid(`allowed_routes[${wrong}]`, clause) };
  }
  return { ok: true, record: unique(next<readonly string[]>(routes, was.allowedRoutes, [])) };
}

function routeProblem(route: string): string | undefined {
  if (/^\/[^*]*\*?$/.test(route) || ROUTE_GROUPS.includes(route)) return undefined;
  if (route.startsWith('/')) return 'has a * that is not its last character';
  const [near] = nearest(route, ROUTE_GROUPS, 1);
  return `is neither a path nor a group of routes${near === undefined ? '' : `. Did you mean ${near}?`}`;
}
