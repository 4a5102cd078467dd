import { connect } from 'node:net';

import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';

import {
  answerChunks,
  answerEvents,
  answerJson,
  chatEvents,
  flood,
  manualStream,
  neverAnswer,
  startFakeUpstream,
  type FakeUpstream,
} from '../support/fake-upstream.ts';
import { MASTER_KEY, startHarness, type Harness } from '../support/harness.ts';
import { headOf } from '../support/raw-http.ts';

let upstream: FakeUpstream;
let gateway: Harness;

beforeAll(async () => {
  upstream = await startFakeUpstream();
  const litellm_params = { model: 'openai/m', api_key: 'sk-upstream-secret', api_base: upstream.url };
  gateway = await startHarness({
    model_list: [
      { model_name: 'g', litellm_params, model_info: { id: 'one' } },
      { model_name: 'hasty', litellm_params: { ...litellm_params, stream_timeout: 0.2, timeout: 0.6 } },
    ],
  });
});

beforeEach(() => upstream.reset());

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

const DELTA = 'data: {"choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":null}]}\n\n';
const FINISH = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n';
const DONE = 'data: [DONE]\n\n';

async function readAll(answer: Response): Promise<{ text: string; whole: boolean }> {
  let text = '';
  const decoder = new TextDecoder();
  try {
    for await (const chunk of answer.body ?? []) text += decoder.decode(chunk as Uint8Array, { stream: true });
    return { text, whole: true };
  } catch {
    return { text, whole: false };
  }
}

describe('a stream that is complete', () => {
  test.each([
    ['as OpenAI sends it', [DELTA, FINISH, DONE]],
    ['without [DONE] after a finish_reason', [DELTA, FINISH]],
    ['with CRLF, comments and odd spacing', [': ping\r\n\r\ndata:{"choices":[]}\r\n\r\n', 'data: [DONE]\r\n\r\n']],
    [
      'cut in the middle of events and characters',
      [
        Buffer.from(`${DELTA}data: {"x":"ü"}\n\n`).subarray(0, 91),
        Buffer.from(`${DELTA}data: {"x":"ü"}\n\n`).subarray(91),
        DONE,
      ],
    ],
    ['with big numbers and unknown fields', ['data: {"z":12345678901234567890,"é":1e400}\n\n', DONE]],
  ])('comes byte for byte (%s)', async (_name, chunks) => {
    upstream.respondWith(answerChunks(chunks));
    const answer = await gateway.chat({ model: 'g', stream: true });
    expect(answer.headers.get('content-type')).toBe('text/event-stream');
    expect(answer.headers.get('cache-control')).toBe('no-cache');
    expect(answer.headers.get('x-litellm-model-id')).toBe('one');
    const got = await readAll(answer);
    expect(got).toEqual({ text: chunks.map((chunk) => chunk.toString()).join(''), whole: true });
  });

  test('comes event by event, none held back', async () => {
    const stream = manualStream();
    upstream.respondWith(stream);
    const asked = gateway.chat({ model: 'g', stream: true });
    await stream.opened;
    await stream.send(DELTA);
    const reader = (await asked).body?.getReader();
    for (const next of [DELTA, FINISH, DONE]) {
      const piece = await reader?.read();
      expect(new TextDecoder().decode(piece?.value)).toBe(next === DELTA ? DELTA : next);
      if (next === DELTA) await stream.send(FINISH);
      if (next === FINISH) await stream.send(DONE);
    }
    stream.end();
    expect((await reader?.read())?.done).toBe(true);
  });
});

describe('a stream that is not', () => {
  test.each([
    ['breaks', answerChunks([DELTA], { ending: 'cut' }), 'upstream_failed'],
    ['is reset', answerChunks([DELTA], { ending: 'reset', delayMs: 5 }), 'upstream_failed'],
    ['ends early but cleanly', answerChunks([DELTA]), 'upstream_failed'],
    ['breaks in the middle of an event', answerChunks([DELTA, 'data: {"choi'], { ending: 'cut' }), 'upstream_failed'],
  ])('ends with an error event and never with [DONE] (%s)', async (_name, behaviour, code) => {
    upstream.respondWith(behaviour);
    const answer = await gateway.chat({ model: 'g', stream: true });
    expect(answer.status).toBe(200);
    const { text, whole } = await readAll(answer);
    expect(whole).toBe(true);
    expect(text).not.toContain('[DONE]');
    const last = text.trimEnd().split('\n\n').at(-1) ?? '';
    expect(JSON.parse(last.slice('data: '.length))).toMatchObject({ error: { code } });
  });

  test('that is silent too long ends with an error event', async () => {
    upstream.respondWith(answerChunks([DELTA], { ending: 'hang' }));
    const { text, whole } = await readAll(await gateway.chat({ model: 'hasty', stream: true }));
    expect(whole).toBe(true);
    expect(text).toContain('"code":"upstream_timeout"');
  });

  test.each([
    ['no head', neverAnswer()],
    ['a head and nothing more', answerChunks([], { ending: 'hang' })],
  ])('a stream that does not begin in time is a plain 504 (%s)', async (_name, behaviour) => {
    upstream.respondWith(behaviour);
    const answer = await gateway.chat({ model: 'hasty', stream: true });
    expect(answer.status).toBe(504);
    expect(await answer.json()).toMatchObject({ error: { code: 'upstream_timeout' } });
  });

  test('an empty stream is a plain 502', async () => {
    upstream.respondWith(answerChunks([]));
    const answer = await gateway.chat({ model: 'g', stream: true });
    expect(answer.status).toBe(502);
    expect(await answer.json()).toMatchObject({ error: { code: 'upstream_failed' } });
  });

  test('an upstream that says itself that it failed is passed on', async () => {
    const event = 'data: {"error":{"message":"overloaded"}}\n\n';
    upstream.respondWith(answerChunks([DELTA, event]));
    const got = await readAll(await gateway.chat({ model: 'g', stream: true }));
    expect(got).toEqual({ text: DELTA + event, whole: true });
    expect((await gateway.settled(gateway.calls.length)).outcome).toBe('upstream_failed');
  });
});

