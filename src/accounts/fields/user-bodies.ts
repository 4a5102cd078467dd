import { z } from 'zod';
import { acted, ignored, refused, required, stored } from './field.ts';
import { FINER_LIMIT_FIELDS, LIMIT_FIELDS } from './limit-fields.ts';
import * as of from './values.ts';

const role = z.enum(['proxy_admin', 'proxy_admin_viewer', 'internal_user', 'internal_user_viewer']);

const USER_FIELDS = {
  user_email: acted(of.name, 'The e-mail address.'),
  user_alias: acted(of.name, 'A name for people to read.'),
  user_role: acted(role, 'What the user may do over the whole gateway. Left out: `internal_user`.'),
  models: acted(
    of.models,
    'Groups, wildcards and access groups that the personal keys of the user may use. Empty: all.',
  ),
  metadata: acted(of.anyObject, 'Free notes. An update merges them, and a null inside deletes its name.'),
  blocked: acted(of.flag, 'True: no key of the user may be used.'),
  ...LIMIT_FIELDS,
  ...FINER_LIMIT_FIELDS,
  organizations: stored(of.anyList, 'There are no organisations above teams.'),
  organization_id: stored(of.name, 'There are no organisations above teams.'),
  sso_user_id: stored(of.name, 'Single sign-on.'),
  budget_id: stored(of.name, 'A budget of LiteLLM by id.'),
  object_permission: stored(of.anyObject, 'Permissions for MCP servers, vector stores and agents.'),
  guardrails: stored(of.anyList, 'Guardrails by name.'),
  policies: stored(of.anyList, 'Policies by name.'),
  allowed_cache_controls: stored(of.anyList, 'Cache controls that a call may send.'),
  config: stored(of.anyObject, 'Settings of LiteLLM.'),
  permissions: stored(of.anyObject, 'Permissions of LiteLLM by name.'),
  spend: ignored(of.anyNumber, 'Spending is counted by the gateway.'),
  send_invite_email: ignored(of.flag, 'No e-mail is sent.'),
  password: refused('There is no log-in with a password. Give the user a key.'),
};

/** `POST /user/new`. Makes a key for the user too, unless `auto_create_key` is false. */
export const userNew = z.strictObject({
  user_id: acted(of.name, 'An id of your own. Left out: one is made.'),
  auto_create_key: acted(of.flag, 'False: no key is made. Left out: one is.'),
  teams: acted(of.names, 'Ids of teams that the user becomes a plain member of.'),
  key_alias: acted(of.name, 'Alias of the key that is made.'),
  duration: acted(of.lifetime, 'How long the key that is made lives.'),
  aliases: acted(of.aliases, 'Other names that the key that is made gives to groups.'),
  ...USER_FIELDS,
});

/** `POST /user/update`. What is left out stays; an explicit null deletes. */
export const userUpdate = z.strictObject({ user_id: required(of.name, 'The user.'), ...USER_FIELDS });

/** `POST /user/delete`. */
export const userDelete = z.strictObject({ user_ids: required(of.names, 'The users.') });

export type UserFields = Omit<z.output<typeof userUpdate>, 'user_id'>;
