import { errorKind } from '../../core/errors/catalogue.ts';
import { GatewayError } from '../../core/errors/gateway-error.ts';
import { readCallerTags } from '../../core/routing/caller-tags.ts';
import type { CallerTag } from '../../core/routing/facts.ts';
import type { BodyProblem, TopLevel } from '../../core/wire/contract.ts';
import { peek } from '../../core/wire/peek.ts';
import { OPERATIONS, type Operation } from '../../providers/operations.ts';
import type { Call, CallRequest } from '../call.ts';
import type { HeaderView } from '../exchange.ts';
import { isForbidden } from '../fields.ts';
import { decodeHeader } from '../header-text.ts';
import { permittedModels } from '../model-permission.ts';
import { readFormRequest } from '../multipart/form-request.ts';
import type { GatewayPorts } from '../ports.ts';
import { openReference } from '../responses/reference.ts';
import { readStored } from '../responses/read-stored.ts';
import { forwardableMetadata, readMetadata, type Metadata } from '../metadata.ts';
import { refuseBannedTags } from '../banned-tags.ts';
import { readSeconds } from '../seconds.ts';
import { isForm } from './accept.ts';

const OPEN_BRACKET = 0x5b;

/** Step 3: the body's bytes, and the few values in them that the gateway acts on. Shape is judged before permission. */
export async function read(call: Call, { spools }: Pick<GatewayPorts, 'spools'>): Promise<void> {
  // A form for an endpoint that takes none was refused before.
  if (isForm(call)) {
    call.request = await readFormRequest(call, spools);
    return;
  }
  const { exchange, snapshot, endpoint } = call;
  if (endpoint.stored !== undefined) {
    call.request = await readStored(call, endpoint.stored);
    return;
  }
  const body = await exchange.readBody(snapshot.config.server.maxRequestBytes);
  const peeked = peek(body, snapshot.fields);
  if (!peeked.ok) throw bodyError(peeked.problem, body.byteLength);
  const { top } = peeked;
  refuseForbidden(top);
  const model = endpoint.pathModel ?? readModel(top);
  const metadata = readMetadata(top);
  const tags = readTags(call, top, metadata);
  requireContent(top, endpoint.operation);
  const previous = endpoint.operation === 'responses' ? readPrevious(top) : undefined;
  const { headers } = exchange;
  const stream = readStream(top, endpoint.operation);
  const timeouts = readTimeouts(top, headers);
  call.request = {
    body: { kind: 'json', top },
    model,
    routedModel: permittedModels(model, (field) => top.value(field), call),
    response: previous === undefined ? undefined : openReference(call, previous, 'previous_response_id'),
    stream,
    tags,
    metadata: forwardableMetadata(endpoint.operation, top, metadata),
    mockResponse: top.value('mock_response') ?? undefined,
    ...timeouts,
  };
}

function readTimeouts(
  top: TopLevel,
  headers: HeaderView,
): Pick<CallRequest, 'timeoutSeconds' | 'streamTimeoutSeconds'> {
  const seconds = (field: string, header: string): number | undefined =>
    readSeconds(field, top.value(field)) ?? readSeconds(header, headers.get(header));
  return {
    timeoutSeconds: seconds('timeout', 'x-litellm-timeout'),
    streamTimeoutSeconds: seconds('stream_timeout', 'x-litellm-stream-timeout'),
  };
}

function bodyError(problem: BodyProblem, length: number): GatewayError {
  if (length === 0) {
    return new GatewayError('invalid_json', {
      message: 'The request has no body. Send one JSON object.',
      param: 'request_body',
    });
  }
  const where =
    problem.field === undefined
      ? `at byte ${problem.offset}`
      : `field ${JSON.stringify(problem.field)}, at byte ${problem.offset}`;
  return new GatewayError(problem.code, {
    message: `The body cannot be used: ${problem.reason} (${where}). ${errorKind(problem.code).remedy}`,
    param: problem.field ?? 'request_body',
  });
}

function refuseForbidden(top: TopLevel): void {
  const field = top.present().find(isForbidden);
  if (field === undefined) return;
  throw new GatewayError('forbidden_field', {
    message: `Callers may not set ${field}. Deployments are configured in the gateway.`,
    param: field,
  });
}

function readModel(top: TopLevel): string {
  const model = top.value('model') ?? undefined;
  if (model === undefined) {
    throw new GatewayError('missing_field', {
      message: 'The field model is missing. Name a group of `GET /v1/models`.',
      param: 'model',
    });
  }
  if (typeof model !== 'string' || model === '') throw wrongField('model', 'a text that is not empty');
  return model;
}

function readStream(top: TopLevel, operation: Operation): boolean {
  const stream = top.value('stream') ?? false;
  if (typeof stream !== 'boolean') throw wrongField('stream', 'true or false');
  // Of speech another field says so, and no `stream` is known.
  if (operation === 'speech') return top.value('stream_format') === 'sse';
  return stream && OPERATIONS[operation].streams;
}

function readPrevious(top: TopLevel): string | undefined {
  const id = top.value('previous_response_id') ?? undefined;
  if (id === undefined || (typeof id === 'string' && id !== '')) return id;
  throw wrongField('previous_response_id', 'a text that is not empty');
}

function requireContent(top: TopLevel, operation: Operation): void {
  for (const { field, list } of OPERATIONS[operation].required) {
    const span = top.span(field);
    if (span === undefined)
      throw new GatewayError('missing_field', { message: `The field ${field} is missing. Add it.`, param: field });
    const fits = list === true ? top.bytes[span.valueStart] === OPEN_BRACKET : top.value(field) !== null;
    if (!fits) throw wrongField(field, list === true ? 'a list' : 'present and not null');
  }
}

function readTags(call: Call, top: TopLevel, metadata: Metadata | undefined): readonly CallerTag[] {
  const header = call.exchange.headers.get('x-litellm-tags');
  const litellmMetadata = top.value('litellm_metadata') ?? undefined;
  if (litellmMetadata !== undefined && (typeof litellmMetadata !== 'object' || Array.isArray(litellmMetadata))) {
    throw wrongField('litellm_metadata', 'an object');
  }
  const reading = readCallerTags(
    {
      header: header === undefined ? undefined : decodeHeader(header),
      tags: top.value('tags'),
      metadataTags: ownValue(metadata, 'tags'),
      litellmMetadataTags: ownValue(litellmMetadata, 'tags'),
    },
    call.snapshot.config.routing.prefix,
  );
  if (!reading.ok) throw new GatewayError('invalid_tags', { message: reading.message, param: reading.field });
  if (call.principal !== undefined) refuseBannedTags(reading.tags, call.principal.policy, call.snapshot);
  return reading.tags;
}

function ownValue(object: unknown, name: string): unknown {
  return typeof object === 'object' && object !== null && Object.hasOwn(object, name)
    ? (object as Record<string, unknown>)[name]
    : undefined;
}

function wrongField(field: string, wanted: string): GatewayError {
  return new GatewayError('invalid_field', { message: `The field ${field} must be ${wanted}.`, param: field });
}
