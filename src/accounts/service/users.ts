import type { Given } from '../build/build.ts';
import { mintedFor, newKey } from '../build/key.ts';
import { withMembers } from '../build/team.ts';
import { newUser, updatedUser } from '../build/user.ts';
import type { KeyRecord, TeamRecord, UserRecord } from '../contract.ts';
import { readBody } from '../fields/read-body.ts';
import { keyGenerate } from '../fields/key-bodies.ts';
import type { userNew, UserFields } from '../fields/user-bodies.ts';
import type { MintedKey } from '../mint.ts';
import type { z } from 'zod';
import { buildContext, type AccountsParts, type Ask } from './ask.ts';
import { auditEntry } from './audit.ts';
import { builtOrRefused, notFound } from './refusals.ts';
import { permit, permitAtAll } from './scopes.ts';
import { keysOf } from './teams.ts';

/** A user just made; with its first key, unless none was wanted. */
export interface UserMade {
  readonly user: UserRecord;
  readonly teams: readonly TeamRecord[];
  readonly key: { readonly record: KeyRecord; readonly minted: MintedKey } | null;
}

/** `POST /user/new`. */
export async function makeUser(
  given: Given<z.output<typeof userNew>>,
  ask: Ask,
  parts: AccountsParts,
): Promise<UserMade> {
  permitAtAll(ask);
  const { value } = given;
  const context = buildContext(ask, parts);
  const userId = value.user_id ?? parts.newId();
  const user = newUser(given, userId, context);
  const teams = await teamsNamed(value.teams ?? [], parts);
  const joined = teams.map((team) =>
    withMembers(team, [...team.members, { userId, role: 'user', maxBudgetNano: null }], context),
  );
  const key = value.auto_create_key === false ? null : firstKey(given, userId, { ask, parts });
  await parts.store.apply({
    put: { users: [user], ...(key === null ? {} : { keys: [key.record] }) },
    createOnly: true,
    audit: [
      auditEntry({ type: 'user', id: userId, after: user }, ask, parts),
      ...(key === null ? [] : [auditEntry({ type: 'key', id: key.record.token, after: key.record }, ask, parts)]),
    ],
  });
  // `createOnly` holds for a whole change, and teams exist.
  if (joined.length > 0) {
    await parts.store.apply({
      put: { teams: joined },
      expect: teams.map((team) => ({ type: 'team', id: team.teamId, updatedAt: team.updatedAt })),
      audit: joined.map((after, index) =>
        auditEntry({ type: 'team', id: after.teamId, before: teams[index] ?? after, after }, ask, parts),
      ),
    });
  }
  return { user, teams: joined, key };
}

async function teamsNamed(ids: readonly string[], { store }: AccountsParts): Promise<readonly TeamRecord[]> {
  const teams = await Promise.all([...new Set(ids)].map(async (id) => await store.getTeam(id)));
  return teams.map((team, index) => {
    if (team === undefined) throw notFound('team', `teams[${index}]`);
    return team;
  });
}

/** The key that LiteLLM makes along with a user: the user's own, with the models and limits of the body. */
function firstKey(
  { value }: Given<z.output<typeof userNew>>,
  userId: string,
  { ask, parts }: { ask: Ask; parts: AccountsParts },
): { record: KeyRecord; minted: MintedKey } {
  const { key_alias, duration, aliases, models, max_budget, budget_duration, tpm_limit, rpm_limit } = value;
  const { max_parallel_requests } = value;
  const limits = { max_budget, budget_duration, tpm_limit, rpm_limit, max_parallel_requests };
  const fields = { user_id: userId, key_alias, duration, aliases, models, ...limits };
  const reading = readBody(keyGenerate, JSON.parse(JSON.stringify(fields)));
  if (!reading.ok) throw new TypeError(`The fields of a user are none of a key: ${reading.problem.message}`);
  const minted = builtOrRefused(mintedFor(undefined, { field: 'key', randomBytes: parts.randomBytes }));
  return { record: builtOrRefused(newKey(reading, { minted }, buildContext(ask, parts))), minted };
}

/** The user that a field names, where the caller may do what it asks for; else 404, or 403 for one that it may see. */
export async function permittedUser(
  { userId, param = 'user_id' }: { readonly userId: string; readonly param?: string },
  ask: Ask,
  parts: AccountsParts,
): Promise<UserRecord> {
  const user = await parts.store.getUser(userId);
  if (user === undefined) throw notFound('user', param);
  permit(ask, { userId }, { type: 'user', param });
  return user;
}

/** `POST /user/update`. */
export async function changeUser(
  given: Given<UserFields & { readonly user_id: string }>,
  ask: Ask,
  parts: AccountsParts,
): Promise<UserRecord> {
  const was = await permittedUser({ userId: given.value.user_id }, ask, parts);
  const user = updatedUser(given, was, buildContext(ask, parts));
  await parts.store.apply({
    put: { users: [user] },
    expect: [{ type: 'user', id: was.userId, updatedAt: was.updatedAt }],
    audit: [auditEntry({ type: 'user', id: user.userId, before: was, after: user }, ask, parts)],
  });
  return user;
}

/** `POST /user/delete`: all that are named, with their personal keys and seats in teams, or none. */
export async function deleteUsers(
  userIds: readonly string[],
  ask: Ask,
  parts: AccountsParts,
): Promise<readonly UserRecord[]> {
  const users = new Map<string, UserRecord>();
  for (const [index, userId] of userIds.entries()) {
    users.set(userId, await permittedUser({ userId, param: `user_ids[${index}]` }, ask, parts));
  }
  const gone = [...users.values()];
  await parts.store.apply({
    remove: { user: gone.map(({ userId }) => userId) },
    audit: gone.map((before) => auditEntry({ type: 'user', id: before.userId, before }, ask, parts)),
  });
  return gone;
}

/** A user with the keys that the caller may see, and teams. */
export async function readUser(
  named: string | undefined,
  ask: Ask,
  parts: AccountsParts,
): Promise<{ readonly user: UserRecord; readonly keys: readonly KeyRecord[]; readonly teams: readonly TeamRecord[] }> {
  const { subject } = ask.caller;
  const userId = named ?? (subject.kind === 'master' ? null : subject.userId);
  if (userId === null) throw notFound('user', 'user_id');
  const user = await permittedUser({ userId }, ask, parts);
  const [keys, teams] = await Promise.all([keysOf({ userId }, ask, parts), parts.store.teamsOfUser(userId)]);
  return { user, keys, teams };
}
