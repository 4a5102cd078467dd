import type { Given } from '../build/build.ts';
import {
  firstMembers,
  memberId,
  newTeam,
  readMembers,
  updatedTeam,
  withMembers,
  type GivenMember,
} from '../build/team.ts';
import type { KeyRecord, TeamMember, TeamRecord } from '../contract.ts';
import type { TeamFields, TeamNewBody } from '../fields/team-bodies.ts';
import { nanoOf } from '../fields/values.ts';
import { buildContext, type AccountsParts, type Ask } from './ask.ts';
import { auditEntry } from './audit.ts';
import { builtOrRefused, notFound } from './refusals.ts';
import { listKeys } from './lists.ts';
import { permit, permitAtAll } from './scopes.ts';

/** Most keys that the answer about one team or user shows; `/key/list` pages through all. */
const MOST_KEYS = 500;

/** `POST /team/new`. */
export async function makeTeam(given: Given<TeamNewBody>, ask: Ask, parts: AccountsParts): Promise<TeamRecord> {
  permitAtAll(ask);
  const { value } = given;
  const emails = await idsOfEmails(value.members_with_roles ?? [], parts);
  const { subject } = ask.caller;
  const creator = subject.kind === 'master' ? null : subject.userId;
  const members = builtOrRefused(firstMembers(value, { creator, emails }));
  const teamId = value.team_id ?? parts.newId();
  const team = builtOrRefused(newTeam(given, { teamId, members }, buildContext(ask, parts)));
  await parts.store.apply({
    put: { teams: [team] },
    createOnly: true,
    audit: [auditEntry({ type: 'team', id: teamId, after: team }, ask, parts)],
  });
  return team;
}

/** The team that a field names, where the caller may do what it asks for; else 404, or 403 for one that it may see. */
export async function permittedTeam(
  { teamId, param = 'team_id' }: { readonly teamId: string; readonly param?: string },
  ask: Ask,
  parts: AccountsParts,
): Promise<TeamRecord> {
  const team = await parts.store.getTeam(teamId);
  if (team === undefined) throw notFound('team', param);
  permit(ask, { teamId }, { type: 'team', param });
  return team;
}

/** `POST /team/update`. */
export async function changeTeam(
  given: Given<TeamFields & { readonly team_id: string }>,
  ask: Ask,
  parts: AccountsParts,
): Promise<{ readonly team: TeamRecord; readonly was: TeamRecord }> {
  const was = await permittedTeam({ teamId: given.value.team_id }, ask, parts);
  const team = builtOrRefused(updatedTeam(given, was, buildContext(ask, parts)));
  return { team: await replace(was, team, { ask, parts }), was };
}

/** `POST /team/block` and `/team/unblock`. */
export async function blockTeam(
  { teamId, blocked }: { readonly teamId: string; readonly blocked: boolean },
  ask: Ask,
  parts: AccountsParts,
): Promise<TeamRecord> {
  const was = await permittedTeam({ teamId }, ask, parts);
  const team = { ...withMembers(was, was.members, buildContext(ask, parts)), blocked };
  return await replace(was, team, { ask, parts, action: blocked ? 'blocked' : 'unblocked' });
}

async function replace(
  was: TeamRecord,
  team: TeamRecord,
  { ask, parts, action }: { ask: Ask; parts: AccountsParts; action?: 'blocked' | 'unblocked' },
): Promise<TeamRecord> {
  const changed = { type: 'team', id: team.teamId, before: was, after: team } as const;
  await parts.store.apply({
    put: { teams: [team] },
    expect: [{ type: 'team', id: was.teamId, updatedAt: was.updatedAt }],
    audit: [auditEntry(action === undefined ? changed : { ...changed, action }, ask, parts)],
  });
  return team;
}

/** `POST /team/delete`: all that are named, with their keys and projects, or none. */
export async function deleteTeams(
  teamIds: readonly string[],
  ask: Ask,
  parts: AccountsParts,
): Promise<readonly TeamRecord[]> {
  const teams = new Map<string, TeamRecord>();
  for (const [index, teamId] of teamIds.entries()) {
    teams.set(teamId, await permittedTeam({ teamId, param: `team_ids[${index}]` }, ask, parts));
  }
  const gone = [...teams.values()];
  await parts.store.apply({
    remove: { team: gone.map(({ teamId }) => teamId) },
    audit: gone.map((before) => auditEntry({ type: 'team', id: before.teamId, before }, ask, parts)),
  });
  return gone;
}

