import { GatewayError } from '../../core/errors/gateway-error.ts';
import type { Given } from '../build/build.ts';
import { mintedFor, newKey, regeneratedKey, updatedKey } from '../build/key.ts';
import { can } from '../can.ts';
import type { KeyContext, KeyRecord } from '../contract.ts';
import type { KeyFields } from '../fields/key-bodies.ts';
import type { MintedKey } from '../mint.ts';
import { isProxyAdmin } from '../subject.ts';
import { actsForAnother, CALLS_ONLY, refuseActingFor } from './acting-for.ts';
import { buildContext, may, type AccountsParts, type Ask } from './ask.ts';
import { auditEntry } from './audit.ts';
import { builtOrRefused, fieldRefused, notFound, notPermitted } from './refusals.ts';
import { expectations, inScopes, permittedKey, refuseExcess } from './scopes.ts';

/** A key as it now is, with its scopes. */
export interface KeyChange {
  readonly context: KeyContext;
  /** The key as it was; absent: it is new. */
  readonly was?: KeyRecord;
}

/** A key just made: the one time that the key itself is known. */
export interface KeyMade extends KeyChange {
  readonly minted: MintedKey;
}

type Fields = KeyFields & { readonly key?: string | null | undefined };

/** `POST /key/generate`, and with `serviceAccount` its sibling: a key of a team and of nobody in it. */
export async function makeKey(
  given: Given<Fields> & { readonly serviceAccount?: boolean },
  ask: Ask,
  parts: AccountsParts,
): Promise<KeyMade> {
  const minted = builtOrRefused(mintedFor(given.value.key, { field: 'key', randomBytes: parts.randomBytes }));
  const { serviceAccount = false } = given;
  const built = builtOrRefused(newKey(given, { minted, serviceAccount }, buildContext(ask, parts)));
  const key = callsOnly(serviceAccount ? built : { ...built, userId: built.userId ?? ownerOf(ask) }, ask);
  permitMaking(key, ask);
  refuseActingFor(key, ask);
  const context = await inScopes(key, parts);
  refuseExcess(context, ask, { parts });
  await parts.store.apply({
    put: { keys: [key] },
    createOnly: true,
    expect: expectations(context),
    audit: [auditEntry({ type: 'key', id: key.token, after: key }, ask, parts)],
  });
  return { context, minted };
}

/** Keys that somebody makes without a word of whose they are, are the maker's own; an administrator's are nobody's. */
function ownerOf({ caller }: Ask): string | null {
  return caller.subject.kind === 'master' || isProxyAdmin(caller.subject) ? null : caller.subject.userId;
}

/** Without a word of its routes, a key for somebody else makes calls only. */
function callsOnly(key: KeyRecord, ask: Ask): KeyRecord {
  const narrows = actsForAnother(key, ask) && key.allowedRoutes.length === 0;
  return narrows ? { ...key, allowedRoutes: CALLS_ONLY } : key;
}

/** Somebody else's team is told from one that does not exist by nothing. */
function permitMaking(key: KeyRecord, ask: Ask): void {
  const { userId, teamId } = key;
  if (may(ask, { userId, teamId })) return;
  if (teamId !== null && !can(ask.caller.subject, 'team.read', { teamId })) throw notFound('team', 'team_id');
  throw notPermitted('You may not make this key. Make one for yourself, or ask an admin of the team.');
}

/** `POST /key/update`. */
export async function changeKey(
  given: Given<Fields & { readonly key: string }>,
  ask: Ask,
  parts: AccountsParts,
): Promise<KeyChange> {
  const was = await permittedKey({ key: given.value.key, param: 'key' }, ask, parts);
  const key = builtOrRefused(updatedKey(given, was.key, buildContext(ask, parts)));
  permitMove(was.key, key, ask);
  // Whoever made the key may know it: its routes are widened by no other hand than its user's.
  if (String(key.allowedRoutes) !== String(was.key.allowedRoutes)) refuseActingFor(key, ask);
  const context = await inScopes(key, parts);
  refuseExcess(context, ask, { parts, was });
  await parts.store.apply({
    put: { keys: [key] },
    expect: [...expectations(context), ...asRead(was.key)],
    audit: [auditEntry({ type: 'key', id: key.token, before: was.key, after: key }, ask, parts)],
  });
  return { context, was: was.key };
}

/** Policy tags never fall off a living key unseen: only a proxy admin moves it to another team, project or owner. */
function permitMove(was: KeyRecord, key: KeyRecord, ask: Ask): void {
  if (isProxyAdmin(ask.caller.subject)) return;
  const fields = [
    ['team_id', was.teamId, key.teamId],
    ['project_id', was.projectId, key.projectId],
    ['user_id', was.userId, key.userId],
  ] as const;
  const moved = fields.find(([, from, to]) => from !== to);
  if (moved === undefined) return;
  throw notPermitted(
    `Only a proxy admin changes the ${moved[0]} of a key: what binds a key must not fall off it.`,
    moved[0],
  );
}

