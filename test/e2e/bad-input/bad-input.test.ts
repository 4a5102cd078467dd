import { connect } from 'node:net';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startFakeUpstream, type FakeUpstream } from '../../support/fake-upstream.ts';
import { MASTER_KEY, startHarness, type Harness } from '../../support/harness.ts';
import { headOf, readRaw, sendRaw } from '../../support/raw-http.ts';
import { BODIES, deep, MESSAGES, PROMPT } from './bodies.ts';

// Whatever comes: an error that says what is wrong, with status, code and field; nothing sent; one line in the log; and the
// connection as good as before, where it can be.

let upstream: FakeUpstream;
let gateway: Harness;

beforeAll(async () => {
  upstream = await startFakeUpstream();
  const litellm_params = { model: 'openai/m', api_key: 'sk-upstream-key', api_base: `${upstream.url}/v1` };
  gateway = await startHarness(
    {
      model_list: [
        { model_name: 'gpt-4o', litellm_params: { ...litellm_params, tags: ['free'] }, model_info: { id: 'one' } },
        { model_name: 'gpt-4o-mini', litellm_params: { ...litellm_params, tags: ['paid'] }, model_info: { id: 'two' } },
        { model_name: 'claude', litellm_params, model_info: { id: 'three' } },
      ],
      router_settings: { enable_tag_filtering: true },
      general_settings: { max_request_size_mb: 1 },
    },
    { http: { headTimeoutMs: 400, requestTimeoutMs: 400 } },
  );
});
beforeEach(() => upstream.reset());
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

const AUTH = `Authorization: Bearer ${MASTER_KEY}`;
/** A good request to follow a bad one: its answer shows that the connection was kept, and ends it. */
const ALIVE = headOf('GET /health/liveliness HTTP/1.1', 'Host: a', 'Connection: close');

interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly param: string | null;
}

function request(body: string | Buffer, path = '/v1/chat/completions', ...lines: string[]): Buffer {
  const bytes = Buffer.from(body);
  const head = headOf(`POST ${path} HTTP/1.1`, 'Host: a', AUTH, ...lines, `Content-Length: ${bytes.byteLength}`);
  return Buffer.concat([Buffer.from(head, 'latin1'), bytes]);
}

function errorIn(text: string): { message: string; type: string; param: string | null; code: string } {
  const json = /\{"error":.*\}\}/.exec(text)?.[0] ?? '{"error":{}}';
  return (JSON.parse(json) as { error: ReturnType<typeof errorIn> }).error;
}

/** The first answer is this refusal, and a good request behind it on the same connection is answered. */
async function refusedAndKept(bytes: Buffer, wanted: Refusal): Promise<string> {
  const logged = gateway.calls.length;
  const answer = await sendRaw(gateway.port, bytes, ALIVE);
  const { message, type, param, code } = errorIn(answer.text);
  expect({ status: answer.status, code, param }, answer.text).toEqual(wanted);
  expect(message).toMatch(/^[A-Za-z].{15,}[.)?]$/s);
  expect(type).toMatch(/^[a-z_]+$/);
  expect(message).not.toContain(PROMPT);
  expect(answer.text).toContain("I'm alive!");
  expect(upstream.started).toBe(0);
  expect(gateway.calls).toHaveLength(logged + 1);
  const line = gateway.calls.at(-1);
  expect(line).toMatchObject({ outcome: 'refused', status: wanted.status, code: wanted.code });
  expect(JSON.stringify(line)).not.toMatch(new RegExp(`${PROMPT}|sk-`));
  return message;
}

