import type { Json, JsonObject, ModelRecord } from '../contract.ts';
import { invalid, kindOf } from '../fields/json-problem.ts';
import type { ModelNewBody, ModelUpdateBody } from '../fields/model-bodies.ts';
import { created, merged, updated, type BuildContext, type Built } from './build.ts';

/** A stored deployment with its credentials beside it, still open: they are to be sealed before the record is stored. */
export interface OpenModel {
  readonly record: Omit<ModelRecord, 'sealedCredentials'>;
  readonly credentials: JsonObject;
}

export function newModel(body: ModelNewBody, id: string, context: BuildContext): Built<OpenModel> {
  const { params, credentials } = split(body.litellm_params as JsonObject);
  const problem = tagsProblem(params);
  if (problem !== undefined) return problem;
  const { id: _id, ...modelInfo } = (body.model_info ?? {}) as JsonObject;
  const record = { id, modelName: body.model_name, params, modelInfo, ...created(context) };
  return { ok: true, record: { record, credentials } };
}

/** `was.credentials`: those of the stored record, opened. */
export function updatedModel(body: ModelUpdateBody, was: OpenModel, context: BuildContext): Built<OpenModel> {
  const all = merged({ ...was.record.params, ...was.credentials }, body.litellm_params);
  const { params, credentials } = split(all);
  const problem = tagsProblem(params) ?? modelProblem(params);
  if (problem !== undefined) return problem;
  const { id: _id, ...info } = body.model_info as JsonObject;
  const record = {
    ...was.record,
    modelName: body.model_name ?? was.record.modelName,
    params,
    modelInfo: merged(was.record.modelInfo, info),
    ...updated(was.record, context),
  };
  return { ok: true, record: { record, credentials } };
}

function modelProblem(params: JsonObject): Built<never> | undefined {
  const { model } = params;
  if (typeof model === 'string' && model !== '') return undefined;
  return { ok: false, problem: invalid('litellm_params.model', 'cannot be deleted: a deployment has a model') };
}

/** The tags of a deployment; the rest of `litellm_params` is read where the config is. */
function tagsProblem({ tags }: JsonObject): Built<never> | undefined {
  if (tags === undefined || tags === null) return undefined;
  const field = 'litellm_params.tags';
  if (!Array.isArray(tags)) return { ok: false, problem: invalid(field, `is ${kindOf(tags)}, not a list`) };
  const index = tags.findIndex((tag) => typeof tag !== 'string' || tag.trim() === '');
  if (index < 0) return undefined;
  return { ok: false, problem: invalid(`${field}[${index}]`, 'is not a text, or an empty one') };
}

/** Names of parameters that hold a secret, whole. Headers may carry an Authorization. */
const SECRET =
  /api_?key|secret|password|passphrase|credential|authorization|access_key|private_key|headers$|_token$|^token$|^auth_value$/i;
const NOT_SECRET = /^(?:litellm_credential_name|max_tokens|.*_per_token.*|.*_cost.*)$/i;
/** A URL with a user part or a query, where a key may stand. */
const SECRET_URL = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#]*@|[^#]*\?)/i;

/** A parameter is sealed whole where its name, a name inside it or a URL in it says that it may hold a secret. */
function split(params: JsonObject): { params: JsonObject; credentials: JsonObject } {
  const entries = Object.entries(params);
  const isSecret = ([name, value]: [string, Json]): boolean => isSecretName(name) || holdsSecret(value);
  return {
    params: Object.fromEntries(entries.filter((entry) => !isSecret(entry))),
    credentials: Object.fromEntries(entries.filter(isSecret)),
  };
}

export function isSecretName(name: string): boolean {
  return SECRET.test(name) && !NOT_SECRET.test(name);
}

function holdsSecret(value: Json): boolean {
  if (typeof value === 'string') return SECRET_URL.test(value);
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some(holdsSecret);
  return Object.entries(value as JsonObject).some(([name, each]) => isSecretName(name) || holdsSecret(each));
}
