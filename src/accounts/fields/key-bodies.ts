import { z } from 'zod';
import { acted, ignored, refused, required, stored, unenforced } from './field.ts';
import { FINER_LIMIT_FIELDS, LIMIT_FIELDS } from './limit-fields.ts';
import { TAG_GRANT_FIELDS } from './tag-fields.ts';
import * as of from './values.ts';

const COUNTED = 'Spending is counted by the gateway.';
const NO_GROUP = 'Access groups of the config count; name them in `models`.';

const keyType = z.enum(['default', 'llm_api', 'management', 'read_only']);

/** Fields of a key that may be set at its creation and later. */
const KEY_FIELDS = {
  key_alias: acted(of.name, 'A name of its own among all keys.'),
  duration: acted(
    of.lifetime,
    'How long the key lives from now: `30s`, `24h`, `7d`, `2w`, `1mo`. Null or `-1`: for ever.',
  ),
  expires: acted(of.moment, 'When the key ends, as ISO 8601; in place of `duration`.'),
  models: acted(
    of.models,
    'Groups, wildcards and access groups that the key may use; `all-team-models`. Empty: all of its team.',
  ),
  user_id: acted(of.name, 'The user whose key it is.'),
  team_id: acted(of.name, 'The team that the key belongs to. Only a proxy admin changes it later.'),
  project_id: acted(of.name, 'The project of the team that the key belongs to.'),
  aliases: acted(of.aliases, 'Other names that the key gives to groups.'),
  blocked: acted(of.flag, 'True: the key may not be used.'),
  allowed_routes: acted(of.names, 'Paths (`/v1/chat/completions`, `/v1/*`) or names of groups of them. Empty: all.'),
  key_type: acted(keyType, 'A short form of `allowed_routes`.'),
  ...TAG_GRANT_FIELDS,
  ...LIMIT_FIELDS,
  ...FINER_LIMIT_FIELDS,
  permissions: unenforced(of.anyObject, 'Permissions of LiteLLM by name.'),
  tpm_limit_type: stored(of.freeText, 'How firmly `tpm_limit` holds.'),
  rpm_limit_type: stored(of.freeText, 'How firmly `rpm_limit` holds.'),
  tag_tpm_limit: stored(of.anyObject, 'Tokens a minute by tag.'),
  tag_rpm_limit: stored(of.anyObject, 'Requests a minute by tag.'),
  organization_id: stored(of.name, 'There are no organisations above teams.'),
  agent_id: stored(of.name, 'An agent of LiteLLM.'),
  budget_id: stored(of.name, 'A budget of LiteLLM by id.'),
  config: stored(of.anyObject, 'Settings of LiteLLM for one key.'),
  guardrails: stored(of.anyList, 'Guardrails by name.'),
  disable_global_guardrails: stored(of.flag, 'Guardrails.'),
  policies: stored(of.anyList, 'Policies by name.'),
  prompts: stored(of.anyList, 'Prompts by name.'),
  enforced_params: stored(of.names, 'Fields that every call must have.'),
  allowed_cache_controls: stored(of.anyList, 'Cache controls that a call may send.'),
  allowed_passthrough_routes: stored(of.anyList, 'Pass-through routes.'),
  allowed_vector_store_indexes: stored(of.anyList, 'Vector stores.'),
  allowed_model_region: stored(of.freeText, 'A region. Tag the deployments of the region and give the key that tag.'),
  object_permission: stored(of.anyObject, 'Permissions for MCP servers, vector stores and agents.'),
  access_group_ids: stored(of.names, NO_GROUP),
  auto_rotate: stored(of.flag, 'Regular regeneration.'),
  rotation_interval: stored(of.freeText, 'Regular regeneration.'),
  spend: ignored(of.anyNumber, COUNTED),
  send_invite_email: ignored(of.flag, 'No e-mail is sent.'),
};

const CUSTOM_KEY = 'A key of your own: `sk-` and visible ASCII, at least 16 characters. Left out: one is made.';
const ANY_KEY = 'The key, or its hash.';

/** `POST /key/generate`. */
export const keyGenerate = z.strictObject({ key: acted(z.string(), CUSTOM_KEY), ...KEY_FIELDS });

const { user_id: _owner, ...UNOWNED_FIELDS } = KEY_FIELDS;

/** `POST /key/service-account/generate`: a key of a team and of nobody in it. */
export const keyServiceAccount = z.strictObject({
  key: acted(z.string(), CUSTOM_KEY),
  ...UNOWNED_FIELDS,
  team_id: required(of.name, 'The team that the key belongs to.'),
});

/** `POST /key/update`. What is left out stays; an explicit null deletes. */
export const keyUpdate = z.strictObject({
  key: required(z.string().min(1, 'is empty'), ANY_KEY),
  ...KEY_FIELDS,
  temp_budget_increase: stored(of.usd, 'A budget for some time.'),
  temp_budget_expiry: stored(of.freeText, 'Until when a budget holds.'),
});

/** `POST /key/regenerate` and `POST /key/{key}/regenerate`: a new key with the fields of the old one, changed by those given. */
export const keyRegenerate = z.strictObject({
  key: acted(z.string().min(1, 'is empty'), ANY_KEY),
  new_key: acted(z.string(), CUSTOM_KEY),
  grace_period: acted(of.grace, 'How long the old key goes on: `24h`. Left out: not at all.'),
  new_master_key: refused('The master key stands in the config or in the environment: change it there.'),
  ...KEY_FIELDS,
});

/** `POST /key/delete`: by keys (or hashes) or by aliases. */
export const keyDelete = z.strictObject({
  keys: acted(z.array(z.string().min(1, 'is empty')), 'Keys, or their hashes.'),
  key_aliases: acted(of.names, 'Aliases of keys.'),
});

/** `POST /key/block` and `POST /key/unblock`. */
export const keyBlock = z.strictObject({ key: required(z.string().min(1, 'is empty'), ANY_KEY) });

export type KeyFields = Omit<z.output<typeof keyGenerate>, 'key'>;