describe('bodies', () => {
  test.each(BODIES)('%s', async (_, body, code, param) => {
    const message = await refusedAndKept(request(body), { status: 400, code, param });
    if (code === 'invalid_json') expect(message).toMatch(/(?:at byte \d+\)|has no body)\. Send one JSON object/);
  });

  test.each<readonly [string, string, string]>([
    ['/v1/completions', '{"model":"gpt-4o"}', 'prompt'],
    ['/v1/embeddings', '{"model":"gpt-4o"}', 'input'],
    ['/v1/moderations', '{"model":"gpt-4o"}', 'input'],
    ['/v1/images/generations', '{"model":"gpt-4o"}', 'prompt'],
    ['/v1/audio/speech', '{"model":"gpt-4o"}', 'input'],
    ['/v1/rerank', '{"model":"gpt-4o","documents":[]}', 'query'],
    ['/v1/rerank', '{"model":"gpt-4o","query":"x"}', 'documents'],
    ['/v1/responses', '{"input":"x"}', 'model'],
  ])('%s without what it needs: %s', async (path, body, param) => {
    await refusedAndKept(request(body, path), { status: 400, code: 'missing_field', param });
  });

  test('256 levels, a lone surrogate, numbers beyond doubles and fields that nobody knows go on as they are', async () => {
    const text = `{"model":"gpt-4o","x":${deep(255)},"user":"\\ud800","n":1e400,"big":123456789012345678901234567890,${MESSAGES}}`;
    const answer = await sendRaw(gateway.port, request(text));
    expect(answer.status).toBe(200);
    expect(upstream.requests[0]?.body.toString()).toBe(text.replace('"gpt-4o"', '"m"'));
  });

  test('a byte order mark is taken off', async () => {
    const text = `{"model":"gpt-4o",${MESSAGES}}`;
    expect((await sendRaw(gateway.port, request(`\ufeff${text}`))).status).toBe(200);
    expect(upstream.requests[0]?.body.toString()).toBe(text.replace('"gpt-4o"', '"m"'));
  });

  test.each([
    ['X-Litellm-Timeout: soon', 'x-litellm-timeout'],
    ['X-Litellm-Timeout: 0', 'x-litellm-timeout'],
    ['X-Litellm-Stream-Timeout: -1', 'x-litellm-stream-timeout'],
  ])('a header that is wrong is named: %s', async (line, param) => {
    const bytes = request(`{"model":"gpt-4o",${MESSAGES}}`, '/v1/chat/completions', line);
    await refusedAndKept(bytes, { status: 400, code: 'invalid_field', param });
  });

  test.each([
    ['gzip', 'Content-Encoding: gzip', 'content-encoding'],
    ['a form', 'Content-Type: multipart/form-data; boundary=x', 'content-type'],
  ])('%s is told what is taken instead', async (_, line, param) => {
    const bytes = request(`{"model":"gpt-4o",${MESSAGES}}`, '/v1/chat/completions', line);
    await refusedAndKept(bytes, { status: 415, code: 'unsupported_media_type', param });
  });
});

describe('names that are unknown', () => {
  const unknown = (model: string): Buffer => request(`{"model":${JSON.stringify(model)},${MESSAGES}}`);

  test('are told with the nearest ones', async () => {
    await refusedAndKept(unknown('gpt-40'), { status: 404, code: 'model_not_found', param: 'model' });
    const answer = await gateway.chat({ model: 'gpt-40' });
    expect(await answer.text()).toContain('gpt-4o');
  });

  test('are told with none that the key cannot reach', async () => {
    const policy = {
      master: false,
      policyTags: { team: ['free'] },
      onUnpermittedTag: 'reject',
      enableTagFiltering: true,
    } as const;
    const free = gateway.addKey({ kind: 'key', id: 'free', policy }, 'sk-free-of-charge');
    const wanted = { status: 404, code: 'model_not_found', param: 'model' };
    const asked = unknown('gpt-4o-m');
    expect(await refusedAndKept(asked, wanted)).toContain('Did you mean "gpt-4o" or "gpt-4o-mini"?');
    const withinFence = Buffer.from(asked.toString().replace(MASTER_KEY, free));
    expect(await refusedAndKept(withinFence, wanted)).toContain('Did you mean "gpt-4o"?');
  });

  test.each(['__proto__', 'constructor', '../gpt-4o', 'GPT-4O', 'gpt-4o ', '*', '%67pt-4o', 'x'.repeat(10_000)])(
    'are never found by another spelling: %s',
    async (model) => {
      await refusedAndKept(unknown(model), { status: 404, code: 'model_not_found', param: 'model' });
    },
  );
});

