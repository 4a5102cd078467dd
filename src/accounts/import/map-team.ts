import { isMemberRoute, newTeam } from '../build/team.ts';
import type { Json, JsonObject, TeamMember, TeamRecord } from '../contract.ts';
import { teamNew } from '../fields/team-bodies.ts';
import { nanoOf, usd } from '../fields/values.ts';
import { buildContextOf, grantFieldsOf, leftColumns, limitFieldsOf, readAs, trimmed } from './mapped.ts';
import type { MapContext, Mapped } from './mapped.ts';
import { fieldsOf, isBlank, isObject, jsonIn, listIn, stampsOf, textIn, textsOf } from './row.ts';

const FIELDS = ['models', 'blocked', 'model_max_budget', 'budget_limits', 'policies', 'access_group_ids'];
const TEXTS = ['team_id', 'organization_id'];
const LEFT = ['object_permission_id', 'tpd_limit', 'default_team_member_models', 'allow_team_guardrail_config'];

/** LiteLLM keeps the sessions of its admin pages as keys of this team. */
export const SESSION_TEAM = 'litellm-dashboard';
export const SESSION_REASON = "A session of LiteLLM's admin pages.";

export interface TeamContext extends MapContext {
  /** Ids of users by e-mail address. */
  readonly emails: ReadonlyMap<string, string>;
  /** Rows of LiteLLM's seats in teams, by team, then by user. */
  readonly seats: ReadonlyMap<string, ReadonlyMap<string, JsonObject>>;
  /** LiteLLM's rows of model aliases, by their id. */
  readonly aliases: ReadonlyMap<number, JsonObject>;
}

export function mapTeam(row: JsonObject, context: TeamContext): Mapped<TeamRecord> {
  const teamId = textIn(row, 'team_id') ?? '';
  if (teamId === SESSION_TEAM) return { kind: 'left', reason: SESSION_REASON };
  const listed = membersOf(row, context.emails);
  const grant = grantFieldsOf(row);
  const routes = listIn(row, 'team_member_permissions');
  const body = {
    ...limitFieldsOf(row, context.budgets),
    ...textsOf(row, TEXTS),
    ...trimmed(row, ['team_alias']),
    ...fieldsOf(row, FIELDS),
    ...grant.fields,
    ...aliasesOf(row, context.aliases),
    members_with_roles: listed.members,
    team_member_permissions: routes.filter(isMemberRoute),
  };
  const seats = context.seats.get(teamId) ?? new Map<string, JsonObject>();
  const unknownRoutes = routes.filter((route) => !isMemberRoute(route));
  return readAs({
    shape: teamNew,
    body,
    build: (given) => {
      const members = listed.members.map((member) => seated(member, seats, context.budgets));
      const built = newTeam(given, { teamId, members }, buildContextOf(context));
      return built.ok ? { ok: true, record: { ...built.record, ...stampsOf(row, context.now) } } : built;
    },
    notes: [
      ...grant.notes,
      ...listed.notes,
      ...seatNotes(seats, context.budgets),
      ...unknownRoutes.map(
        (route) => `team_member_permissions: ${JSON.stringify(route)} is nothing that members can be given here.`,
      ),
      ...leftColumns(row, LEFT),
    ],
  });
}

interface ListedMember extends Readonly<Record<string, Json>> {
  readonly user_id: string;
  readonly role: 'admin' | 'user';
}

/** The members by id, each once and in order. Someone who is listed twice keeps the higher role, as in LiteLLM. */
function membersOf(
  row: JsonObject,
  emails: TeamContext['emails'],
): { readonly members: readonly ListedMember[]; readonly notes: readonly string[] } {
  const members = new Map<string, ListedMember>();
  const notes: string[] = [];
  for (const each of listedIn(row)) {
    const userId = textIn(each, 'user_id') ?? emails.get(textIn(each, 'user_email') ?? '');
    if (userId === undefined) {
      notes.push('A member without a user is not carried over.');
      continue;
    }
    const role = each['role'] === 'admin' || members.get(userId)?.role === 'admin' ? 'admin' : 'user';
    members.set(userId, { user_id: userId, role });
  }
  return { members: [...members.values()], notes };
}

/** Rows of the time before `members_with_roles` have two lists of ids. */
function listedIn(row: JsonObject): readonly JsonObject[] {
  const listed = listIn(row, 'members_with_roles').filter(isObject);
  if (listed.length > 0) return listed;
  const admins = listIn(row, 'admins').map((id) => ({ user_id: id, role: 'admin' }));
  return [...admins, ...listIn(row, 'members').map((id) => ({ user_id: id, role: 'user' }))];
}

function seated(
  { user_id: userId, role }: ListedMember,
  seats: ReadonlyMap<string, JsonObject>,
  budgets: MapContext['budgets'],
): TeamMember {
  const budget = budgets.get(textIn(seats.get(userId) ?? {}, 'budget_id') ?? '');
  const given = usd.safeParse(budget?.['max_budget']);
  return { userId, role, maxBudgetNano: given.success ? nanoOf(given.data) : null };
}

const SEAT_LEFT = ['budget_duration', 'tpm_limit', 'rpm_limit', 'max_parallel_requests', 'allowed_models'];

function seatNotes(seats: ReadonlyMap<string, JsonObject>, budgets: MapContext['budgets']): readonly string[] {
  const left = [...seats.values()].flatMap((seat) => {
    const budget = budgets.get(textIn(seat, 'budget_id') ?? '') ?? {};
    const unread = isBlank(budget['max_budget'] ?? null) || usd.safeParse(budget['max_budget']).success;
    return [...(unread ? [] : ['max_budget']), ...Object.keys(fieldsOf(budget, SEAT_LEFT))];
  });
  return [...new Set(left)].map((column) => `${column} of a member has no counterpart and is not carried over.`);
}

function aliasesOf(row: JsonObject, tables: TeamContext['aliases']): JsonObject {
  const id = row['model_id'];
  const aliases = typeof id === 'number' ? jsonIn(tables.get(id) ?? {}, 'aliases') : null;
  return isBlank(aliases) ? {} : { model_aliases: aliases };
}
