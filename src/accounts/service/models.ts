import { GatewayError } from '../../core/errors/gateway-error.ts';
import { newModel, updatedModel, type OpenModel } from '../build/model.ts';
import type { JsonObject, ModelRecord } from '../contract.ts';
import type { ModelNewBody, ModelUpdateBody } from '../fields/model-bodies.ts';
import { SealError, type Sealer } from '../seal.ts';
import { buildContext, type AccountsParts, type Ask } from './ask.ts';
import { auditEntry } from './audit.ts';
import { builtOrRefused, notFound } from './refusals.ts';
import { permitAtAll } from './scopes.ts';

/** What the services of stored deployments need besides. */
export interface ModelParts extends AccountsParts {
  /** Undefined: no salt key is set. */
  readonly sealer: Sealer | undefined;
  /** True for the id of a deployment that stands in the config's files. */
  readonly isInFiles: (id: string) => boolean;
  /** What is wrong with a deployment before it is stored: sentences that forbid it, and such that only warn. */
  readonly checkModel: (model: OpenModel) => {
    readonly errors: readonly string[];
    readonly warnings: readonly string[];
  };
  /** Resolves when the change is served. */
  readonly modelsChanged: () => Promise<void>;
}

export interface ModelChange {
  readonly record: ModelRecord;
  readonly warnings: readonly string[];
}

/** `POST /model/new`: a deployment that is kept in the database and served from now on. */
export async function makeModel(body: ModelNewBody, ask: Ask, parts: ModelParts): Promise<ModelChange> {
  permitAtAll(ask);
  const id = body.model_info?.id ?? parts.newId();
  if (parts.isInFiles(id)) {
    const message = 'model_info.id is taken by a deployment of the config. Choose another, or leave it out.';
    throw new GatewayError('already_exists', { message, param: 'model_info.id' });
  }
  const open = builtOrRefused(newModel(body, id, buildContext(ask, parts)));
  const warnings = checked(open, parts);
  const record = sealed(open, parts);
  await parts.store.apply({
    put: { models: [record] },
    createOnly: true,
    audit: [auditEntry({ type: 'model', id, after: record }, ask, parts)],
  });
  await parts.modelsChanged();
  return { record, warnings };
}

/** `POST /model/update`. */
export async function changeModel(body: ModelUpdateBody, ask: Ask, parts: ModelParts): Promise<ModelChange> {
  const was = await storedModel({ id: body.model_info.id, param: 'model_info.id' }, ask, parts);
  const { sealedCredentials, ...before } = was;
  const opened = { record: before, credentials: openCredentials(was, parts) };
  const open = builtOrRefused(updatedModel(body, opened, buildContext(ask, parts)));
  const warnings = checked(open, parts);
  const record = sealed(open, parts);
  const entry = auditEntry({ type: 'model', id: was.id, before: was, after: record }, ask, parts);
  await parts.store.apply({
    put: { models: [record] },
    expect: [{ type: 'model', id: was.id, updatedAt: was.updatedAt }],
    audit: [
      sealedCredentials === record.sealedCredentials
        ? entry
        : { ...entry, after: { ...entry.after, credentials: '(changed)' } },
    ],
  });
  await parts.modelsChanged();
  return { record, warnings };
}

/** `POST /model/delete`. */
export async function deleteModel(id: string, ask: Ask, parts: ModelParts): Promise<ModelRecord> {
  const before = await storedModel({ id, param: 'id' }, ask, parts);
  await parts.store.apply({
    remove: { model: [id] },
    audit: [auditEntry({ type: 'model', id, before }, ask, parts)],
  });
  await parts.modelsChanged();
  return before;
}

async function storedModel(
  { id, param }: { readonly id: string; readonly param: string },
  ask: Ask,
  parts: ModelParts,
): Promise<ModelRecord> {
  permitAtAll(ask);
  const found = await parts.store.getModel(id);
  if (found !== undefined) return found;
  if (!parts.isInFiles(id)) throw notFound('model', param);
  const message = 'This deployment stands in the config, not in the database. Change it there.';
  throw new GatewayError('invalid_field', { message, param });
}

function checked(open: OpenModel, parts: ModelParts): readonly string[] {
  const { errors, warnings } = parts.checkModel(open);
  if (errors.length === 0) return warnings;
  throw new GatewayError('invalid_field', { message: errors.join(' '), param: 'litellm_params' });
}

const REFERENCE = /^os\.environ\/\w+$/;

/** Names of variables are no secrets: credentials that only name some are kept as they are written. */
function sealed({ record, credentials }: OpenModel, { sealer }: ModelParts): ModelRecord {
  const entries = Object.entries(credentials);
  if (entries.every(([, value]) => typeof value === 'string' && REFERENCE.test(value))) {
    return { ...record, params: { ...record.params, ...credentials }, sealedCredentials: null };
  }
  if (sealer === undefined) throw saltKeyMissing();
  return { ...record, sealedCredentials: sealer.seal(JSON.stringify(credentials), record.id) };
}

function openCredentials({ id, sealedCredentials }: ModelRecord, { sealer }: ModelParts): JsonObject {
  if (sealedCredentials === null) return {};
  if (sealer === undefined) throw saltKeyMissing();
  try {
    return JSON.parse(sealer.open(sealedCredentials, id)) as JsonObject;
  } catch (error) {
    if (!(error instanceof SealError)) throw error;
    const message =
      'The stored credentials do not open with the salt key that is set. Delete the model and make it anew.';
    throw new GatewayError('salt_key_missing', { message });
  }
}

function saltKeyMissing(): GatewayError {
  const message =
    'The credentials of a stored model are kept sealed only, and no salt key is set. Set WAYMARK_SALT_KEY (or LITELLM_SALT_KEY) for the gateway, or name a variable: "api_key": "os.environ/NAME".';
  return new GatewayError('salt_key_missing', { message, param: 'litellm_params' });
}