describe('sizes', () => {
  const big = 'x'.repeat(1_200_000);

  test.each([
    [
      'as declared, not a byte of it read',
      headOf('POST /v1/chat/completions HTTP/1.1', 'Host: a', AUTH, 'Content-Length: 900000000'),
      '',
    ],
    [
      'in chunks',
      headOf('POST /v1/chat/completions HTTP/1.1', 'Host: a', AUTH, 'Transfer-Encoding: chunked'),
      `${big.length.toString(16)}\r\n${big}\r\n0\r\n\r\n`,
    ],
    [
      'as declared, and sent',
      headOf('POST /v1/chat/completions HTTP/1.1', 'Host: a', AUTH, `Content-Length: ${big.length}`),
      big,
    ],
  ])('a body over the limit, %s', async (_, head, body) => {
    const logged = gateway.calls.length;
    const answer = await sendRaw(gateway.port, head, body);
    expect(answer.status).toBe(413);
    expect(errorIn(answer.text)).toMatchObject({ code: 'body_too_large' });
    expect(errorIn(answer.text).message).toMatch(/1048576 bytes/);
    expect(upstream.started).toBe(0);
    expect(gateway.calls.slice(logged)).toEqual([expect.objectContaining({ outcome: 'refused', status: 413 })]);
  });

  test('who asks first whether to send a body over the limit is told not to', async () => {
    const head = headOf(
      'POST /v1/chat/completions HTTP/1.1',
      'Host: a',
      AUTH,
      'Expect: 100-continue',
      'Content-Length: 1048577',
    );
    const answer = await sendRaw(gateway.port, head);
    expect(answer.status).toBe(413);
    expect(answer.text).not.toContain('100 Continue');
  });

  test('who sends on and on is not read on and on', async () => {
    const head = headOf('POST /v1/chat/completions HTTP/1.1', 'Host: a', AUTH, 'Transfer-Encoding: chunked');
    const piece = Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(0x100000, 0x20), Buffer.from('\r\n')]);
    const socket = connect(gateway.port, '127.0.0.1');
    const answer = readRaw(socket, 2000);
    socket.write(head);
    for (let count = 0; count < 64; count += 1) socket.write(piece);
    expect((await answer).status).toBe(413);
    // What the kernels of both sides hold is not the gateway's.
    expect(socket.bytesWritten - socket.writableLength).toBeLessThan(32 * 1024 * 1024);
    socket.destroy();
  });

  test('a body of exactly the limit is taken', async () => {
    const start = `{"model":"gpt-4o","messages":[{"role":"user","content":"`;
    const body = `${start}${'x'.repeat(1_048_576 - start.length - 4)}"}]}`;
    expect(body).toHaveLength(1_048_576);
    expect((await sendRaw(gateway.port, request(body))).status).toBe(200);
  });

  test.each([
    ['lines', Array.from({ length: 101 }, (_, index) => `X-${index}: y`)],
    ['bytes in one line', [`X: ${'y'.repeat(16_500)}`]],
    ['bytes in many lines', Array.from({ length: 90 }, (_, index) => `X-${index}: ${'y'.repeat(200)}`)],
  ])('too many headers: %s', async (_, lines) => {
    const answer = await sendRaw(gateway.port, request('{}', '/v1/chat/completions', ...lines), ALIVE);
    expect(answer.status).toBe(431);
    expect(errorIn(answer.text)).toMatchObject({ code: 'headers_too_large', param: null });
    expect(answer.text.match(/HTTP\/1\.1 \d/g)).toHaveLength(1);
    expect(answer.closed).toBe(true);
  });
});

describe('paths and methods', () => {
  const plain = (line: string): Buffer => Buffer.from(headOf(line, 'Host: a', AUTH), 'latin1');

  test.each([
    '/',
    '/v1/chat/completion',
    '/v1//chat/completions',
    '/V1/chat/completions',
    '/v1/chat/completions/',
    '/%2e%2e/etc/passwd',
    '/v1/chat/completions%00',
    '/openai/deployments//chat/completions',
  ])('POST %s is nothing that is served', async (path) => {
    const answer = await sendRaw(gateway.port, request('{}', path), ALIVE);
    expect([404, 405]).toContain(answer.status);
    expect(errorIn(answer.text).code).toBe(answer.status === 404 ? 'route_not_found' : 'method_not_allowed');
    expect(answer.text).toContain('content-type: application/json');
    expect(answer.text).toContain("I'm alive!");
  });

  test.each([
    ['GET /v1/chat/completions HTTP/1.1', 'POST'],
    ['PUT /v1/embeddings HTTP/1.1', 'POST'],
    ['DELETE /v1/models HTTP/1.1', 'GET'],
    ['PATCH /health/liveliness HTTP/1.1', 'GET'],
    ['POST /v1/responses/resp_x HTTP/1.1', 'GET, DELETE'],
  ])('%s is told what the path takes', async (line, allow) => {
    const answer = await sendRaw(gateway.port, plain(line), ALIVE);
    expect(answer.status).toBe(405);
    expect(errorIn(answer.text)).toMatchObject({ code: 'method_not_allowed', param: null });
    expect(/\r\nallow: ([^\r]*)\r\n/i.exec(answer.text)?.[1]).toBe(allow);
    expect(answer.text).toContain("I'm alive!");
  });
});

