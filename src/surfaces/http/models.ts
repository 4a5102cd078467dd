import type { DeploymentConfig } from '../../config/contract.ts';
import { nearest } from '../../core/base/nearest.ts';
import { isGlob } from '../../core/base/glob.ts';
import { GatewayError } from '../../core/errors/gateway-error.ts';
import { reachableDeployments } from '../../core/routing/reach.ts';
import { answerJson, type KnownVisit } from './respond.ts';

/** LiteLLM gives every model this time of creation. */
const CREATED = 1_677_610_602;

/** A group as the caller sees it: those of its deployments that lie within reach. */
interface VisibleGroup {
  readonly name: string;
  readonly deployments: readonly DeploymentConfig[];
}

/** `GET /v1/models`: the groups and aliases within the caller's reach, in config order. */
export function listModels(visit: KnownVisit): void {
  const data = modelNames(visit).map((name) => modelObject(name, visibleGroup(visit, name)));
  answerJson(visit, { data, object: 'list' });
}

/** `GET /v1/models/{id}`. A name out of reach is as unknown as one that does not exist. */
export function oneModel(visit: KnownVisit, id: string): void {
  const names = modelNames(visit);
  if (names.includes(id)) {
    answerJson(visit, modelObject(id, visibleGroup(visit, id)));
    return;
  }
  throw new GatewayError('model_not_found', {
    message: `There is no model ${JSON.stringify(id)} within reach. GET /v1/models lists those that are.`,
    param: 'model',
    details: { nearest: nearest(id, names) },
  });
}

/** `GET /model/info`: the deployments within reach, without secrets. */
export function modelInfo(visit: KnownVisit): void {
  const wanted = new URLSearchParams(visit.exchange.query).get('litellm_model_id');
  const visible = reachOf(visit);
  const data = visit.snapshot.config.deployments
    .filter((one) => visible.has(one.id) && (wanted === null || one.id === wanted))
    .map((one) => ({
      model_name: one.group,
      litellm_params: one.publicParams,
      model_info: { ...one.modelInfo, id: one.id, db_model: false },
    }));
  answerJson(visit, { data });
}

/** `GET /model_group/info`, of the groups that are not patterns. */
export function modelGroupInfo(visit: KnownVisit): void {
  const wanted = new URLSearchParams(visit.exchange.query).get('model_group');
  const names = wanted === null ? modelNames(visit) : modelNames(visit).filter((name) => name === wanted);
  answerJson(visit, { data: names.map((name) => groupInfo(visit, name, visibleGroup(visit, name).deployments)) });
}

/** Names that a caller may list: its groups, then the aliases that are not hidden. */
export function modelNames(visit: KnownVisit): string[] {
  const { config } = visit.snapshot;
  const visible = reachOf(visit);
  const groups = new Set(config.deployments.filter((one) => visible.has(one.id)).map((one) => one.group));
  const aliases = config.aliases.filter((alias) => !alias.hidden && groups.has(alias.group)).map((alias) => alias.name);
  return [...new Set([...groups, ...aliases])];
}

/** Ids of every deployment that the caller can get to by any call. */
function reachOf(visit: KnownVisit): ReadonlySet<string> {
  const { snapshot, principal } = visit;
  const reach = new Set<string>();
  for (const name of snapshot.table.groups.keys()) {
    for (const id of reachableDeployments(name, principal.policy, snapshot.table)) reach.add(id);
  }
  return reach;
}

function visibleGroup(visit: KnownVisit, name: string): VisibleGroup {
  const { config } = visit.snapshot;
  const group = config.aliases.find((alias) => alias.name === name)?.group ?? name;
  const visible = reachOf(visit);
  return { name, deployments: config.deployments.filter((one) => one.group === group && visible.has(one.id)) };
}

function modelObject(id: string, group: VisibleGroup): object {
  const mode = group.deployments.find((one) => one.mode !== undefined)?.mode;
  return { id, object: 'model', created: CREATED, owned_by: 'openai', ...(mode === undefined ? {} : { mode }) };
}

function groupInfo(visit: KnownVisit, name: string, deployments: readonly DeploymentConfig[]): object {
  const sumOf = (pick: (one: DeploymentConfig) => number | undefined): number | null => {
    const values = deployments.map(pick).filter((value) => value !== undefined);
    return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0);
  };
  const providers = deployments.map((one) => visit.snapshot.deployments.get(one.id)?.target?.provider);
  return {
    model_group: name,
    providers: [...new Set(providers.filter((provider) => provider !== undefined))],
    mode: deployments.find((one) => one.mode !== undefined)?.mode ?? null,
    tpm: sumOf((one) => one.tpm),
    rpm: sumOf((one) => one.rpm),
    is_public_model_group: false,
    is_wildcard: isGlob(name),
  };
}