function asRead(key: KeyRecord): { type: 'key'; id: string; updatedAt: number }[] {
  return [{ type: 'key', id: key.token, updatedAt: key.updatedAt }];
}

/** `POST /key/block` and `/key/unblock`. */
export async function blockKey(
  { key: named, blocked }: { readonly key: string; readonly blocked: boolean },
  ask: Ask,
  parts: AccountsParts,
): Promise<KeyChange> {
  const was = await permittedKey({ key: named, param: 'key' }, ask, parts);
  const { now, actor } = buildContext(ask, parts);
  const key = { ...was.key, blocked, updatedAt: Math.max(now, was.key.updatedAt + 1), updatedBy: actor };
  const action = blocked ? 'blocked' : 'unblocked';
  await parts.store.apply({
    put: { keys: [key] },
    expect: asRead(was.key),
    audit: [auditEntry({ type: 'key', id: key.token, before: was.key, after: key, action }, ask, parts)],
  });
  return { context: { ...was, key } };
}

/** `POST /key/delete`: all that are named, or none. Returns what the caller named them by. */
export async function deleteKeys(
  { keys = [], aliases = [] }: { readonly keys?: readonly string[]; readonly aliases?: readonly string[] },
  ask: Ask,
  parts: AccountsParts,
): Promise<readonly string[]> {
  const found = new Map<string, KeyRecord>();
  for (const [index, key] of keys.entries()) {
    const { key: record } = await permittedKey({ key, param: `keys[${index}]` }, ask, parts);
    found.set(record.token, record);
  }
  for (const [index, alias] of aliases.entries()) {
    const record = await parts.store.findKeyByAlias(alias);
    const param = `key_aliases[${index}]`;
    if (record === undefined) throw notFound('key', param);
    await permittedKey({ key: record.token, param }, ask, parts);
    found.set(record.token, record);
  }
  const records = [...found.values()];
  await parts.store.apply({
    remove: { key: records.map(({ token }) => token) },
    audit: records.map((before) => auditEntry({ type: 'key', id: before.token, before }, ask, parts)),
  });
  return records.map(({ token }) => token);
}

type RegenerateFields = KeyFields & {
  readonly new_key?: string | null | undefined;
  readonly grace_period?: string | null | undefined;
};

/** `POST /key/{key}/regenerate`: another key in the place of one. Its grants are measured whole, for the caller learns the new key. */
export async function regenerateKey(
  { named, given }: { readonly named: string; readonly given: Given<RegenerateFields> },
  ask: Ask,
  parts: AccountsParts,
): Promise<KeyMade> {
  const was = await permittedKey({ key: named, param: 'key' }, ask, parts);
  const { randomBytes, store } = parts;
  const minted = builtOrRefused(mintedFor(given.value.new_key, { field: 'new_key', randomBytes }));
  const { next, old } = builtOrRefused(regeneratedKey(given, { was: was.key, minted }, buildContext(ask, parts)));
  permitMove(was.key, next, ask);
  refuseActingFor(next, ask);
  const context = await inScopes(next, parts);
  refuseExcess(context, ask, { parts });
  // Both rows are put, so that the store cannot be told to refuse what exists: a key that somebody brings along may.
  if ((await store.findKey(next.token)) !== undefined) throw taken('new_key');
  const entry = auditEntry(
    { type: 'key', id: was.key.token, before: was.key, after: next, action: 'regenerated' },
    ask,
    parts,
  );
  await store.apply({
    put: { keys: old === undefined ? [next] : [old, next] },
    ...(old === undefined ? { remove: { key: [was.key.token] } } : {}),
    expect: [...expectations(context), ...asRead(was.key)],
    audit: [entry],
  });
  return { context, minted };
}

function taken(param: string): GatewayError {
  return new GatewayError('already_exists', { message: `${param} is taken. Choose another, or leave it out.`, param });
}

/** `GET /key/info`: the key that is named, or the one that asks. */
export async function readKey(named: string | undefined, ask: Ask, parts: AccountsParts): Promise<KeyContext> {
  const own = ask.caller.context?.key.token;
  const key = named ?? own;
  if (key === undefined) {
    const message = 'key is missing: the master key has no entry of its own. Send ?key= with a key or its hash.';
    throw fieldRefused({ code: 'missing_field', field: 'key', message });
  }
  return await permittedKey({ key, param: 'key' }, ask, parts);
}
