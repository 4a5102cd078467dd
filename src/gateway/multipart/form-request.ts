import { GatewayError } from '../../core/errors/gateway-error.ts';
import { readCallerTags } from '../../core/routing/caller-tags.ts';
import type { CallerTag } from '../../core/routing/facts.ts';
import { isObject } from '../../core/wire/json-text.ts';
import { OPERATIONS, type Operation } from '../../providers/operations.ts';
import { refuseBannedTags } from '../banned-tags.ts';
import type { Call, CallRequest } from '../call.ts';
import { decodeHeader } from '../header-text.ts';
import { permitFallbacks, permittedModel } from '../model-permission.ts';
import type { SpoolStore } from '../ports.ts';
import { readSeconds } from '../seconds.ts';
import type { FormBody } from './form-body.ts';
import type { FormFields } from './form-fields.ts';
import { readForm } from './read-form.ts';

/** What each form cannot do without, told where all of it is known; any name of a line will do. `url`: Groq takes it for a file. */
const REQUIRED: ReadonlyMap<Operation, readonly (readonly [string, ...string[]])[]> = new Map([
  ['transcriptions', [['file', 'url']]],
  ['translations', [['file', 'url']]],
  ['image_edits', [['image'], ['prompt']]],
]);

const FALLBACKS = [
  'fallbacks',
  'context_window_fallbacks',
  'content_policy_fallbacks',
  'context_window_fallback_dict',
] as const;

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
  const tags = readTags(call, fields);
  if (body.whole) requireContent(fields, endpoint.operation);
  const seconds = (field: string, header: string): number | undefined =>
    readSeconds(field, textOf(fields, field) ?? exchange.headers.get(header));
  return {
    body,
    model,
    stream: readStream(fields) && OPERATIONS[endpoint.operation].streams,
    tags,
    metadata: undefined,
    mockResponse: textOf(fields, 'mock_response'),
    timeoutSeconds: seconds('timeout', 'x-litellm-timeout'),
    streamTimeoutSeconds: seconds('stream_timeout', 'x-litellm-stream-timeout'),
    routedModel: permitted(call, model, fields),
  };
}

function readModel(fields: FormFields): string {
  const model = textOf(fields, 'model');
  if (model === undefined) throw missing('model', 'The field model is missing. Name a group of `GET /v1/models`.');
  if (model === '') throw wrong('model', 'a text that is not empty');
  return model;
}

function permitted({ principal, snapshot }: Call, model: string, fields: FormFields): string {
  if (principal?.account === undefined) return model;
  const routed = permittedModel(model, principal, snapshot);
  permitFallbacks(
    FALLBACKS.map((field) => [field, jsonOrText(textOf(fields, field))] as const),
    principal,
    snapshot,
  );
  return routed;
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
    if (!names.some((name) => fields.has(name))) throw missing(names[0], `The field ${names[0]} is missing.`);
  }
}

function readTags(call: Call, fields: FormFields): readonly CallerTag[] {
  const header = call.exchange.headers.get('x-litellm-tags');
  const reading = readCallerTags(
    {
      header: header === undefined ? undefined : decodeHeader(header),
      tags: tagsOf(fields),
      metadataTags: metadataTags(fields, 'metadata'),
      litellmMetadataTags: metadataTags(fields, 'litellm_metadata'),
    },
    call.snapshot.config.routing.prefix,
  );
  if (!reading.ok) throw new GatewayError('invalid_tags', { message: reading.message, param: reading.field });
  if (call.principal !== undefined) refuseBannedTags(reading.tags, call.principal.policy, call.snapshot);
  return reading.tags;
}

/** `tags[]` in several parts; or one text: a JSON list, else a list with commas, as in the header. */
function tagsOf(fields: FormFields): unknown {
  const tags = fields.value('tags');
  const [text] = tags?.texts ?? [];
  if (tags === undefined || text === undefined || tags.writing === 'list') return tags?.texts;
  if (!text.trimStart().startsWith('[')) return text.split(',').filter((part) => part.trim() !== '');
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new GatewayError('invalid_tags', {
      message: 'tags begins like a JSON list and is none. Send a JSON list, or texts with commas between them.',
      param: 'tags',
    });
  }
}

/** Of a JSON object as text, or of an object spelled out in parts. */
function metadataTags(fields: FormFields, field: 'metadata' | 'litellm_metadata'): unknown {
  const value = fields.value(field);
  const [text] = value?.texts ?? [];
  if (value === undefined || text === undefined) return undefined;
  if (value.writing === 'tags-list') return value.texts;
  if (value.writing === 'tags-text') return text;
  if (text.trim() === '') return undefined;
  const object = jsonOrText(text);
  if (object === null) return undefined;
  if (!isObject(object)) throw wrong(field, 'a JSON object as text');
  return Object.hasOwn(object, 'tags') ? object['tags'] : undefined;
}

function textOf(fields: FormFields, field: string): string | undefined {
  return fields.value(field)?.texts[0];
}

function jsonOrText(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as unknown);
  } catch {
    return text;
  }
}

function missing(param: string, message: string): GatewayError {
  return new GatewayError('missing_field', { message, param });
}

function wrong(field: string, wanted: string): GatewayError {
  return new GatewayError('invalid_field', { message: `The field ${field} must be ${wanted}.`, param: field });
}
