import { createServer } from 'node:net';

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import {
  answerBytes,
  answerGzip,
  answerJson,
  answerRaw,
  breakAfter,
  hangUp,
  neverAnswer,
  resetConnection,
  startFakeUpstream,
  wrongLength,
  type FakeUpstream,
} from '../support/fake-upstream.ts';
import { startHarness, type Harness } from '../support/harness.ts';

const SECRET = 'sk-upstream-secret-0123456789';

let upstream: FakeUpstream;
let gateway: Harness;

beforeAll(async () => {
  upstream = await startFakeUpstream();
  const params = { model: 'openai/m', api_key: SECRET, api_base: upstream.url };
  gateway = await startHarness({
    model_list: [
      { model_name: 'g', litellm_params: params, model_info: { id: 'one' } },
      { model_name: 'hasty', litellm_params: { ...params, timeout: 0.2 } },
      { model_name: 'closed', litellm_params: { ...params, api_base: `http://127.0.0.1:${await closedPort()}` } },
      { model_name: 'nowhere', litellm_params: { ...params, api_base: 'http://no-such-host.invalid' } },
      { model_name: 'bare', litellm_params: { ...params, api_base: upstream.url.replace('http:', 'https:') } },
      {
        model_name: 'unbuilt',
        litellm_params: { model: 'openai/m', api_key: 'os.environ/NOT_SET_ANYWHERE' },
        model_info: { id: 'unbuilt' },
      },
    ],
  });
});

beforeEach(() => upstream.reset());

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

/** A port that nobody listens on. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return port;
}

test.each([
  ['closed', undefined, 502, 'upstream_unreachable'],
  ['nowhere', undefined, 502, 'upstream_unreachable'],
  ['bare', undefined, 502, 'upstream_tls'],
  ['hasty', neverAnswer(), 504, 'upstream_timeout'],
  ['g', resetConnection(), 502, 'upstream_failed'],
  ['g', hangUp(), 502, 'upstream_failed'],
  ['g', breakAfter(5, '{"a":123456}'), 502, 'upstream_failed'],
  ['g', wrongLength(100, '{"a":1}'), 502, 'upstream_failed'],
  ['g', answerRaw('this is no HTTP\r\n\r\n'), 502, 'upstream_malformed'],
  [
    'g',
    answerRaw('HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n{}'),
    502,
    'upstream_malformed',
  ],
  ['g', answerBytes('{"a":', { headers: { 'content-type': 'application/json' } }), 502, 'upstream_malformed'],
  ['g', answerBytes('<html>', { headers: { 'content-type': 'text/html' } }), 502, 'upstream_malformed'],
  ['g', answerBytes('', { status: 204 }), 502, 'upstream_malformed'],
  ['g', answerJson({}, { status: 302, headers: { location: 'http://127.0.0.1:1/' } }), 502, 'upstream_malformed'],
  [
    'g',
    answerBytes('not gzip', { headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' } }),
    502,
    'upstream_malformed',
  ],
  [
    'g',
    answerBytes('{}', { headers: { 'content-type': 'application/json', 'content-encoding': 'odd' } }),
    502,
    'upstream_malformed',
  ],
  [
    'g',
    answerJson({ error: { message: `Incorrect API key provided: ${SECRET}` } }, { status: 401 }),
    502,
    'upstream_auth',
  ],
  ['g', answerJson({ error: { message: 'no' } }, { status: 403 }), 502, 'upstream_auth'],
])('group %s (case %#) is a clear error, and no secret in it', async (model, behaviour, status, code) => {
  if (behaviour !== undefined) upstream.respondWith(behaviour);
  const before = gateway.calls.length;
  const answer = await gateway.chat({ model });
  const text = await answer.text();
  expect(answer.status, text).toBe(status);
  expect(JSON.parse(text)).toMatchObject({ error: { code, type: 'internal_server_error', param: null } });
  expect(text).not.toContain(SECRET);
  expect(answer.headers.get('x-litellm-model-group')).toBe(model);
  expect(answer.headers.get('x-litellm-attempted-retries')).toBe('0');
  expect(upstream.requests.length).toBeLessThanOrEqual(1);
  const record = await gateway.settled(before + 1);
  expect(record.outcome).toBe('upstream_failed');
  expect(JSON.stringify(record)).not.toContain(SECRET);
});

test.each([
  [400, { error: { message: 'bad', type: 'invalid_request_error', param: 'n', code: 'odd' } }],
  [404, { error: { message: 'The model does not exist' } }],
  [429, { error: { message: 'Rate limit reached' } }],
  [500, { error: { message: 'oops' } }],
  [529, { detail: 'overloaded' }],
])("the upstream's own %i is passed on with its body", async (status, body) => {
  upstream.respondWith(answerJson(body, { status, headers: { 'retry-after': '7' } }));
  const answer = await gateway.chat({ model: 'g' });
  expect(answer.status).toBe(status);
  expect(await answer.json()).toEqual(body);
  expect(answer.headers.get('retry-after')).toBe('7');
  expect(answer.headers.get('llm_provider-retry-after')).toBe('7');
  expect(answer.headers.get('x-litellm-model-id')).toBe('one');
});

test('an error that is no JSON gets an envelope, and the credential is taken out of it', async () => {
  upstream.respondWith(
    answerBytes(`<h1>Bad gateway for ${SECRET}</h1>`, { status: 502, headers: { 'content-type': 'text/html' } }),
  );
  const answer = await gateway.chat({ model: 'g' });
  expect(answer.status).toBe(502);
  expect(answer.headers.get('content-type')).toBe('application/json');
  expect(await answer.json()).toMatchObject({ error: { message: '<h1>Bad gateway for [redacted]</h1>', code: '502' } });
});

test('an error whose JSON repeats the credential is passed on without it', async () => {
  upstream.respondWith(answerJson({ error: { message: `bad ${SECRET}` } }, { status: 400 }));
  expect(await (await gateway.chat({ model: 'g' })).json()).toEqual({ error: { message: 'bad [redacted]' } });
});

test('an answer that is compressed though it was not asked for is read', async () => {
  upstream.respondWith(answerGzip({ id: 'x' }));
  const answer = await gateway.chat({ model: 'g' });
  expect(await answer.json()).toEqual({ id: 'x' });
  expect(answer.headers.get('content-encoding')).toBeNull();
});

test('announcements before the answer are passed over', async () => {
  upstream.respondWith(
    answerRaw(
      'HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}',
    ),
  );
  expect((await gateway.chat({ model: 'g' })).status).toBe(200);
});

test('a caller may shorten the time', async () => {
  upstream.respondWith(neverAnswer());
  expect((await gateway.chat({ model: 'g', timeout: 0.1 })).status).toBe(504);
  expect((await gateway.chat({ model: 'g' }, { headers: { 'x-litellm-timeout': '0.1' } })).status).toBe(504);
});

test('a deployment that cannot be built is a 503, and only the master key hears why', async () => {
  const answer = await gateway.chat({ model: 'unbuilt' });
  expect(answer.status).toBe(503);
  expect(await answer.json()).toMatchObject({
    error: { code: 'deployments_unavailable', details: { deployments: [{ id: 'unbuilt' }] } },
  });
  const policy = { master: false, policyTags: {}, onUnpermittedTag: 'reject', enableTagFiltering: false } as const;
  const key = gateway.addKey({ kind: 'key', id: 'k', policy });
  const text = await (await gateway.chat({ model: 'unbuilt' }, { key })).text();
  expect(text).toContain('deployments_unavailable');
  expect(text).not.toContain('NOT_SET_ANYWHERE');
});
