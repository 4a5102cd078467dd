import type { Json, JsonObject, Limits, TagGrant } from '../contract.ts';
import { usdOf } from '../fields/values.ts';

/** What the ledger says of a record, where it is asked. Nano-dollars; milliseconds since 1970. */
export interface Spent {
  readonly spendNano: number;
  readonly budgetResetAt: number | null;
}

/** ISO 8601 in UTC; null stays. */
export function timeOf(moment: number | null): string | null {
  return moment === null ? null : new Date(moment).toISOString();
}

export function moneyOf(nano: number | null): number | null {
  return nano === null ? null : usdOf(nano);
}

export function limitsRow(limits: Limits, spent?: Spent): JsonObject {
  return {
    spend: spent === undefined ? null : usdOf(spent.spendNano),
    max_budget: moneyOf(limits.maxBudgetNano),
    soft_budget: moneyOf(limits.softBudgetNano),
    budget_duration: limits.budgetDuration,
    budget_reset_at: timeOf(spent?.budgetResetAt ?? null),
    tpm_limit: limits.tpmLimit,
    rpm_limit: limits.rpmLimit,
    max_parallel_requests: limits.maxParallelRequests,
  };
}

/** The tags stand in both places where LiteLLM's clients look for them. */
export function grantRow(grant: TagGrant & { readonly metadata: JsonObject; readonly extra: JsonObject }): JsonObject {
  const { tags, metadata, extra, enableTagFiltering } = grant;
  const settings = (extra['router_settings'] ?? {}) as JsonObject;
  const routerSettings: JsonObject = {
    ...settings,
    ...(enableTagFiltering === null ? {} : { enable_tag_filtering: enableTagFiltering }),
  };
  return {
    tags,
    allowed_tags: grant.allowedTags,
    on_unpermitted_tag: grant.onUnpermittedTag,
    router_settings: Object.keys(routerSettings).length === 0 ? null : routerSettings,
    metadata: tags.length === 0 ? metadata : { ...metadata, tags },
  };
}

interface Stamps {
  readonly createdAt: number;
  readonly createdBy: string;
  readonly updatedAt: number;
  readonly updatedBy: string;
}

export function stampRow(stamps: Stamps): Record<string, Json> {
  return {
    created_at: timeOf(stamps.createdAt),
    created_by: stamps.createdBy,
    updated_at: timeOf(stamps.updatedAt),
    updated_by: stamps.updatedBy,
  };
}
