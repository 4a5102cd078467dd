import { createServer, request as httpRequest } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';

import { afterEach, describe, expect, test } from 'vitest';

import type { Upstream, UpstreamFailure, UpstreamRequest } from '../../providers/contract.ts';
import { answerBytes, answerChunks, neverAnswer, startFakeUpstream } from '../../../test/support/fake-upstream.ts';
import { Http1Upstream } from './http1/http1-upstream.ts';

const LONG = { connectSeconds: 5, firstByteSeconds: 60, idleSeconds: 60, totalSeconds: 60 };
const STAYS = { aborted: false, onAbort: () => undefined };

const closing: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((one) => one.close()));
});

const requestTo = (origin: string, timeouts = LONG): UpstreamRequest => ({
  origin,
  method: 'POST',
  path: '/v1/x?y=1',
  headers: ['content-type', 'application/json', 'authorization', 'Bearer key'],
  body: Buffer.from('{"a":1}'),
  timeouts,
});

/** A proxy for plain HTTP and for tunnels, which notes what it was asked for. */
async function startProxy(): Promise<{ url: string; asked: string[]; close(): Promise<void> }> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((incoming, response) => {
    asked.push(`${incoming.method ?? ''} ${incoming.url ?? ''}`);
    const onward = httpRequest(incoming.url ?? '', { method: incoming.method ?? 'GET', headers: incoming.headers });
    onward.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    incoming.pipe(onward);
  });
  server.on('connection', (socket) => sockets.add(socket));
  server.on('connect', (incoming, socket: Socket) => {
    asked.push(`CONNECT ${incoming.url ?? ''}`);
    const [host = '', port = ''] = (incoming.url ?? '').split(':');
    const onward = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => {
      server.close(resolve);
    });
  };
  const proxy = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, close };
  closing.push(proxy);
  return proxy;
}

const upstreamWith = (env: Record<string, string> = {}): Upstream => {
  const upstream = new Http1Upstream({ env });
  closing.push(upstream);
  return upstream;
};

test('a request arrives as it was built, and nothing is added but its framing', async () => {
  await using fake = await startFakeUpstream();
  const answer = await upstreamWith().send(requestTo(fake.url), STAYS);
  await answer.body.bytes(10_000);
  expect(answer.status).toBe(200);
  expect(fake.requests[0]?.path).toBe('/v1/x?y=1');
  expect(fake.requests[0]?.body.toString()).toBe('{"a":1}');
  const names = fake.requests[0]?.rawHeaders.filter((_, index) => index % 2 === 0);
  expect(names?.sort()).toEqual(['authorization', 'connection', 'content-length', 'content-type', 'host']);
});

test('headers come in pairs, names in lower case, repeats kept', async () => {
  const headers = ['X-One', '1', 'Set-Cookie', 'a=b', 'Set-Cookie', 'c=d'];
  await using fake = await startFakeUpstream(() => answerBytes('{}', { headers }));
  const answer = await upstreamWith().send(requestTo(fake.url), STAYS);
  await answer.body.bytes(10_000);
  expect(answer.headers.join('|')).toContain('x-one|1|set-cookie|a=b|set-cookie|c=d');
});

test('connections are used again', async () => {
  await using fake = await startFakeUpstream();
  const upstream = upstreamWith();
  for (let count = 0; count < 5; count += 1) {
    const answer = await upstream.send(requestTo(fake.url), STAYS);
    await answer.body.bytes(10_000);
  }
  expect(fake.connections).toBe(1);
});

