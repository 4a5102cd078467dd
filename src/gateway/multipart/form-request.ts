import { GatewayError } from '../../core/errors/gateway-error.ts';
import { OPERATIONS, type Operation } from '../../providers/operations.ts';
import type { Call, CallRequest } from '../call.ts';
import { permittedModels } from '../model-permission.ts';
import type { SpoolStore } from '../ports.ts';
import { readSeconds } from '../seconds.ts';
import type { FormBody } from './form-body.ts';
import type { FormFields } from './form-fields.ts';
import { formTags, jsonOrText } from './form-tags.ts';
import { readForm } from './read-form.ts';

/** What each form cannot do without, told where all of it is known; any name of a line will do. `url`: Groq takes it for a file. */
const REQUIRED: ReadonlyMap<Operation, readonly (readonly [string, ...string[]])[]> = new Map([
  ['transcriptions', [['file', 'url']]],
  ['translations', [['file', 'url']]],
  ['image_edits', [['image'], ['prompt']]],
]);

/** Step 3 for forms. Shape is judged before permission, as for JSON. */
export async function readFormRequest(call: Call, spools: SpoolStore): Promise<CallRequest> {
  const body = await readForm(call, spools);
  try {
    return requestOf(call, body);
  } catch (thrown) {
    body.dispose();
    throw thrown;
  }
}

function requestOf(call: Call, body: FormBody): CallRequest {
  const { endpoint, exchange } = call;
  const { fields } = body;
  const model = endpoint.pathModel ?? readModel(fields);
  const tags = formTags(call, fields);
  if (body.whole) requireContent(fields, endpoint.operation);
  const seconds = (field: string, header: string): number | undefined =>
    readSeconds(field, textOf(fields, field)) ?? readSeconds(header, exchange.headers.get(header));
  return {
    body,
    model,
    stream: readStream(fields) && OPERATIONS[endpoint.operation].streams,
    tags,
    metadata: undefined,
    mockResponse: textOf(fields, 'mock_response'),
    timeoutSeconds: seconds('timeout', 'x-litellm-timeout'),
    streamTimeoutSeconds: seconds('stream_timeout', 'x-litellm-stream-timeout'),
    routedModel: permittedModels(model, (field) => jsonOrText(textOf(fields, field)), call),
  };
}

function readModel(fields: FormFields): string {
  const model = textOf(fields, 'model');
  if (model === undefined) throw missing('model', 'The field model is missing. Name a group of `GET /v1/models`.');
  if (model === '') throw wrong('model', 'a text that is not empty');
  return model;
}

/** `true`, `True` and `1`: what clients make of a boolean in a form. */
function readStream(fields: FormFields): boolean {
  const text = textOf(fields, 'stream')?.toLowerCase() ?? '';
  if (text === 'true' || text === '1') return true;
  if (text === 'false' || text === '0' || text === '') return false;
  throw wrong('stream', 'true or false');
}

function requireContent(fields: FormFields, operation: Operation): void {
  for (const names of REQUIRED.get(operation) ?? []) {
    if (!names.some((name) => fields.has(name))) throw missing(names[0], `The field ${names[0]} is missing. Add it.`);
  }
}

function textOf(fields: FormFields, field: string): string | undefined {
  return fields.value(field)?.texts[0];
}

function missing(param: string, message: string): GatewayError {
  return new GatewayError('missing_field', { message, param });
}

function wrong(field: string, wanted: string): GatewayError {
  return new GatewayError('invalid_field', { message: `The field ${field} must be ${wanted}.`, param: field });
}
