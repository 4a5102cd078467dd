import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import {
  answerBytes,
  answerChunks,
  answerJson,
  breakAfter,
  flood,
  manualStream,
  resetConnection,
  startFakeUpstream,
  type FakeUpstream,
} from '../support/fake-upstream.ts';
import { MASTER_KEY, startHarness, type Harness } from '../support/harness.ts';
import { headOf, sendRaw } from '../support/raw-http.ts';

let upstream: FakeUpstream;
let gateway: Harness;

beforeAll(async () => {
  upstream = await startFakeUpstream();
  const litellm_params = { model: 'openai/tts', api_key: 'sk-upstream-secret', api_base: upstream.url };
  gateway = await startHarness({ model_list: [{ model_name: 'voice', litellm_params, model_info: { id: 'one' } }] });
});

beforeEach(() => upstream.reset());

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

const ASK = { model: 'voice', input: 'Hello', voice: 'alloy' };
const say = (): Promise<Response> => gateway.post('/v1/audio/speech', ASK);
/** Every byte there is, and what is no text in any encoding. */
const SOUND = Buffer.concat([
  Buffer.from(Uint8Array.from({ length: 256 }, (_, index) => index)),
  Buffer.alloc(9, 0xff),
]);
const MP3 = { headers: { 'content-type': 'audio/mpeg' } };

function rawRequest(): string {
  const body = JSON.stringify(ASK);
  const lines = ['Host: localhost', `Authorization: Bearer ${MASTER_KEY}`, `Content-Length: ${body.length}`];
  return headOf('POST /v1/audio/speech HTTP/1.1', ...lines) + body;
}

describe('bytes come back as they are', () => {
  test('with the length that the upstream gave', async () => {
    upstream.respondWith(answerBytes(SOUND, MP3));
    const answer = await say();
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('audio/mpeg');
    expect(answer.headers.get('content-length')).toBe(String(SOUND.byteLength));
    expect(answer.headers.get('transfer-encoding')).toBeNull();
    expect(answer.headers.get('x-litellm-model-id')).toBe('one');
    expect(Buffer.from(await answer.arrayBuffer()).equals(SOUND)).toBe(true);
    expect((await gateway.settled(gateway.calls.length)).outcome).toBe('ok');
  });

  test('chunked, where it gave none', async () => {
    upstream.respondWith(answerChunks([SOUND.subarray(0, 100), SOUND.subarray(100)], MP3));
    const answer = await say();
    expect(answer.headers.get('content-length')).toBeNull();
    expect(Buffer.from(await answer.arrayBuffer()).equals(SOUND)).toBe(true);
  });

  test('without a type, empty, or JSON that nobody reads', async () => {
    upstream.respondWith(answerBytes(SOUND));
    expect((await say()).headers.get('content-type')).toBe('application/octet-stream');
    upstream.respondWith(answerBytes('', MP3));
    const empty = await say();
    expect([empty.status, empty.headers.get('content-length')]).toEqual([200, '0']);
    upstream.respondWith(answerBytes('{"text": 1e400}', { headers: { 'content-type': 'application/json' } }));
    expect(await (await say()).text()).toBe('{"text": 1e400}');
  });

  test('piece by piece, none held back', async () => {
    const stream = manualStream(MP3);
    upstream.respondWith(stream);
    const asked = say();
    await stream.opened;
    await stream.send(SOUND);
    const reader = (await asked).body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).equals(SOUND)).toBe(true);
    await stream.send('more');
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('more');
    stream.end();
    expect((await reader?.read())?.done).toBe(true);
  });

  test('opened, where the upstream compressed them unasked', async () => {
    const headers = { ...MP3.headers, 'content-encoding': 'gzip' };
    upstream.respondWith(answerBytes(gzipSync(SOUND), { headers }));
    const answer = await say();
    expect(answer.headers.get('content-encoding')).toBeNull();
    expect(Buffer.from(await answer.arrayBuffer()).equals(SOUND)).toBe(true);
    upstream.respondWith(answerBytes('no gzip at all', { headers }));
    expect((await say()).status).toBe(502);
  });

  test('and the connection serves the next call', async () => {
    upstream.respondWith(answerBytes(SOUND, MP3));
    const answer = await sendRaw(gateway.port, rawRequest() + rawRequest());
    expect(answer.text.match(/HTTP\/1\.1 200 /g)).toHaveLength(2);
    expect(answer.closed).toBe(false);
  });
});

