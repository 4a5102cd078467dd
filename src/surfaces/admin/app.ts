import { AsyncLocalStorage } from 'node:async_hooks';
import swagger from '@fastify/swagger';
import fastify, { type FastifyInstance, type FastifyRequest, type RouteShorthandOptions } from 'fastify';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { PrincipalSource } from '../../accounts/principal.ts';
import { readBody, type BodyShape } from '../../accounts/fields/read-body.ts';
import type { Caller } from '../../accounts/service/ask.ts';
import { fieldRefused, refusalOf } from '../../accounts/service/refusals.ts';
import { GatewayError } from '../../core/errors/gateway-error.ts';
import { asGatewayError } from '../../gateway/error-answer.ts';
import type { ManagementVisit } from '../../gateway/management.ts';
import type { ProductIdentity } from '../../gateway/stamp.ts';
import { callerOf } from './callers.ts';
import { docsPage, DOCS_HEADERS } from './docs-page.ts';
import { describeApi } from './openapi.ts';
import { readQuery } from './query.ts';
import { requirePermissions, type AdminRoute, type RouteParts, type TextStream } from './route.ts';
import { ROUTES } from './routes/all.ts';
import type { AdminApp } from './surface.ts';
import { writePieces } from './text-stream.ts';

export interface AdminAppOptions {
  readonly parts: RouteParts;
  readonly principals: PrincipalSource;
  readonly product: ProductIdentity;
  /** All of them unless a test gives others. */
  readonly routes?: readonly AdminRoute[];
}

/** Most bytes of a body: no management call needs more. */
const MOST_BYTES = 1024 * 1024;

/** Documentation says nothing that a stranger may not know. */
const OPEN_PATHS: ReadonlySet<string> = new Set(['/openapi.json', '/docs']);

/** One request on its way through Fastify, which sees neither the socket nor who asks. */
interface Passage {
  readonly visit: ManagementVisit;
  readonly caller: Caller | undefined;
  failure?: GatewayError;
  stream?: TextStream;
}

/**
 * Loads Fastify with every route. It is given requests that have been accepted, identified and read by the same hands as calls
 * are, and gives back what to answer: limits, times and errors are the data plane's.
 */
export async function makeAdminApp(options: AdminAppOptions): Promise<AdminApp> {
  const passages = new AsyncLocalStorage<Passage>();
  const app = fastify({ logger: false, bodyLimit: MOST_BYTES, exposeHeadRoutes: false });
  takeJsonOnly(app);
  app.setValidatorCompiler(({ schema, httpPart }) => validatorOf(schema, httpPart));
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  app.setErrorHandler((error, _request, reply) => {
    const passage = passages.getStore();
    if (passage !== undefined) passage.failure = errorOf(error);
    return reply.send('');
  });
  await app.register(swagger, { ...describeApi(options.product), transform: jsonSchemaTransform });
  for (const each of requirePermissions(options.routes ?? ROUTES))
    addRoute(app, each, { passages, parts: options.parts });
  addDocs(app);
  await app.ready();
  return { handle: async (visit) => await answer(visit, { app, passages, options }) };
}

interface Ways {
  readonly app: FastifyInstance;
  readonly passages: AsyncLocalStorage<Passage>;
  readonly options: AdminAppOptions;
}

async function answer(visit: ManagementVisit, { app, passages, options }: Ways): Promise<void> {
  const { exchange, stamp } = visit;
  const { store, now } = options.parts;
  const isOpen = OPEN_PATHS.has(exchange.path);
  const caller = isOpen
    ? undefined
    : await callerOf(visit, { principals: options.principals, store, now }).catch(failed);
  refuseForeignBody(visit);
  const body = await exchange.readBody(Math.min(MOST_BYTES, visit.snapshot.config.server.maxRequestBytes));
  const passage: Passage = { visit, caller };
  const response = await passages.run(passage, async () => {
    const url = exchange.query === '' ? exchange.path : `${exchange.path}?${exchange.query}`;
    const { method } = exchange;
    if (body.byteLength === 0) return await app.inject({ method, url });
    const headers = { 'content-type': 'application/json' };
    return await app.inject({
      method,
      url,
      headers,
      payload: Buffer.from(body.buffer, body.byteOffset, body.byteLength),
    });
  });
  if (passage.failure !== undefined) throw passage.failure;
  if (passage.stream !== undefined) {
    await writePieces(visit, passage.stream);
    return;
  }
  const headers = Object.entries(response.headers).filter(([name]) => ANSWER_HEADERS.has(name));
  exchange.answer(
    response.statusCode,
    [...stamp.headers, ...headers.flatMap(([name, value]) => [name, String(value)])],
    response.rawPayload,
  );
}

