import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import {
  answerBytes,
  answerChunks,
  answerEcho,
  answerEvents,
  answerGzip,
  answerJson,
  breakAfter,
  chatAnswer,
  drip,
  flood,
  hangUp,
  manualStream,
  neverAnswer,
  resetConnection,
  startFakeUpstream,
  wrongLength,
  type Behaviour,
} from './fake-upstream.ts';

/** Sends one request on its own connection and gives back everything that came, and how it ended. */
async function raw(port: number, body: string): Promise<{ head: string; body: string; ended: string }> {
  const socket = connect(port, '127.0.0.1');
  const length = Buffer.byteLength(body);
  socket.write(
    `POST /v1/x?y=1 HTTP/1.1\r\nHost: h\r\nX-Two: a\r\nx-two: b\r\nconnection: close\r\ncontent-length: ${length}\r\n\r\n${body}`,
  );
  let all = '';
  const ended = await new Promise<string>((resolve) => {
    socket.on('data', (piece) => (all += piece.toString('latin1')));
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
    socket.on('end', () => resolve('end'));
  });
  const split = all.indexOf('\r\n\r\n');
  return { head: all.slice(0, split), body: all.slice(split + 4), ended };
}

describe('behaviours', () => {
  const cases: [
    name: string,
    behaviour: Behaviour,
    expected: { head?: RegExp; body?: string | RegExp; ended?: string },
  ][] = [
    [
      'json',
      answerJson({ a: 1 }, { status: 429, headers: { 'retry-after': '7' } }),
      { head: /^HTTP\/1.1 429 [^]*retry-after: 7\r\n/, body: '{"a":1}' },
    ],
    ['bytes that are no JSON', answerBytes('<html>'), { head: /content-length: 6/, body: '<html>' }],
    [
      'repeated headers',
      answerBytes('', { headers: ['set-cookie', 'a', 'set-cookie', 'b'] }),
      { head: /set-cookie: a\r\nset-cookie: b/ },
    ],
    ['echo', answerEcho(), { body: /"path":"\/v1\/x\?y=1".*"X-Two","a","x-two","b".*"body":"hello"/ }],
    ['chunks', answerChunks(['ab', 'c']), { head: /text\/event-stream/, body: '2\r\nab\r\n1\r\nc\r\n0\r\n\r\n' }],
    ['chunks cut off', answerChunks(['ab'], { ending: 'cut' }), { body: '2\r\nab\r\n' }],
    ['events', answerEvents([{ a: 1 }]), { body: /data: \{"a":1\}\n\n[^]*data: \[DONE\]\n\n[^]*0\r\n\r\n$/ }],
    ['events without an end mark', answerEvents([{ a: 1 }], { done: false }), { body: /^[^D]*$/ }],
    ['break at byte 3', breakAfter(3, 'abcdef'), { head: /content-length: 6/, body: 'abc' }],
    ['break before the body', breakAfter(0, 'abcdef'), { head: /content-length: 6/, body: '' }],
    ['wrong length', wrongLength(10, 'abc'), { head: /content-length: 10/, body: 'abc' }],
    ['drip', drip('abcdef', { pieceBytes: 2, everyMs: 1 }), { body: 'abcdef' }],
    ['flood', flood('abcd', 3), { body: /^4\r\nabcd\r\n4\r\nabcd\r\n4\r\nabcd\r\n0/ }],
    ['reset', resetConnection(), { ended: 'ECONNRESET' }],
    ['hang up', hangUp(), { head: /^$/, body: '' }],
  ];
  test.each(cases)('%s', async (_name, behaviour, expected) => {
    await using upstream = await startFakeUpstream(() => behaviour);
    const answer = await raw(upstream.port, 'hello');
    if (expected.head !== undefined) expect(answer.head).toMatch(expected.head);
    if (typeof expected.body === 'string') expect(answer.body).toBe(expected.body);
    else if (expected.body !== undefined) expect(answer.body).toMatch(expected.body);
    expect(answer.ended).toBe(expected.ended ?? 'end');
  });

  test('gzip', async () => {
    await using upstream = await startFakeUpstream(() => answerGzip({ a: 1 }));
    const answer = await raw(upstream.port, '');
    expect(answer.head).toMatch(/content-encoding: gzip/);
    expect(gunzipSync(Buffer.from(answer.body, 'latin1')).toString()).toBe('{"a":1}');
  });
});

