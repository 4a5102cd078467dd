import { connect } from 'node:net';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { startFakeUpstream, type FakeUpstream } from '../support/fake-upstream.ts';
import { MASTER_KEY, startHarness, type Harness } from '../support/harness.ts';
import { headOf, readRaw, sendRaw } from '../support/raw-http.ts';

let upstream: FakeUpstream;
let gateway: Harness;

beforeAll(async () => {
  upstream = await startFakeUpstream();
  const litellm_params = { model: 'openai/m', api_key: 'sk-upstream-key', api_base: upstream.url };
  gateway = await startHarness(
    { model_list: [{ model_name: 'g', litellm_params }], general_settings: { max_request_size_mb: 1 } },
    { http: { headTimeoutMs: 300, requestTimeoutMs: 300 } },
  );
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

const AUTH = `Authorization: Bearer ${MASTER_KEY}`;
const BODY = JSON.stringify({ model: 'g', messages: [{ role: 'user', content: 'hi' }] });
const POST = 'POST /v1/chat/completions HTTP/1.1';
const LENGTH = `Content-Length: ${BODY.length}`;

test.each([
  ['two Host headers', headOf('GET /v1/models HTTP/1.1', 'Host: a', 'Host: b', AUTH), 400],
  ['a Host with a path', headOf('GET /v1/models HTTP/1.1', 'Host: a/health?y=', AUTH), 400],
  ['a Host with a user', headOf('GET /v1/models HTTP/1.1', 'Host: user@a', AUTH), 400],
  ['no Host header', headOf('GET /v1/models HTTP/1.1', AUTH), 400],
  ['an absolute-form target', headOf('GET http://evil.example/v1/models HTTP/1.1', 'Host: a', AUTH), 400],
  ['an asterisk target', headOf('OPTIONS * HTTP/1.1', 'Host: a'), 400],
  ['length and chunks', headOf(POST, 'Host: a', AUTH, LENGTH, 'Transfer-Encoding: chunked') + BODY, 400],
  ['gzip before chunked', headOf(POST, 'Host: a', AUTH, 'Transfer-Encoding: gzip, chunked') + '0\r\n\r\n', 400],
  [
    'two Transfer-Encoding headers',
    headOf(POST, 'Host: a', AUTH, 'Transfer-Encoding: identity', 'Transfer-Encoding: chunked') + '0\r\n\r\n',
    400,
  ],
  [
    'chunks in HTTP/1.0',
    headOf('POST /v1/chat/completions HTTP/1.0', 'Host: a', AUTH, 'Transfer-Encoding: chunked') + '0\r\n\r\n',
    400,
  ],
  ['a length with a sign', headOf(POST, 'Host: a', AUTH, 'Content-Length: +5') + 'abcde', 400],
  ['two lengths', headOf(POST, 'Host: a', AUTH, 'Content-Length: 5', 'Content-Length: 6') + 'abcdef', 400],
  ['a space before the colon', headOf(POST, 'Host: a', 'X-Odd : 1', AUTH), 400],
  ['a folded header', headOf(POST, 'Host: a', 'X-Odd: 1\r\n 2', AUTH), 400],
  ['no HTTP at all', 'hello\r\n\r\n', 400],
  ['a head over 16 KB', headOf('GET /v1/models HTTP/1.1', 'Host: a', `X-Long: ${'x'.repeat(17_000)}`), 431],
  [
    'more than 100 headers',
    headOf('GET /v1/models HTTP/1.1', 'Host: a', AUTH, ...Array.from({ length: 120 }, (_, n) => `X-${n}: 1`)),
    431,
  ],
  ['an unknown expectation', headOf(POST, 'Host: a', AUTH, 'Expect: miracles', LENGTH) + BODY, 417],
])('%s is refused and the connection closed', async (_name, request, status) => {
  const answer = await sendRaw(gateway.port, request);
  expect(answer.status).toBe(status);
  expect(answer.closed).toBe(true);
  if (status !== 417 && !answer.text.includes('connection: close')) expect(answer.text).toContain('Connection: close');
  expect(answer.text).toContain('x-litellm-call-id: ');
  expect(answer.text).toContain('x-waymark-decision-id: ');
  expect(answer.text).toMatch(/\{"error":\{"message":"[^"]+","type":"[a-z_]+","param":null,"code":"[a-z_]+"\}\}$/);
  expect(upstream.started).toBe(0);
});

test('a head that does not come in time is a 408', async () => {
  const answer = await sendRaw(gateway.port, 'GET /v1/models HTTP/1.1\r\nHost: a\r\n');
  expect(answer.status).toBe(408);
  expect(answer.closed).toBe(true);
});

test('a body that does not come in time is a 408', async () => {
  const answer = await sendRaw(gateway.port, headOf(POST, 'Host: a', AUTH, 'Content-Length: 100') + '{"model"');
  expect(answer.status).toBe(408);
  expect(answer.closed).toBe(true);
  expect(answer.text).toContain('"code":"request_timeout"');
});

test('a chunk that is none is a 400', async () => {
  const answer = await sendRaw(
    gateway.port,
    headOf(POST, 'Host: a', AUTH, 'Transfer-Encoding: chunked') + 'zz\r\nabc\r\n',
  );
  expect(answer.status).toBe(400);
  expect(answer.closed).toBe(true);
  expect(answer.text).toContain('"code":"bad_request"');
});

test.each([
  ['a declared length', headOf(POST, 'Host: a', AUTH, 'Content-Length: 5000000'), 'x'.repeat(100_000)],
  ['chunks', headOf(POST, 'Host: a', AUTH, 'Transfer-Encoding: chunked'), `200000\r\n${'x'.repeat(0x200000)}`],
])('a body over the limit is a 413 (%s)', async (_name, head, body) => {
  const answer = await sendRaw(gateway.port, head, body);
  expect(answer.status).toBe(413);
  expect(answer.text).toContain('"code":"body_too_large"');
  expect(answer.text.match(/HTTP\/1\.1/g)).toHaveLength(1);
});

test('the key is asked for before the body is read', async () => {
  const answer = await sendRaw(gateway.port, headOf(POST, 'Host: a', 'Content-Length: 5000000'));
  expect(answer.status).toBe(401);
  expect(answer.text).toContain('"type":"auth_error"');
});

test('Expect: 100-continue is answered once the key is known, and not before', async () => {
  const head = (key: string): string => headOf(POST, 'Host: a', key, 'Expect: 100-continue', LENGTH);
  const refused = await sendRaw(gateway.port, head('Authorization: Bearer wrong'));
  expect(refused.status).toBe(401);
  expect(refused.text).not.toContain('100 Continue');
  const socket = connect(gateway.port, '127.0.0.1');
  socket.write(head(AUTH));
  await new Promise((resolve) => {
    socket.once('data', resolve);
  });
  socket.write(BODY);
  const served = await readRaw(socket);
  socket.destroy();
  expect(served.status).toBe(200);
  upstream.reset();
});

test.each([
  ['unknown path', headOf('GET /nothing HTTP/1.1', 'Host: a'), 404, 'route_not_found'],
  ['wrong method', headOf('GET /v1/chat/completions HTTP/1.1', 'Host: a'), 405, 'method_not_allowed'],
  ['wrong key', headOf(POST, 'Host: a', 'Authorization: Bearer sk-nope', LENGTH) + BODY, 401, 'invalid_api_key'],
  ['no JSON', headOf(POST, 'Host: a', AUTH, 'Content-Length: 4') + '{bad', 400, 'invalid_json'],
  [
    'unknown model',
    headOf(POST, 'Host: a', AUTH, 'Content-Length: 28') + '{"model":"x","messages":[]} ',
    404,
    'model_not_found',
  ],
])('the connection stays open after an error that leaves it clean (%s)', async (_name, request, status, code) => {
  const answer = await sendRaw(gateway.port, request, headOf('GET /health/liveness HTTP/1.1', 'Host: a'));
  expect(answer.status).toBe(status);
  expect(answer.text).toContain(`"code":"${code}"`);
  expect(answer.text).toContain('"I\'m alive!"');
  if (status === 405) expect(answer.text.toLowerCase()).toContain('allow: post');
});

test('pipelined requests are answered in order, each with its own answer', async () => {
  const one = (id: string): string => headOf(`GET /v1/models/${id} HTTP/1.1`, 'Host: a', AUTH);
  const answer = await sendRaw(gateway.port, one('first'), one('g'), one('third'));
  const codes = Array.from(answer.text.matchAll(/"(?:id":"g"|code":"model_not_found")/g), ([text]) => text);
  expect(codes).toEqual(['"code":"model_not_found"', '"id":"g"', '"code":"model_not_found"']);
});
