import { connect } from 'node:net';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { readConfig } from '../../src/config/read-config.ts';
import type { GatewayConfig } from '../../src/config/contract.ts';
import {
  answerChunks,
  answerJson,
  manualStream,
  neverAnswer,
  resetConnection,
  startFakeUpstream,
  type FakeUpstream,
} from '../support/fake-upstream.ts';
import { MASTER_KEY, startHarness, type Harness } from '../support/harness.ts';
import { headOf, readRaw, sendRaw } from '../support/raw-http.ts';

let upstream: FakeUpstream;

beforeAll(async () => {
  upstream = await startFakeUpstream();
});
beforeEach(() => upstream.reset());
afterAll(() => upstream[Symbol.asyncDispose]());

const configOf = (model: string, more: object = {}): object => ({
  model_list: [
    {
      model_name: 'g',
      litellm_params: { model, api_key: 'sk-up', api_base: upstream.url, ...more },
      model_info: { id: model },
    },
  ],
  router_settings: { enable_tag_filtering: true },
  general_settings: { master_key: MASTER_KEY },
});

function parsed(config: object): GatewayConfig {
  const reading = readConfig('c.yaml', { readText: () => JSON.stringify(config), env: {} });
  if (reading.config === undefined) throw new Error('The config of the test cannot be read.');
  return reading.config;
}

describe('settlement', () => {
  let gateway: Harness;
  beforeAll(async () => {
    gateway = await startHarness(configOf('openai/one', { timeout: 0.3 }));
  });
  afterAll(() => gateway[Symbol.asyncDispose]());

  const plain = (fields: object, key?: string | null) => async (): Promise<void> => {
    const answer = await gateway.chat({ model: 'g', ...fields }, key === undefined ? {} : { key });
    await answer.text();
  };

  test.each([
    ['served', answerJson({ ok: 1 }), plain({}), 'ok', 200],
    ['streamed', answerChunks(['data: [DONE]\n\n']), plain({ stream: true }), 'ok', 200],
    ['mocked', undefined, plain({ mock_response: 'x' }), 'ok', 200],
    ['no key', undefined, plain({}, null), 'refused', 401],
    ['a bad body', undefined, plain({ stream: 1 }), 'refused', 400],
    ['no such model', undefined, plain({ model: 'x' }), 'refused', 404],
    ['tags that nobody carries', undefined, plain({ tags: ['&x'] }), 'refused', 400],
    ['an upstream that says no', answerJson({ error: {} }, { status: 429 }), plain({}), 'upstream_failed', 429],
    ['an upstream that is gone', resetConnection(), plain({}), 'upstream_failed', 502],
    ['an upstream that sleeps', neverAnswer(), plain({}), 'upstream_failed', 504],
    [
      'a stream that breaks',
      answerChunks(['data: {}\n\n'], { ending: 'cut' }),
      plain({ stream: true }),
      'upstream_failed',
      200,
    ],
  ])('happens once: %s', async (_name, behaviour, call, outcome, status) => {
    if (behaviour !== undefined) upstream.respondWith(behaviour);
    const before = gateway.calls.length;
    await call();
    const record = await gateway.settled(before + 1);
    expect(record).toMatchObject({ outcome, status });
    expect(gateway.calls).toHaveLength(before + 1);
    expect(new Set(gateway.calls.map((one) => one.callId)).size).toBe(gateway.calls.length);
  });

  test('happens once for a client that leaves in the middle of its body', async () => {
    const before = gateway.calls.length;
    const socket = connect(gateway.port, '127.0.0.1');
    const head = headOf(
      'POST /v1/chat/completions HTTP/1.1',
      'Host: a',
      `Authorization: Bearer ${MASTER_KEY}`,
      'Content-Length: 50',
    );
    socket.write(`${head}{"model"`, () => setTimeout(() => socket.destroy(), 50));
    expect((await gateway.settled(before + 1)).outcome).toBe('client_gone');
    expect(gateway.calls).toHaveLength(before + 1);
  });
});

test('a running call ends well while the gateway closes, and new ones are not taken', async () => {
  const gateway = await startHarness(configOf('openai/one'));
  const stream = manualStream();
  upstream.respondWith(stream);
  const socket = connect(gateway.port, '127.0.0.1');
  const body = '{"model":"g","messages":[],"stream":true}';
  socket.write(
    headOf(
      'POST /v1/chat/completions HTTP/1.1',
      'Host: a',
      `Authorization: Bearer ${MASTER_KEY}`,
      `Content-Length: ${body.length}`,
    ) + body,
  );
  await stream.opened;
  await stream.send('data: {"choices":[]}\n\n');
  await new Promise((resolve) => {
    socket.once('data', resolve);
  });
  const closed = gateway.gateway.close(5);
  await expect(gateway.get('/health/liveness')).rejects.toThrow();
  await stream.send('data: [DONE]\n\n');
  stream.end();
  const rest = await readRaw(socket, 1_000);
  expect(rest.text).toContain('data: [DONE]');
  await closed;
});

describe('another config', () => {
  test('serves from the next call on; what runs keeps its own', async () => {
    await using gateway = await startHarness(configOf('openai/one'));
    const stream = manualStream();
    upstream.respondOnce(stream);
    const running = gateway.chat({ model: 'g', stream: true });
    await stream.opened;
    expect(gateway.gateway.reload(parsed(configOf('openai/two')))).toEqual([]);
    await stream.send('data: [DONE]\n\n');
    stream.end();
    const old = await running;
    await old.text();
    expect(old.headers.get('x-litellm-model-id')).toBe('openai/one');
    const next = await gateway.chat({ model: 'g' });
    expect(next.headers.get('x-litellm-model-id')).toBe('openai/two');
    expect(next.headers.get('x-waymark-decision-id')?.slice(0, 12)).not.toBe(
      old.headers.get('x-waymark-decision-id')?.slice(0, 12),
    );
  });

  test('that is broken leaves the old one serving', async () => {
    await using gateway = await startHarness(configOf('openai/one'));
    const problems = gateway.gateway.reload(parsed(configOf('openai/two', { tag_regex: ['(?=x)'] })));
    expect(problems).toMatchObject([{ severity: 'error' }]);
    expect((await gateway.chat({ model: 'g' })).headers.get('x-litellm-model-id')).toBe('openai/one');
  });

  test('that is broken refuses the start', async () => {
    await expect(startHarness(configOf('openai/one', { tag_regex: ['(?=x)'] }))).rejects.toMatchObject({
      name: 'ConfigRefused',
    });
  });
});

test('a connection that is kept serves one call after the other', async () => {
  await using gateway = await startHarness(configOf('openai/one'));
  const body = '{"model":"g","messages":[]}';
  const call =
    headOf(
      'POST /v1/chat/completions HTTP/1.1',
      'Host: a',
      `Authorization: Bearer ${MASTER_KEY}`,
      `Content-Length: ${body.length}`,
    ) + body;
  const answer = await sendRaw(gateway.port, call, call, call);
  expect(answer.text.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(3);
  expect(answer.closed).toBe(false);
});
