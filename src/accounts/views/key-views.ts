import type { JsonObject, KeyRecord } from '../contract.ts';
import type { MintedKey } from '../mint.ts';
import { grantRow, limitsRow, stampRow, timeOf, type Spent } from './row-parts.ts';

/** LiteLLM's fields that its clients expect in every row, whether or not anything is stored there. */
const EXPECTED: JsonObject = {
  organization_id: null,
  budget_id: null,
  config: {},
  model_max_budget: {},
  model_spend: {},
  allowed_cache_controls: [],
  object_permission: null,
};

/** A key as `/key/info` and lists show it. Its hash stands in `token` and nowhere else. */
export function keyRow(key: KeyRecord, spent?: Spent): JsonObject {
  return {
    ...EXPECTED,
    ...key.extra,
    token: key.token,
    key_name: key.keyName,
    key_alias: key.alias,
    team_id: key.teamId,
    user_id: key.userId,
    project_id: key.projectId,
    models: key.models,
    aliases: key.aliases,
    expires: timeOf(key.expiresAt),
    blocked: key.blocked,
    service_account: key.serviceAccount,
    allowed_routes: key.allowedRoutes,
    permissions: key.permissions,
    replaced_by: key.replacedBy,
    ...grantRow(key),
    ...limitsRow(key, spent),
    ...stampRow(key),
  };
}

/** The answer to `/key/info`. LiteLLM repeats what was asked with, which may be the key itself: here it is always the hash. */
export function keyInfo(key: KeyRecord, spent?: Spent): JsonObject {
  return { key: key.token, info: keyRow(key, spent) };
}

/** The answer to `/key/generate` and its like: the one place where the key itself is shown. */
export function generatedKey(
  key: KeyRecord,
  { minted, warnings }: { minted: MintedKey; warnings: readonly string[] },
): JsonObject {
  return { ...keyRow(key), key: minted.key, token_id: key.token, litellm_budget_table: null, warnings };
}
