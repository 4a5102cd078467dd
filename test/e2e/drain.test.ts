// What a stop does to calls that outlast it, and to connections that are still open meanwhile.
import { connect, type Socket } from 'node:net';

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import {
  answerChunks,
  answerJson,
  manualStream,
  neverAnswer,
  startFakeUpstream,
  type Behaviour,
  type FakeUpstream,
} from '../support/fake-upstream.ts';
import { MASTER_KEY, startHarness, type Harness } from '../support/harness.ts';
import { headOf, readRaw } from '../support/raw-http.ts';

let upstream: FakeUpstream;

beforeAll(async () => {
  upstream = await startFakeUpstream();
});
beforeEach(() => upstream.reset());
afterAll(() => upstream[Symbol.asyncDispose]());

async function start(): Promise<Harness> {
  return await startHarness({
    model_list: [{ model_name: 'g', litellm_params: { model: 'openai/m', api_key: 'sk-up', api_base: upstream.url } }],
    general_settings: { master_key: MASTER_KEY },
  });
}

/** Long enough for a call to get through if nothing cut it, short enough to wait for. Seconds. */
const DRAIN = 0.2;

const CUT = { error: { code: 'shutting_down', message: expect.stringContaining('before the answer was complete') } };

const STREAMS: [string, string, object, string, (event: string) => unknown][] = [
  [
    'chat',
    '/v1/chat/completions',
    { model: 'g', messages: [], stream: true },
    'data: {"choices":[]}\n\n',
    (event) => JSON.parse(event.replace('data: ', '')) as unknown,
  ],
  [
    'a response',
    '/v1/responses',
    { model: 'g', input: 'hi', stream: true },
    'event: response.in_progress\ndata: {"type":"response.in_progress","sequence_number":0}\n\n',
    (event) => ({ error: JSON.parse(event.replace('event: error\ndata: ', '')) as unknown }),
  ],
];

test.each(STREAMS)(
  'a stream of %s that outlasts the stop ends with an error event, in an answer that ends well',
  async (_name, path, body, piece, read) => {
    const gateway = await start();
    upstream.respondWith(answerChunks([piece], { ending: 'hang' }));
    const answer = await gateway.post(path, body);
    const text = answer.text();
    await gateway.gateway.close(DRAIN);
    const events = (await text).split('\n\n').filter((event) => event !== '');
    expect(events).toHaveLength(2);
    expect(read(events[1] ?? '')).toMatchObject(CUT);
    expect(await gateway.settled(1)).toMatchObject({ outcome: 'gateway_failed', code: 'shutting_down', status: 200 });
    // Nobody pays for what nobody reads.
    expect(await (await upstream.request(1)).finished).toBe(false);
  },
);

const WAITING: [string, Behaviour][] = [
  ['that has not begun', neverAnswer()],
  [
    'of which half has come',
    answerChunks(['{"id":'], { headers: { 'content-type': 'application/json' }, ending: 'hang' }),
  ],
];

test.each(WAITING)(
  'a call that waits for an answer %s is told that the gateway shuts down',
  async (_name, behaviour) => {
    const gateway = await start();
    upstream.respondWith(behaviour);
    const asked = gateway.chat({ model: 'g' });
    await upstream.request(1);
    await gateway.gateway.close(DRAIN);
    const answer = await asked;
    expect([answer.status, answer.headers.get('retry-after'), answer.headers.get('connection')]).toEqual([
      503,
      '1',
      'close',
    ]);
    expect(await answer.json()).toMatchObject(CUT);
    expect(await gateway.settled(1)).toMatchObject({ outcome: 'gateway_failed', code: 'shutting_down', status: 503 });
  },
);

test('bytes that would be taken for complete are cut without an end', async () => {
  const gateway = await start();
  upstream.respondWith(answerChunks(['sound'], { headers: { 'content-type': 'audio/mpeg' }, ending: 'hang' }));
  const answer = await gateway.post('/v1/audio/speech', { model: 'g', input: 'hi', voice: 'alloy' });
  const body = expect(answer.arrayBuffer()).rejects.toThrow();
  await gateway.gateway.close(DRAIN);
  await body;
  expect((await gateway.settled(1)).outcome).toBe('gateway_failed');
});

