import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createNetServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';

import type { StreamedBody, UpstreamAnswer } from '../../../providers/contract.ts';
import { Http1Upstream } from './http1-upstream.ts';

const LONG = { connectSeconds: 10, firstByteSeconds: 30, idleSeconds: 30, totalSeconds: 30 };
const STAYS = { aborted: false, onAbort: () => undefined };

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

function newUpstream(): Http1Upstream {
  const upstream = new Http1Upstream({ env: {} });
  closing.push(() => upstream.close());
  return upstream;
}

async function listen(server: Server): Promise<string> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  closing.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface Heard {
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** An upstream that reads requests whole and answers `ok`. */
async function reader(): Promise<{ url: string; heard: Heard[]; connections: () => number }> {
  const heard: Heard[] = [];
  let connections = 0;
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('error', () => undefined);
    request.on('end', () => {
      heard.push({ headers: request.headers, body: Buffer.concat(pieces) });
      response.end('ok');
    });
  });
  server.on('connection', () => (connections += 1));
  return { url: await listen(server), heard, connections: () => connections };
}

function send(upstream: Http1Upstream, origin: string, body: StreamedBody, timeouts = LONG): Promise<UpstreamAnswer> {
  return upstream.send({ origin, method: 'POST', path: '/x', headers: [], body, timeouts }, STAYS);
}

async function text(answer: UpstreamAnswer): Promise<string> {
  return Buffer.from(await answer.body.bytes(10_000)).toString('latin1');
}

/** Pieces that come one after the other, and whether whoever took them has let go. */
class Source implements AsyncIterable<Uint8Array> {
  taken = 0;
  released = false;
  readonly #pieces: () => AsyncGenerator<Uint8Array>;

  constructor(pieces: () => AsyncGenerator<Uint8Array>) {
    this.#pieces = pieces;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for await (const piece of this.#pieces()) {
        this.taken += 1;
        yield piece;
      }
    } finally {
      this.released = true;
    }
  }
}

async function* some(...pieces: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield Buffer.from(piece);
}

async function* endless(): AsyncGenerator<Uint8Array> {
  for (;;) yield Buffer.alloc(64 * 1024, 'x');
}

const never = (): Promise<never> => new Promise(() => undefined);

