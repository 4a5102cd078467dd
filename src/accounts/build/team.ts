import { nearest } from '../../core/base/nearest.ts';
import type { TeamMember, TeamRecord, TeamRole } from '../contract.ts';
import { invalid, type FieldProblem } from '../fields/json-problem.ts';
import type { TeamFields, TeamNewBody } from '../fields/team-bodies.ts';
import { nanoOf } from '../fields/values.ts';
import { created, next, unique, updated, type BuildContext, type Built, type Given } from './build.ts';
import { limitsFrom, NO_LIMITS } from './limits.ts';
import { NO_GRANT, tagGrantFrom } from './tag-grant.ts';

export interface NewTeam {
  readonly teamId: string;
  readonly members: readonly TeamMember[];
}

export function newTeam(
  given: Given<TeamFields>,
  { teamId, members }: NewTeam,
  context: BuildContext,
): Built<TeamRecord> {
  const blank: TeamRecord = {
    teamId,
    members,
    alias: null,
    models: [],
    modelAliases: {},
    memberPermissions: [],
    blocked: false,
    ...NO_GRANT,
    ...NO_LIMITS,
    ...created(context),
  };
  return changed(given, blank, context);
}

export function updatedTeam(given: Given<TeamFields>, was: TeamRecord, context: BuildContext): Built<TeamRecord> {
  const built = changed(given, was, context);
  return built.ok ? { ok: true, record: { ...built.record, ...updated(was, context) } } : built;
}

/** The team with other members. */
export function withMembers(was: TeamRecord, members: readonly TeamMember[], context: BuildContext): TeamRecord {
  return { ...was, members, ...updated(was, context) };
}

function changed(given: Given<TeamFields>, was: TeamRecord, context: BuildContext): Built<TeamRecord> {
  const { value } = given;
  const grant = tagGrantFrom(given, was, context.prefix);
  if (!grant.ok) return grant;
  const memberPermissions = unique(next<readonly string[]>(value.team_member_permissions, was.memberPermissions, []));
  const problem = permissionProblem(memberPermissions);
  if (problem !== undefined) return { ok: false, problem };
  const record: TeamRecord = {
    ...was,
    ...grant.record,
    ...limitsFrom(value, was),
    alias: next(value.team_alias, was.alias, null),
    models: unique(next<readonly string[]>(value.models, was.models, [])),
    modelAliases: next(value.model_aliases, was.modelAliases, {}),
    blocked: next(value.blocked, was.blocked, false),
    memberPermissions,
  };
  return { ok: true, record };
}

/** Routes that LiteLLM lets a team open to its plain members. */
const MEMBER_ROUTES = ['/key/generate', '/key/update', '/key/delete', '/key/info', '/key/list']
  .concat(['/key/block', '/key/unblock', '/key/regenerate', '/key/service-account/generate'])
  .concat(['/team/daily/activity']);

export function isMemberRoute(route: unknown): route is string {
  return MEMBER_ROUTES.some((each) => each === route);
}

function permissionProblem(permissions: readonly string[]): FieldProblem | undefined {
  const index = permissions.findIndex((each) => !MEMBER_ROUTES.includes(each));
  if (index < 0) return undefined;
  const [near = MEMBER_ROUTES.join(', ')] = nearest(permissions[index] ?? '', MEMBER_ROUTES, 1);
  return invalid(`team_member_permissions[${index}]`, `is no route that members can be given. Write ${near}`);
}

/** A member as a body names it. */
export interface GivenMember {
  readonly role: TeamRole;
  readonly user_id?: string | null | undefined;
  readonly user_email?: string | null | undefined;
}

/** The members that `/team/new` names, and its creator as an admin. `emails`: ids of users by e-mail address. */
export function firstMembers(
  body: Pick<TeamNewBody, 'admins' | 'members' | 'members_with_roles'>,
  { creator, emails }: { creator: string | null; emails: ReadonlyMap<string, string> },
): Built<readonly TeamMember[]> {
  const listed: readonly GivenMember[] = [
    ...(body.members_with_roles ?? []),
    ...(body.admins ?? []).map((id) => ({ role: 'admin' as const, user_id: id })),
    ...(body.members ?? []).map((id) => ({ role: 'user' as const, user_id: id })),
  ];
  const built = readMembers(listed, { field: 'members_with_roles', emails });
  if (!built.ok || creator === null) return built;
  const others = built.record.filter((each) => each.userId !== creator);
  return { ok: true, record: [{ userId: creator, role: 'admin', maxBudgetNano: null }, ...others] };
}

export interface MemberReading {
  readonly field: string;
  /** Ids of users by e-mail address. */
  readonly emails: ReadonlyMap<string, string>;
  /** US dollars. */
  readonly maxBudget?: number | null | undefined;
}

/** Members as a body names them, by id or by the e-mail address of a user that exists; each once. */
export function readMembers(listed: readonly GivenMember[], reading: MemberReading): Built<readonly TeamMember[]> {
  const members = new Map<string, TeamMember>();
  for (const [index, each] of listed.entries()) {
    const field = listed.length === 1 ? reading.field : `${reading.field}[${index}]`;
    const userId = memberId(each, reading.emails);
    if (userId === undefined) return { ok: false, problem: invalid(field, unknownMember(each)) };
    if (members.has(userId)) return { ok: false, problem: invalid(field, 'names a user a second time') };
    const maxBudgetNano = reading.maxBudget == null ? null : nanoOf(reading.maxBudget);
    members.set(userId, { userId, role: each.role, maxBudgetNano });
  }
  return { ok: true, record: [...members.values()] };
}

/** The user that `user_id` or `user_email` names; undefined: nobody. */
export function memberId(
  { user_id: id, user_email: email }: Pick<GivenMember, 'user_id' | 'user_email'>,
  emails: ReadonlyMap<string, string>,
): string | undefined {
  return id ?? (email == null ? undefined : emails.get(email));
}

function unknownMember({ user_email: email }: GivenMember): string {
  return email == null
    ? 'names no user. Send user_id or user_email'
    : 'has an e-mail address that no user has. Make the user first, or send user_id';
}