test('a client that takes nothing of what it is told does not hold the stop up', async () => {
  const gateway = await start();
  const stream = manualStream();
  upstream.respondWith(stream);
  const socket = await open(gateway, callOf({ model: 'g', messages: [], stream: true }));
  socket.pause();
  await stream.opened;
  while (await Promise.race([stream.send(`: ${'x'.repeat(256 * 1024)}\n`), pause(100)])) {
    // Until the client's and everybody's buffers are full.
  }
  await gateway.gateway.close(DRAIN);
  socket.destroy();
  expect((await gateway.settled(1)).code).toBe('shutting_down');
});

test('while running calls end, idle connections close, none is taken, and whoever still asks is told', async () => {
  const gateway = await start();
  const stream = manualStream();
  upstream.respondOnce(stream);
  const running = await open(gateway, callOf({ model: 'g', messages: [], stream: true }));
  await stream.opened;
  await stream.send('data: {"choices":[{"delta":{}}]}\n\n');
  const idle = await open(gateway, '');
  // Their requests have begun, so that their connections are not idle.
  const asks = [
    'GET /health/readiness HTTP/1.1',
    'GET /health/liveliness HTTP/1.1',
    callOf({ model: 'g', messages: [] }),
  ];
  const half = await Promise.all(asks.map(async (ask) => await open(gateway, ask.slice(0, 8))));
  const told = half.map((socket) => readRaw(socket, 5_000));
  const ended = readRaw(idle, 5_000);
  const closed = gateway.gateway.close(20);
  expect(await ended).toEqual({ text: '', status: 0, closed: true });
  await expect(gateway.get('/health/liveliness')).rejects.toThrow();
  for (const [index, socket] of half.entries()) {
    const ask = asks[index] ?? '';
    socket.write((ask.startsWith('GET') ? headOf(ask, 'Host: a') : ask).slice(8));
  }
  const [readiness, liveliness, call] = await Promise.all(told);
  expect([readiness?.status, liveliness?.status, call?.status]).toEqual([503, 200, 503]);
  for (const answer of [readiness, call]) expect(answer?.text).toContain('"code":"shutting_down"');
  for (const answer of [readiness, liveliness, call]) {
    expect(answer?.closed).toBe(true);
    expect(answer?.text.toLowerCase()).toContain('connection: close');
  }
  const rest = readRaw(running, 5_000);
  await stream.send('data: [DONE]\n\n');
  stream.end();
  expect((await rest).text).toMatch(/data: \[DONE\]\n\n\r\n0\r\n\r\n$/);
  await closed;
});

test('a stop without running calls waits for nothing', async () => {
  upstream.respondWith(answerJson({ ok: 1 }));
  const gateway = await start();
  await (await gateway.chat({ model: 'g' })).text();
  // Beyond what a timer counts, which must not mean none at all.
  await gateway.gateway.close(1e9);
});

function callOf(body: object): string {
  const text = JSON.stringify(body);
  const head = headOf(
    'POST /v1/chat/completions HTTP/1.1',
    'Host: a',
    `Authorization: Bearer ${MASTER_KEY}`,
    `Content-Length: ${text.length}`,
  );
  return head + text;
}

async function open(gateway: Harness, bytes: string): Promise<Socket> {
  const socket = connect(gateway.port, '127.0.0.1');
  await new Promise((resolve) => {
    socket.once('connect', resolve);
  });
  if (bytes !== '') {
    await new Promise((resolve) => {
      socket.write(bytes, resolve);
    });
  }
  // What was written has to be read before the stop begins: the gateway answers in the order of arrival.
  await gateway.get('/health/liveliness');
  return socket;
}

async function pause(milliseconds: number): Promise<false> {
  return await new Promise((resolve) => {
    setTimeout(resolve, milliseconds, false);
  });
}