const ANSWER_HEADERS: ReadonlySet<string> = new Set(['content-type', ...DOCS_HEADERS.keys()]);

function failed(error: unknown): never {
  throw errorOf(error);
}

/** A body in a form that is not read here. */
function refuseForeignBody({ exchange }: ManagementVisit): void {
  const encoding = exchange.headers.get('content-encoding') ?? 'identity';
  const isForm = exchange.headers.get('content-type')?.toLowerCase().startsWith('multipart/') === true;
  if (encoding.toLowerCase() === 'identity' && !isForm) return;
  const message = 'The management API takes JSON, not compressed. Send `Content-Type: application/json`.';
  throw new GatewayError('unsupported_media_type', { message, param: isForm ? 'content-type' : 'content-encoding' });
}

function takeJsonOnly(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      done(null, JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body as Buffer)));
    } catch {
      done(new GatewayError('invalid_json', { message: 'The body is not valid JSON. Send one JSON object in UTF-8.' }));
    }
  });
}

type Verdict = { value: unknown } | { error: Error };

/** Bodies and queries are read by our own rules, which name what is wrong as LiteLLM's users know it. */
function validatorOf(schema: unknown, httpPart: string | undefined): (data: unknown) => Verdict {
  return (data) => {
    try {
      if (httpPart === 'body') return readFor(schema as BodyShape, data);
      if (httpPart === 'querystring')
        return { value: readQuery(schema as z.ZodObject, data as Record<string, unknown>) };
      return { value: data };
    } catch (error) {
      return { error: error as Error };
    }
  };
}

function readFor(shape: BodyShape, data: unknown): Verdict {
  if (typeof data === 'object' && data !== null && !Array.isArray(data)) {
    const reading = readBody(shape, data);
    return reading.ok ? { value: reading } : { error: fieldRefused(reading.problem) };
  }
  // No body at all asks for nothing in particular.
  if (data === undefined || data === null) return readFor(shape, {});
  return { error: new GatewayError('invalid_body', { message: 'The body must be one JSON object.' }) };
}

function addRoute(
  app: FastifyInstance,
  each: AdminRoute,
  { passages, parts }: { passages: AsyncLocalStorage<Passage>; parts: RouteParts },
): void {
  const [method = '', path = ''] = each.name.split(' ');
  const schema: RouteShorthandOptions['schema'] = {
    summary: each.summary,
    tags: [path.split('/')[1] === 'v2' ? 'team' : (path.split('/')[1] ?? '')],
    description: `Permission: \`${each.permission}\`.`,
    ...(each.body === undefined ? {} : { body: each.body }),
    querystring: each.query ?? z.object({}),
    response: { 200: each.answer },
  };
  const handler = async (request: FastifyRequest): Promise<unknown> => {
    const passage = passages.getStore();
    if (passage?.caller === undefined) throw new TypeError('A request reached a route without anybody who asks.');
    const ask = { caller: passage.caller, action: each.permission };
    const asked = { ask, body: request.body, query: request.query, params: request.params };
    const result = await each.run(asked as Parameters<AdminRoute['run']>[0], parts);
    if (!('pieces' in result)) return result;
    passage.stream = result as TextStream;
    return {};
  };
  app.route({ method, url: path.replaceAll(/\{(\w+)\}/g, ':$1'), schema, handler });
}

function addDocs(app: FastifyInstance): void {
  const hide = { schema: { hide: true } };
  app.get('/openapi.json', hide, async () => app.swagger());
  app.get('/docs', hide, async (_request, reply) => {
    for (const [name, value] of DOCS_HEADERS) void reply.header(name, value);
    return reply.type('text/html; charset=utf-8').send(docsPage(app.swagger()));
  });
}

/** Whatever went wrong on the way, Fastify's own refusals too, as an error of the catalogue. */
function errorOf(thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  const refusal = refusalOf(thrown);
  if (refusal !== undefined) return refusal;
  const status = thrown instanceof Error && 'statusCode' in thrown ? thrown.statusCode : undefined;
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return new GatewayError('bad_request', { message: 'The request is malformed: its path or body cannot be read.' });
  }
  return asGatewayError(thrown);
}