test('records what came, byte for byte, and counts', async () => {
  await using upstream = await startFakeUpstream();
  const odd = '{"n": 12345678901234567890,\t"model":"m"}';
  await raw(upstream.port, odd);
  await raw(upstream.port, '{}');
  expect(upstream.requests.map((request) => [request.method, request.path, request.connection])).toEqual([
    ['POST', '/v1/x?y=1', 1],
    ['POST', '/v1/x?y=1', 2],
  ]);
  expect(upstream.requests[0]?.body.toString()).toBe(odd);
  expect(upstream.requests[0]?.header('x-two')).toBe('a, b');
  expect([upstream.started, upstream.connections]).toEqual([2, 2]);
  expect(upstream.bytesReceived).toBeGreaterThan(Buffer.byteLength(odd));
  upstream.reset();
  expect([
    upstream.requests.length,
    upstream.started,
    upstream.connections,
    upstream.bytesReceived,
    upstream.bytesSent,
  ]).toEqual([0, 0, 0, 0, 0]);
});

test('scripts one answer, then goes on as before', async () => {
  await using upstream = await startFakeUpstream(() => answerJson('usual'));
  upstream.respondOnce(answerJson('first'));
  upstream.respondOnce(answerJson('second'));
  const bodies = [];
  for (let call = 0; call < 3; call += 1) bodies.push((await raw(upstream.port, '')).body);
  upstream.respondWith(answerJson('other'));
  bodies.push((await raw(upstream.port, '')).body);
  expect(bodies).toEqual(['"first"', '"second"', '"usual"', '"other"']);
});

test('answers as a chat model by default, streaming when asked', async () => {
  await using upstream = await startFakeUpstream();
  const whole = await fetch(upstream.url, { method: 'POST', body: '{"model":"m"}' });
  expect(await whole.json()).toEqual(chatAnswer('Hello from the fake upstream.', 'm'));
  const stream = await fetch(upstream.url, { method: 'POST', body: '{"stream":true}' });
  const said = (await text(stream.body as never)).match(/(?<="content":")[^"]*/g);
  expect(said?.join('')).toBe('Hello from the fake upstream.');
});

test('a stream driven by hand, and a client that leaves', async () => {
  const stream = manualStream();
  await using upstream = await startFakeUpstream(() => stream);
  const abort = new AbortController();
  const answer = await fetch(upstream.url, { method: 'POST', body: '{}', signal: abort.signal });
  await stream.opened;
  expect(await stream.send('data: 1\n\n')).toBe(true);
  const reader = answer.body?.getReader();
  expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('data: 1\n\n');
  abort.abort();
  expect(await (await upstream.request(1)).finished).toBe(false);
  expect(await stream.send('data: 2\n\n')).toBe(false);
});

test('holds back for a reader that does not read', async () => {
  await using upstream = await startFakeUpstream(() => flood(Buffer.alloc(65_536), 4_000));
  const answer = await fetch(upstream.url);
  expect(answer.status).toBe(200);
  expect(upstream.bytesSent).toBeLessThan(64 * 1024 * 1024);
  await answer.body?.cancel();
});

test('never answering still ends with the test', async () => {
  await using upstream = await startFakeUpstream(() => neverAnswer());
  const failed = raw(upstream.port, '{}');
  await upstream.request(1);
  await upstream[Symbol.asyncDispose]();
  expect((await failed).body).toBe('');
});