describe('time', () => {
  const slowly = async (...pieces: readonly string[]): Promise<Awaited<ReturnType<typeof readRaw>>> => {
    const socket = connect(gateway.port, '127.0.0.1');
    const answer = readRaw(socket, 2000);
    for (const piece of pieces) {
      socket.write(piece);
      await new Promise((resolve) => {
        setTimeout(resolve, 50);
      });
    }
    const read = await answer;
    socket.destroy();
    return read;
  };

  test.each([
    ['that stops', ['{"model"']],
    ['that trickles', Array.from({ length: 40 }, () => ' ')],
  ])('a body %s is answered with 408, and the connection closed', async (_, pieces) => {
    const logged = gateway.calls.length;
    const head = headOf('POST /v1/chat/completions HTTP/1.1', 'Host: a', AUTH, 'Content-Length: 5000');
    const answer = await slowly(head, ...pieces);
    expect(answer.status).toBe(408);
    expect(errorIn(answer.text)).toMatchObject({ code: 'request_timeout' });
    expect(answer.closed).toBe(true);
    expect(gateway.calls).toHaveLength(logged + 1);
    expect(upstream.started).toBe(0);
  });

  test('a head that trickles too', async () => {
    const answer = await slowly(...'POST /v1/chat/completions HTTP/1.1\r\nHost: a'.split(''));
    expect(answer.status).toBe(408);
    expect(answer.closed).toBe(true);
  });
});

test('a bad request and a good one in one write are answered in order, each once', async () => {
  const good = request(`{"model":"gpt-4o","tags":["free"],${MESSAGES}}`);
  const answer = await sendRaw(gateway.port, Buffer.concat([request('{bad'), good, request('{}'), good]));
  const statuses = Array.from(answer.text.matchAll(/HTTP\/1\.1 (\d{3}) /g), ([, status]) => Number(status));
  expect(statuses).toEqual([400, 200, 400, 200]);
  expect(upstream.requests).toHaveLength(2);
});

test('answers to requests in one write say each what was asked in its place', async () => {
  const one = (id: string): string => headOf(`GET /v1/models/${id} HTTP/1.1`, 'Host: a', AUTH);
  const answer = await sendRaw(gateway.port, one('first'), one('gpt-4o'), one('third'), ALIVE);
  const codes = Array.from(answer.text.matchAll(/"(?:id":"gpt-4o"|code":"model_not_found")/g), ([text]) => text);
  expect(codes).toEqual(['"code":"model_not_found"', '"id":"gpt-4o"', '"code":"model_not_found"']);
});

describe('keys', () => {
  const head = (key: string, ...lines: readonly string[]): string =>
    headOf('POST /v1/chat/completions HTTP/1.1', 'Host: a', ...lines, key);
  const body = `{"model":"gpt-4o","tags":["free"],${MESSAGES}}`;

  test.each([
    ['wrong', 'Authorization: Bearer sk-nope', 'token_not_found_in_db', 'invalid_api_key'],
    ['missing', 'X-Key: none', 'auth_error', 'missing_api_key'],
  ])('one that is %s leaves the connection as it is', async (_, key, type, code) => {
    const answer = await sendRaw(gateway.port, head(key, `Content-Length: ${body.length}`), body, ALIVE);
    expect(answer.status).toBe(401);
    expect(errorIn(answer.text)).toMatchObject({ type, code });
    expect(answer.text).not.toContain('sk-nope');
    expect(answer.text).toContain("I'm alive!");
    expect(upstream.started).toBe(0);
  });

  test('one is asked for before the body is read', async () => {
    const answer = await sendRaw(gateway.port, head('X-Key: none', 'Content-Length: 900000'));
    expect(answer.status).toBe(401);
  });

  test('Expect: 100-continue is answered once the key is known, and not before', async () => {
    const expects = ['Expect: 100-continue', `Content-Length: ${body.length}`] as const;
    const refused = await sendRaw(gateway.port, head('Authorization: Bearer wrong', ...expects));
    expect(refused.status).toBe(401);
    expect(refused.text).not.toContain('100 Continue');
    const socket = connect(gateway.port, '127.0.0.1');
    socket.write(head(AUTH, ...expects));
    await new Promise<void>((resolve) => {
      socket.once('data', (piece: Buffer) => {
        expect(piece.toString()).toBe('HTTP/1.1 100 Continue\r\n\r\n');
        resolve();
      });
    });
    socket.write(body);
    const served = await readRaw(socket);
    socket.destroy();
    expect(served.status).toBe(200);
  });
});
