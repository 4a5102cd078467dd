import type { AccessGroups } from '../accounts/model-access.ts';
import type { Principal } from '../accounts/principal.ts';
import type { DeploymentConfig } from '../config/contract.ts';
import { nearest } from '../core/base/nearest.ts';
import { GatewayError } from '../core/errors/gateway-error.ts';
import { FALLBACK_FIELDS } from './fields.ts';
import type { Snapshot } from './snapshot.ts';
import { modelNames } from './visible-models.ts';

/** `model_info.access_groups`, turned round: the groups behind each name. */
export function accessGroupsOf(deployments: readonly DeploymentConfig[]): AccessGroups {
  const groups = new Map<string, Set<string>>();
  for (const { accessGroups, group } of deployments) {
    for (const name of accessGroups) {
      const behind = groups.get(name);
      if (behind === undefined) groups.set(name, new Set([group]));
      else behind.add(group);
    }
  }
  return groups;
}

/**
 * The name that routing is asked for: `asked` itself, or what the key or its team call so. Throws `model_not_permitted` where
 * the lists of models leave it out. What does not exist is refused in the very same words, so that nobody learns which
 * names there are beyond the lists.
 */
export function permittedModel(asked: string, principal: Principal, snapshot: Snapshot): string {
  const { account } = principal;
  if (account === undefined) return asked;
  const model = account.aliases.get(asked) ?? asked;
  if (mayUse(model, principal, snapshot)) return model;
  throw notPermitted(asked, 'model');
}

function notPermitted(asked: string, param: string): GatewayError {
  const message = `This key may not use the model ${shown(asked)}. GET /v1/models lists those that it may.`;
  const internal = `the lists of models of the key, its team, project or user leave out ${shown(asked)}`;
  return new GatewayError('model_not_permitted', { message, param, internal });
}

/** Whether the lists of models let a key into a group of the config, under whatever name it gets there. */
export function mayUseGroup(group: string, { account }: Principal, { accessGroups }: Snapshot): boolean {
  if (account === undefined || account.models.lists.length === 0) return true;
  return account.models.allows({ requested: undefined, group }, accessGroups);
}

/** By what the name stands for: the group, under its own name, an alias or a name that its wildcard covers; a deployment's id by its group. */
function mayUse(model: string, { account }: Principal, { table, accessGroups }: Snapshot): boolean {
  if (account === undefined || account.models.lists.length === 0) return true;
  const resolution = table.resolve(model);
  const requested = resolution?.deployment === undefined ? model : undefined;
  return account.models.allows({ requested, group: resolution?.group.name ?? model }, accessGroups);
}

/**
 * The name that routing is asked for, once the key may use it and every model that the body names for the case that the first
 * fails, whatever becomes of the call. `valueOf`: of a field of the body.
 */
export function permittedModels(
  asked: string,
  valueOf: (field: (typeof FALLBACK_FIELDS)[number]) => unknown,
  { principal, snapshot }: { readonly principal: Principal | undefined; readonly snapshot: Snapshot },
): string {
  if (principal?.account === undefined) return asked;
  const { aliases } = principal.account;
  const routed = permittedModel(asked, principal, snapshot);
  for (const field of FALLBACK_FIELDS) {
    const outside = namesIn(valueOf(field)).find((name) => !mayUse(aliases.get(name) ?? name, principal, snapshot));
    if (outside !== undefined) throw notPermitted(outside, field);
  }
  return routed;
}

/** `["b"]`, `[{"model": "b", "messages": []}]` and `[{"a": ["b"]}]`. What has no such shape names nothing. */
function namesIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(namesIn);
  if (typeof value !== 'object' || value === null) return [];
  if ('model' in value && typeof value.model === 'string') return [value.model];
  return Object.values(value).flatMap(namesIn);
}

/** A model that does not exist, for a key with lists of models: only names that it may use are suggested. */
export function unknownModel(asked: string, principal: Principal, snapshot: Snapshot): GatewayError {
  const close = nearest(asked, modelNames(principal, snapshot));
  const didYouMean = close.length === 0 ? '' : ` Did you mean ${close.map(shown).join(' or ')}?`;
  return new GatewayError('model_not_found', {
    message: `There is no model ${shown(asked)} within reach of this key.${didYouMean} See GET /v1/models.`,
    param: 'model',
    details: { nearest: close },
  });
}

function shown(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}...` : text);
}