test('JSON for a stream, and a stream for JSON, are passed on as what they are', async () => {
  upstream.respondWith(answerJson({ id: 'x' }));
  const json = await gateway.chat({ model: 'g', stream: true });
  expect(json.headers.get('content-type')).toBe('application/json');
  expect(await json.json()).toEqual({ id: 'x' });
  upstream.respondWith(answerEvents(chatEvents('Hello')));
  const stream = await gateway.chat({ model: 'g' });
  expect(stream.headers.get('content-type')).toBe('text/event-stream');
  expect((await stream.text()).endsWith(DONE)).toBe(true);
});

describe('a client that leaves', () => {
  test.each([
    ['while a stream runs', true],
    ['while the answer is awaited', false],
  ])('takes the upstream with it (%s)', async (_name, stream) => {
    const behaviour = stream ? answerChunks([DELTA], { ending: 'hang' }) : neverAnswer();
    upstream.respondWith(behaviour);
    const before = gateway.calls.length;
    const leaving = new AbortController();
    const asked = gateway.chat({ model: 'g', stream }, { signal: leaving.signal });
    if (stream) await (await asked).body?.getReader().read();
    const request = await upstream.request(1);
    leaving.abort();
    if (!stream) await expect(asked).rejects.toThrow();
    expect(await request.finished).toBe(false);
    expect((await gateway.settled(before + 1)).outcome).toBe('client_gone');
  });
});

test('a client that does not read holds the upstream back, and memory with it', async () => {
  const chunk = `data: ${'x'.repeat(64 * 1024)}\n\n`;
  upstream.respondWith(flood(chunk, 2_000));
  const body = JSON.stringify({ model: 'g', stream: true, messages: [] });
  const socket = connect(gateway.port, '127.0.0.1');
  socket.pause();
  socket.write(
    headOf(
      'POST /v1/chat/completions HTTP/1.1',
      'Host: localhost',
      `Authorization: Bearer ${MASTER_KEY}`,
      `Content-Length: ${body.length}`,
    ) + body,
  );
  await upstream.request(1);
  let last = -1;
  // It stands still when what the kernel's buffers and ours take is full.
  while (upstream.bytesSent !== last) {
    last = upstream.bytesSent;
    await new Promise((resolve) => {
      setTimeout(resolve, 300);
    });
  }
  expect(last).toBeLessThan(32 * 1024 * 1024);
  socket.destroy();
});

test('connections of calls that were left at any point are given back', async () => {
  upstream.respondWith(answerEvents(chatEvents('Hello there, this goes on for a while.'), { delayMs: 2 }));
  const before = gateway.calls.length;
  const leavings = Array.from({ length: 60 }, async (_, index) => {
    const leaving = new AbortController();
    const asked = gateway.chat({ model: 'g', stream: true }, { signal: leaving.signal });
    setTimeout(() => leaving.abort(), index);
    await asked.then((answer) => answer.text()).catch(() => undefined);
  });
  await Promise.all(leavings);
  // Some left before the gateway saw them at all; those that it saw are settled, each once.
  await new Promise((resolve) => {
    setTimeout(resolve, 500);
  });
  const seen = gateway.calls.slice(before);
  expect(new Set(seen.map((one) => one.callId)).size).toBe(seen.length);
  expect(seen.some((one) => one.outcome === 'client_gone')).toBe(true);
  const answer = await gateway.chat({ model: 'g', stream: true });
  expect((await answer.text()).endsWith(DONE)).toBe(true);
  // The few that finished stay open for the next call; one for each call that was left would be a leak.
  await vi.waitFor(() => expect(upstream.openConnections).toBeLessThanOrEqual(5), { timeout: 10_000, interval: 100 });
});
