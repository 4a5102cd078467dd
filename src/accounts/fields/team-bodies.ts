import { z } from 'zod';
import { acted, ignored, required, stored } from './field.ts';
import { FINER_LIMIT_FIELDS, LIMIT_FIELDS } from './limit-fields.ts';
import { TAG_GRANT_FIELDS } from './tag-fields.ts';
import * as of from './values.ts';

const TEAM_FIELDS = {
  team_alias: acted(of.name, 'A name for people to read.'),
  models: acted(of.models, 'Groups, wildcards and access groups that keys of the team may use. Empty: all.'),
  model_aliases: acted(of.aliases, 'Other names that the team gives to groups.'),
  team_member_permissions: acted(of.names, 'Management routes that plain members may use: `/key/generate` ...'),
  blocked: acted(of.flag, 'True: no key of the team may be used.'),
  ...TAG_GRANT_FIELDS,
  ...LIMIT_FIELDS,
  ...FINER_LIMIT_FIELDS,
  team_member_budget: stored(of.usd, 'A budget for each member.'),
  team_member_budget_duration: stored(of.freeText, 'When the budgets of members begin again.'),
  team_member_tpm_limit: stored(of.count, 'Tokens a minute for each member.'),
  team_member_rpm_limit: stored(of.count, 'Requests a minute for each member.'),
  team_member_key_duration: stored(of.freeText, 'How long keys of members live.'),
  tpm_limit_type: stored(of.freeText, 'How firmly `tpm_limit` holds.'),
  rpm_limit_type: stored(of.freeText, 'How firmly `rpm_limit` holds.'),
  organization_id: stored(of.name, 'There are no organisations above teams.'),
  guardrails: stored(of.anyList, 'Guardrails by name.'),
  disable_global_guardrails: stored(of.flag, 'Guardrails.'),
  policies: stored(of.anyList, 'Policies by name.'),
  prompts: stored(of.anyList, 'Prompts by name.'),
  object_permission: stored(of.anyObject, 'Permissions for MCP servers, vector stores and agents.'),
  access_group_ids: stored(of.names, 'Access groups of the config count; name them in `models`.'),
  allowed_passthrough_routes: stored(of.anyList, 'Pass-through routes.'),
  allowed_vector_store_indexes: stored(of.anyList, 'Vector stores.'),
  secret_manager_settings: stored(of.anyObject, 'A secret manager.'),
  spend: ignored(of.anyNumber, 'Spending is counted by the gateway.'),
};

const memberRole = z.enum(['admin', 'user']);

const TEAM_ID = required(of.name, 'The team.');
const USER_ID = acted(of.name, 'The user by id.');
const USER_EMAIL = acted(of.name, 'The user by e-mail address, in place of the id.');

const member = z.strictObject({
  role: required(memberRole, 'What the user is in the team.'),
  user_id: USER_ID,
  user_email: USER_EMAIL,
});

/** `POST /team/new`. */
export const teamNew = z.strictObject({
  team_id: acted(of.name, 'An id of your own. Left out: one is made.'),
  members_with_roles: acted(z.array(member), 'The first members. Whoever makes the team becomes an admin of it too.'),
  admins: acted(of.names, 'Ids of users that become admins of the team.'),
  members: acted(of.names, 'Ids of users that become plain members.'),
  ...TEAM_FIELDS,
});

/** `POST /team/update`. What is left out stays; an explicit null deletes. */
export const teamUpdate = z.strictObject({ team_id: TEAM_ID, ...TEAM_FIELDS });

/** `POST /team/delete`. The keys and projects of the teams go with them. */
export const teamDelete = z.strictObject({ team_ids: required(of.names, 'The teams.') });

/** `POST /team/block` and `POST /team/unblock`. */
export const teamBlock = z.strictObject({ team_id: TEAM_ID });

const memberBudget = acted(of.usd, 'Most that the member may spend in the team, in US dollars.');
const MEMBER_LIMITS = {
  tpm_limit: stored(of.count, 'Tokens a minute of the member.'),
  rpm_limit: stored(of.count, 'Requests a minute of the member.'),
};

/** `POST /team/member_add`: one member or several. */
export const teamMemberAdd = z.strictObject({
  team_id: TEAM_ID,
  member: required(z.union([member, z.array(member).min(1, 'is empty')]), 'One member, or a list.'),
  max_budget_in_team: memberBudget,
  ...MEMBER_LIMITS,
});

/** `POST /team/member_update`. */
export const teamMemberUpdate = z.strictObject({
  team_id: TEAM_ID,
  user_id: USER_ID,
  user_email: USER_EMAIL,
  role: acted(memberRole, 'What the user is in the team.'),
  max_budget_in_team: memberBudget,
  ...MEMBER_LIMITS,
});

/** `POST /team/member_delete`. */
export const teamMemberDelete = z.strictObject({ team_id: TEAM_ID, user_id: USER_ID, user_email: USER_EMAIL });

export type TeamFields = Omit<z.output<typeof teamUpdate>, 'team_id'>;
export type TeamNewBody = z.output<typeof teamNew>;