export interface NewMembers {
  readonly teamId: string;
  readonly members: readonly GivenMember[];
  /** US dollars. */
  readonly maxBudget?: number | null | undefined;
}

/** `POST /team/member_add`. A user that is a member already gets the new role. */
export async function addMembers(added: NewMembers, ask: Ask, parts: AccountsParts): Promise<TeamRecord> {
  const was = await permittedTeam(added, ask, parts);
  const emails = await idsOfEmails(added.members, parts);
  const members = builtOrRefused(readMembers(added.members, { field: 'member', emails, maxBudget: added.maxBudget }));
  const ids = new Set(members.map(({ userId }) => userId));
  const others = was.members.filter(({ userId }) => !ids.has(userId));
  return await replace(was, withMembers(was, [...others, ...members], buildContext(ask, parts)), { ask, parts });
}

export interface NamedMember {
  readonly team_id: string;
  readonly user_id?: string | null | undefined;
  readonly user_email?: string | null | undefined;
}

export type MemberChange = NamedMember & {
  readonly role?: TeamMember['role'] | null | undefined;
  readonly max_budget_in_team?: number | null | undefined;
};

/** `POST /team/member_update`. */
export async function changeMember(change: MemberChange, ask: Ask, parts: AccountsParts): Promise<TeamRecord> {
  const { team, member } = await findMember(change, ask, parts);
  const { max_budget_in_team: budget } = change;
  const next: TeamMember = {
    ...member,
    role: change.role ?? member.role,
    ...(budget === undefined ? {} : { maxBudgetNano: budget === null ? null : nanoOf(budget) }),
  };
  const members = team.members.map((each) => (each.userId === member.userId ? next : each));
  return await replace(team, withMembers(team, members, buildContext(ask, parts)), { ask, parts });
}

/** `POST /team/member_delete`. The keys that the member made for the team stay the team's. */
export async function removeMember(named: NamedMember, ask: Ask, parts: AccountsParts): Promise<TeamRecord> {
  const { team, member } = await findMember(named, ask, parts);
  const members = team.members.filter((each) => each.userId !== member.userId);
  return await replace(team, withMembers(team, members, buildContext(ask, parts)), { ask, parts });
}

async function findMember(
  named: NamedMember,
  ask: Ask,
  parts: AccountsParts,
): Promise<{ team: TeamRecord; member: TeamMember }> {
  const team = await permittedTeam({ teamId: named.team_id }, ask, parts);
  const userId = memberId(named, await idsOfEmails([named], parts));
  const member = team.members.find((each) => each.userId === userId);
  if (member === undefined) throw notFound('user', named.user_id == null ? 'user_email' : 'user_id');
  return { team, member };
}

/** The users that have the e-mail addresses of a body. */
async function idsOfEmails(
  named: readonly Pick<NamedMember, 'user_email'>[],
  { store }: AccountsParts,
): Promise<ReadonlyMap<string, string>> {
  const ids = new Map<string, string>();
  for (const email of new Set(named.flatMap((each) => each.user_email ?? []))) {
    const [user] = (await store.listUsers({ email }, { size: 1 })).entries;
    if (user !== undefined) ids.set(email, user.userId);
  }
  return ids;
}

/** A team with those of its keys that the caller may see, the newest first. */
export async function readTeam(
  teamId: string,
  ask: Ask,
  parts: AccountsParts,
): Promise<{ readonly team: TeamRecord; readonly keys: readonly KeyRecord[] }> {
  const team = await permittedTeam({ teamId }, ask, parts);
  return { team, keys: await keysOf({ teamId }, ask, parts) };
}

/** The newest keys of a team or user within the caller's sight. */
export async function keysOf(
  filter: { readonly teamId?: string; readonly userId?: string },
  ask: Ask,
  parts: AccountsParts,
): Promise<readonly KeyRecord[]> {
  const wanted = { filter, query: { size: MOST_KEYS, sortBy: 'created_at', sortOrder: 'desc' } as const };
  return (await listKeys(wanted, ask, parts)).entries;
}