async function until(check: () => boolean): Promise<void> {
  while (!check()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('a streamed body', () => {
  test.each([
    ['of unknown length goes in chunks', undefined, { 'transfer-encoding': 'chunked' }],
    ['of known length says so', 11, { 'content-length': '11' }],
  ])('%s, byte for byte', async (_, length, headers) => {
    const { url, heard, connections } = await reader();
    const upstream = newUpstream();
    for (let round = 1; round <= 2; round += 1) {
      const source = new Source(() => some('hello', '', ' ', 'world'));
      expect(await text(await send(upstream, url, { length, chunks: source }))).toBe('ok');
      expect(source.released).toBe(true);
    }
    expect(heard.map(({ body }) => body.toString())).toEqual(['hello world', 'hello world']);
    expect(heard[0]?.headers).toMatchObject(headers);
    expect(Object.keys(heard[0]?.headers ?? {}).filter((name) => /length|encoding/.test(name))).toHaveLength(1);
    // It went out whole: the connection serves the next call.
    expect(connections()).toBe(1);
  });

  test('goes out while it comes: the upstream has the first piece before there is a second', async () => {
    let first: (bytes: string) => void = () => undefined;
    const arrived = new Promise<string>((resolve) => (first = resolve));
    const url = await listen(
      createServer((request, response) => {
        request.once('data', (piece: Buffer) => first(piece.toString()));
        request.on('end', () => response.end('ok'));
      }),
    );
    const chunks = new Source(async function* () {
      yield Buffer.from('one');
      expect(await arrived).toBe('one');
      yield Buffer.from('two');
    });
    expect(await text(await send(newUpstream(), url, { length: undefined, chunks }))).toBe('ok');
  });

  test('is asked for no more than the upstream takes', async () => {
    const url = await listen(createNetServer((socket) => void socket.pause()));
    const source = new Source(endless);
    const timeouts = { ...LONG, idleSeconds: 0.3 };
    await expect(send(newUpstream(), url, { length: undefined, chunks: source }, timeouts)).rejects.toMatchObject({
      kind: 'send_timeout',
    });
    // What the kernel buffers, not what an endless source has.
    expect(source.taken).toBeLessThan(500);
    await until(() => source.released);
  });

  test('may take longer than the upstream may: waiting for its source does not count', async () => {
    const { url } = await reader();
    const chunks = new Source(async function* () {
      for (const piece of ['a', 'b', 'c']) {
        await new Promise((resolve) => setTimeout(resolve, 250));
        yield Buffer.from(piece);
      }
    });
    const timeouts = { connectSeconds: 10, firstByteSeconds: 0.4, idleSeconds: 0.4, totalSeconds: 0.4 };
    expect(await text(await send(newUpstream(), url, { length: 3, chunks }, timeouts))).toBe('ok');
  });

  test.each([
    ['401 with its length', 'HTTP/1.1 401 Unauthorized\r\ncontent-length: 2\r\n\r\nno', 'stays'],
    ['413 that ends with the connection', 'HTTP/1.1 413 Too Large\r\n\r\nno', 'ends'],
    [
      '413 and a reset connection',
      'HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\nconnection: close\r\n\r\nno',
      'ends',
    ],
    ['200 at once', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nno', 'stays'],
  ])('is given up where the upstream answers early: %s', async (_, answer, then) => {
    let connections = 0;
    const url = await listen(
      createNetServer((socket) => {
        connections += 1;
        socket.once('data', () => {
          if (then === 'ends') socket.end(answer);
          else socket.write(answer);
          socket.pause();
        });
      }),
    );
    const upstream = newUpstream();
    const source = new Source(endless);
    const heard = await send(upstream, url, { length: undefined, chunks: source });
    expect([heard.status, await text(heard)]).toEqual([Number(answer.slice(9, 12)), 'no']);
    await until(() => source.released);
    // The rest of that body must not be taken for a request.
    await text(await send(upstream, url, { length: 1, chunks: some('x') }));
    expect(connections).toBe(2);
  });

  test('whose source says nothing any more ends with an early answer too', async () => {
    const url = await listen(
      createNetServer((socket) => {
        socket.once('data', () => socket.write('HTTP/1.1 401 Unauthorized\r\ncontent-length: 2\r\n\r\nno'));
      }),
    );
    const chunks = new Source(async function* () {
      yield Buffer.from('one');
      await never();
    });
    expect(await text(await send(newUpstream(), url, { length: undefined, chunks }))).toBe('no');
  });

  test.each([
    ['its source throws', undefined, 'out of bytes'],
    ['it is shorter than it said', 100, 'ended after 3 of 100 bytes'],
    ['it is longer than it said', 2, 'longer than the 2 bytes'],
  ])('never looks whole where %s', async (_, length, message) => {
    const { url, heard, connections } = await reader();
    const upstream = newUpstream();
    const chunks = new Source(async function* () {
      yield Buffer.from('one');
      if (length === undefined) throw new RangeError('out of bytes');
    });
    await expect(send(upstream, url, { length, chunks })).rejects.toThrow(message);
    expect(chunks.released).toBe(true);
    expect(await text(await send(upstream, url, { length: 2, chunks: some('ok') }))).toBe('ok');
    expect(heard.map(({ body }) => body.toString())).toEqual(['ok']);
    expect(connections()).toBe(2);
  });

  test('whose source throws while the answer is under way ends that answer', async () => {
    const url = await listen(
      createNetServer((socket) => {
        socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\n\r\nsome'));
      }),
    );
    let fail: () => void = () => undefined;
    const failing = new Promise<void>((resolve) => (fail = resolve));
    const chunks = new Source(async function* () {
      yield Buffer.from('one');
      await failing;
      throw new RangeError('out of bytes');
    });
    const answer = await send(newUpstream(), url, { length: undefined, chunks });
    const piping = answer.body.pipe(() => {
      fail();
      return true;
    });
    await expect(piping).rejects.toThrow('out of bytes');
  });

  test('is not sent again where a connection that was kept goes', async () => {
    let opened = 0;
    const url = await listen(
      createNetServer((socket) => {
        opened += 1;
        socket.once('data', () => {
          socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
          socket.once('data', () => socket.once('data', () => socket.destroy()));
        });
      }),
    );
    const upstream = newUpstream();
    const origin = { origin: url, method: 'GET', path: '/', headers: [], body: null, timeouts: LONG } as const;
    expect(await text(await upstream.send(origin, STAYS))).toBe('ok');
    await expect(send(upstream, url, { length: undefined, chunks: new Source(endless) })).rejects.toMatchObject({
      name: 'UpstreamFailure',
    });
    expect(opened).toBe(1);
  });

  test('ends with the caller, whatever is waited for', async () => {
    const url = await listen(createNetServer((socket) => void socket.pause()));
    const upstream = newUpstream();
    for (const pieces of [endless, never as unknown as typeof endless]) {
      let leave: () => void = () => undefined;
      const source = new Source(async function* () {
        yield Buffer.from('one');
        if (pieces === endless) yield* endless();
        else await never();
      });
      const body = { length: undefined, chunks: source };
      const sending = upstream.send(
        { origin: url, method: 'POST', path: '/', headers: [], body, timeouts: LONG },
        { aborted: false, onAbort: (listener) => (leave = listener) },
      );
      await until(() => source.taken > 0);
      leave();
      await expect(sending).rejects.toMatchObject({ kind: 'aborted' });
      if (pieces === endless) await until(() => source.released);
    }
  });
});