describe('bytes that break off', () => {
  test.each([
    ['with a length', breakAfter(100, SOUND, MP3), /content-length: 265/i],
    ['chunked', answerChunks([SOUND], { ...MP3, ending: 'cut' }), /transfer-encoding: chunked/i],
  ])('never end well (%s)', async (_name, behaviour, framing) => {
    upstream.respondWith(behaviour);
    const answer = await sendRaw(gateway.port, rawRequest());
    expect(answer.status).toBe(200);
    expect(answer.text).toMatch(framing);
    expect(answer.closed).toBe(true);
    expect(answer.text).not.toContain('\r\n0\r\n');
    const call = await gateway.settled(gateway.calls.length);
    expect(call).toMatchObject({ outcome: 'upstream_failed', code: 'upstream_failed', status: 200 });
    await expect(say().then((whole) => whole.arrayBuffer())).rejects.toThrow();
  });

  test('before the first byte are plain errors', async () => {
    upstream.respondWith(resetConnection());
    expect((await say()).status).toBe(502);
    upstream.respondWith(breakAfter(0, SOUND, MP3));
    const answer = await say();
    expect(answer.status).toBe(502);
    expect(await answer.json()).toMatchObject({ error: { code: 'upstream_failed' } });
  });

  test("the upstream's own error is JSON as ever", async () => {
    upstream.respondWith(answerJson({ error: { message: 'no such voice', code: 'bad_voice' } }, { status: 400 }));
    const answer = await say();
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(await answer.json()).toMatchObject({ error: { code: 'bad_voice' } });
  });
});

test('a client that leaves takes the upstream with it', async () => {
  upstream.respondWith(answerChunks([SOUND], { ...MP3, ending: 'hang' }));
  const leaving = new AbortController();
  const before = gateway.calls.length;
  const answer = await gateway.post('/v1/audio/speech', ASK, { signal: leaving.signal });
  await answer.body?.getReader().read();
  leaving.abort();
  expect(await (await upstream.request(1)).finished).toBe(false);
  expect((await gateway.settled(before + 1)).outcome).toBe('client_gone');
});

const PIECE = Buffer.alloc(64 * 1024, 0x5a);
const PIECES = 3_200;
const LARGE = { headers: { ...MP3.headers, 'content-length': String(PIECE.byteLength * PIECES) } };
/** What may be held at any moment by upstream, gateway and client, which all run in this process. Bytes. */
const MOST_HELD = 64 * 1024 * 1024;
/** Collects garbage, so that what is left is what somebody holds. */
const collectGarbage = ((): (() => void) => {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
})();
const LOOK_EVERY = 8 * 1024 * 1024;
const heldBytes = (): number => {
  collectGarbage();
  return process.memoryUsage().arrayBuffers;
};

test('200 MB go through in constant memory', async () => {
  upstream.respondWith(flood(PIECE, PIECES, LARGE));
  const before = heldBytes();
  const hash = createHash('sha256');
  let size = 0;
  let most = 0;
  let nextLook = LOOK_EVERY;
  const answer = await say();
  for await (const piece of answer.body ?? []) {
    size += (piece as Uint8Array).byteLength;
    hash.update(piece as Uint8Array);
    if (size < nextLook) continue;
    nextLook += LOOK_EVERY;
    most = Math.max(most, heldBytes() - before);
  }
  const wanted = createHash('sha256');
  for (let count = 0; count < PIECES; count += 1) wanted.update(PIECE);
  expect(size).toBe(PIECE.byteLength * PIECES);
  expect(hash.digest('hex')).toBe(wanted.digest('hex'));
  expect(most).toBeLessThan(MOST_HELD);
}, 60_000);

test('a client that does not read holds the upstream back', async () => {
  upstream.respondWith(flood(PIECE, PIECES, LARGE));
  const socket = connect(gateway.port, '127.0.0.1');
  socket.pause();
  socket.write(rawRequest());
  await upstream.request(1);
  let last = -1;
  while (upstream.bytesSent !== last) {
    last = upstream.bytesSent;
    await new Promise((resolve) => {
      setTimeout(resolve, 300);
    });
  }
  expect(last).toBeLessThan(32 * 1024 * 1024);
  socket.destroy();
});
