import type { DeploymentConfig } from '../../config/contract.ts';
import { nearest } from '../../core/base/nearest.ts';
import { isGlob } from '../../core/base/glob.ts';
import { GatewayError } from '../../core/errors/gateway-error.ts';
import { visibleDeployments, visibleModels, type VisibleModel } from '../../gateway/visible-models.ts';
import { answerJson, type KnownVisit } from './respond.ts';

/** LiteLLM gives every model this time of creation. */
const CREATED = 1_677_610_602;

/** `GET /v1/models`: the groups and aliases within the caller's reach, in config order. */
export function listModels(visit: KnownVisit): void {
  const data = visibleModels(visit.principal, visit.snapshot).map(modelObject);
  answerJson(visit, { data, object: 'list' });
}

/** `GET /v1/models/{id}`. A name out of reach is as unknown as one that does not exist. */
export function oneModel(visit: KnownVisit, id: string): void {
  const models = visibleModels(visit.principal, visit.snapshot);
  const model = models.find((one) => one.name === id);
  if (model !== undefined) {
    answerJson(visit, modelObject(model));
    return;
  }
  const names = models.map((one) => one.name);
  throw new GatewayError('model_not_found', {
    message: `There is no model ${JSON.stringify(id)} within reach. GET /v1/models lists those that are.`,
    param: 'model',
    details: { nearest: nearest(id, names) },
  });
}

/** `GET /model/info`: the deployments within reach, without secrets. */
export function modelInfo(visit: KnownVisit): void {
  const wanted = new URLSearchParams(visit.exchange.query).get('litellm_model_id');
  const data = visibleDeployments(visit.principal, visit.snapshot)
    .filter((one) => wanted === null || one.id === wanted)
    .map((one) => ({
      model_name: one.group,
      litellm_params: one.publicParams,
      model_info: { db_model: false, ...one.modelInfo, id: one.id },
    }));
  answerJson(visit, { data });
}

/** `GET /model_group/info`. */
export function modelGroupInfo(visit: KnownVisit): void {
  const wanted = new URLSearchParams(visit.exchange.query).get('model_group');
  const models = visibleModels(visit.principal, visit.snapshot);
  const data = models.filter((one) => wanted === null || one.name === wanted).map((one) => groupInfo(visit, one));
  answerJson(visit, { data });
}

function modelObject({ name, deployments }: VisibleModel): object {
  const mode = deployments.find((one) => one.mode !== undefined)?.mode;
  return { id: name, object: 'model', created: CREATED, owned_by: 'openai', ...(mode === undefined ? {} : { mode }) };
}

function groupInfo(visit: KnownVisit, { name, deployments }: VisibleModel): object {
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
