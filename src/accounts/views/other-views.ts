import type { AuditEntry, JsonObject, ModelRecord, TagRecord } from '../contract.ts';
import { limitsRow, stampRow, timeOf, type Spent } from './row-parts.ts';

export function tagRow(tag: TagRecord, spent?: Spent): JsonObject {
  const limits = limitsRow(tag, spent);
  return {
    model_info: null,
    ...tag.extra,
    name: tag.name,
    description: tag.description,
    models: tag.models,
    ...limits,
    litellm_budget_table: limits['max_budget'] === null && limits['soft_budget'] === null ? null : limits,
    ...stampRow(tag),
  };
}

/** A stored deployment as `/model/info` shows it: without credentials. */
export function modelRow(model: Omit<ModelRecord, 'sealedCredentials'>): JsonObject {
  return {
    model_id: model.id,
    model_name: model.modelName,
    litellm_params: model.params,
    model_info: { ...model.modelInfo, id: model.id, db_model: true, ...stampRow(model) },
    ...stampRow(model),
  };
}

export function auditRow(entry: AuditEntry): JsonObject {
  return {
    id: entry.id,
    at: timeOf(entry.at),
    actor: entry.actor,
    action: entry.action,
    object_type: entry.objectType,
    object_id: entry.objectId,
    before: entry.before,
    after: entry.after,
  };
}
