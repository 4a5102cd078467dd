import type { JsonObject, KeyRecord, ProjectRecord, TeamMember, TeamRecord } from '../contract.ts';
import { keyRow } from './key-views.ts';
import { grantRow, limitsRow, moneyOf, stampRow, type Spent } from './row-parts.ts';

/** LiteLLM's fields that its clients expect in every row, whether or not anything is stored there. */
const EXPECTED: JsonObject = { organization_id: null, object_permission: null };

export function teamRow(team: TeamRecord, spent?: Spent): JsonObject {
  const idsWith = (role: TeamMember['role']): string[] =>
    team.members.filter((each) => each.role === role).map((each) => each.userId);
  return {
    ...EXPECTED,
    ...team.extra,
    team_id: team.teamId,
    team_alias: team.alias,
    admins: idsWith('admin'),
    members: idsWith('user'),
    members_with_roles: team.members.map(({ userId, role }) => ({ user_id: userId, user_email: null, role })),
    team_member_permissions: team.memberPermissions,
    models: team.models,
    model_aliases: team.modelAliases,
    blocked: team.blocked,
    ...grantRow(team),
    ...limitsRow(team, spent),
    ...stampRow(team),
  };
}

/** The answer to `/team/info`. `keys`: those that the asker may see. */
export function teamInfo(team: TeamRecord, keys: readonly KeyRecord[], spent?: Spent): JsonObject {
  return {
    team_id: team.teamId,
    team_info: teamRow(team, spent),
    keys: keys.map((key) => keyRow(key)),
    team_memberships: membershipsOf(team),
  };
}

/** An entry of `/team/list`: the row with its keys and memberships in it. */
export function teamListEntry(team: TeamRecord, keys: readonly KeyRecord[]): JsonObject {
  return { ...teamRow(team), keys: keys.map((key) => keyRow(key)), team_memberships: membershipsOf(team) };
}

export function membershipsOf(team: TeamRecord): readonly JsonObject[] {
  return team.members.map(({ userId, role, maxBudgetNano }) => ({
    user_id: userId,
    team_id: team.teamId,
    role,
    spend: null,
    budget_id: null,
    litellm_budget_table: maxBudgetNano === null ? null : { max_budget: moneyOf(maxBudgetNano) },
  }));
}

export function projectRow(project: ProjectRecord, spent?: Spent): JsonObject {
  return {
    description: null,
    object_permission: null,
    ...project.extra,
    project_id: project.projectId,
    project_alias: project.alias,
    team_id: project.teamId,
    models: project.models,
    blocked: project.blocked,
    ...grantRow(project),
    ...limitsRow(project, spent),
    ...stampRow(project),
  };
}