describe('time', () => {
  test.each([
    ['first_byte_timeout', { ...LONG, firstByteSeconds: 0.05 }],
    ['total_timeout', { ...LONG, totalSeconds: 0.05 }],
  ])('%s before the head', async (kind, timeouts) => {
    await using fake = await startFakeUpstream(() => neverAnswer());
    await expect(upstreamWith().send(requestTo(fake.url, timeouts), STAYS)).rejects.toMatchObject({ kind });
  });

  test.each([
    ['first_byte_timeout', [], { ...LONG, firstByteSeconds: 0.1 }],
    ['idle_timeout', ['x'], { ...LONG, idleSeconds: 0.1 }],
    ['total_timeout', ['x'], { ...LONG, totalSeconds: 0.3 }],
  ])('%s after the head', async (kind, chunks, timeouts) => {
    await using fake = await startFakeUpstream(() => answerChunks(chunks, { ending: 'hang' }));
    const answer = await upstreamWith().send(requestTo(fake.url, timeouts), STAYS);
    await expect(answer.body.pipe(() => true)).rejects.toMatchObject({ kind });
    expect(await (await fake.request(1)).finished).toBe(false);
  });

  test('a reader that holds the upstream back is not the upstream being idle', async () => {
    const chunk = 'x'.repeat(64 * 1024);
    await using fake = await startFakeUpstream(() => answerChunks(Array.from({ length: 50 }, () => chunk)));
    const answer = await upstreamWith().send(requestTo(fake.url, { ...LONG, idleSeconds: 0.1 }), STAYS);
    let size = 0;
    await answer.body.pipe((piece) => {
      size += piece.byteLength;
      setTimeout(() => answer.body.resume(), size < 300_000 ? 150 : 0);
      return false;
    });
    expect(size).toBe(50 * chunk.length);
  });
});

test('an answer beyond the limit is not kept', async () => {
  await using fake = await startFakeUpstream(() => answerBytes('x'.repeat(200_000)));
  const answer = await upstreamWith().send(requestTo(fake.url), STAYS);
  await expect(answer.body.bytes(100_000)).rejects.toMatchObject({ kind: 'too_large' });
});

test('a caller that leaves before the connection stands ends the attempt', async () => {
  await using fake = await startFakeUpstream(() => neverAnswer());
  let leave: () => void = () => undefined;
  const hook = { aborted: false, onAbort: (listener: () => void) => (leave = listener) };
  const sending = upstreamWith().send(requestTo(fake.url), hook);
  leave();
  await expect(sending).rejects.toMatchObject({ kind: 'aborted' } satisfies Partial<UpstreamFailure>);
});

test('cancelling again and again, and after the end, does no harm', async () => {
  await using fake = await startFakeUpstream();
  const answer = await upstreamWith().send(requestTo(fake.url), STAYS);
  await answer.body.bytes(10_000);
  answer.body.cancel();
  answer.body.cancel();
});

describe('proxies', () => {
  test.each(['HTTP_PROXY', 'http_proxy'])('plain HTTP goes through %s', async (name) => {
    await using fake = await startFakeUpstream();
    const proxy = await startProxy();
    const answer = await upstreamWith({ [name]: proxy.url }).send(requestTo(fake.url), STAYS);
    expect(answer.status).toBe(200);
    await answer.body.bytes(10_000);
    expect(proxy.asked).toEqual([`POST ${fake.url}/v1/x?y=1`]);
    expect(fake.requests[0]?.header('authorization')).toBe('Bearer key');
  });

  test.each(['HTTPS_PROXY', 'https_proxy'])('HTTPS goes through a tunnel of %s', async (name) => {
    const proxy = await startProxy();
    const env = { [name]: proxy.url.slice('http://'.length) };
    const sending = upstreamWith(env).send(requestTo('https://127.0.0.1:1'), STAYS);
    await expect(sending).rejects.toMatchObject({ name: 'UpstreamFailure' });
    expect(proxy.asked).toEqual(['CONNECT 127.0.0.1:1']);
  });

  test.each(['127.0.0.1', '*', 'example.com, 127.0.0.1'])('NO_PROXY=%s goes straight', async (noProxy) => {
    await using fake = await startFakeUpstream();
    const proxy = await startProxy();
    const upstream = upstreamWith({ HTTP_PROXY: proxy.url, NO_PROXY: noProxy });
    const answer = await upstream.send(requestTo(fake.url), STAYS);
    await answer.body.bytes(10_000);
    expect(proxy.asked).toEqual([]);
    expect(fake.requests).toHaveLength(1);
  });
});
