import { afterEach, describe, expect, test } from 'vitest';

import type { UpstreamRequest } from '../../../providers/contract.ts';
import { startScriptedServer, type ScriptedRequest } from '../../../../test/support/scripted-server.ts';
import { Http1Upstream } from './http1-upstream.ts';

const LONG = { connectSeconds: 10, firstByteSeconds: 30, idleSeconds: 30, totalSeconds: 30 };
const STAYS = { aborted: false, onAbort: () => undefined };

const closing: Http1Upstream[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((one) => one.close()));
});

function newUpstream(env: Record<string, string> = {}, connectSeconds = 10): Http1Upstream {
  const upstream = new Http1Upstream({ env, connectSeconds });
  closing.push(upstream);
  return upstream;
}

/** Sends a request and reads its answer to the end. */
async function call(upstream: Http1Upstream, origin: string, parts: Partial<UpstreamRequest> = {}): Promise<string> {
  const request = { origin, method: 'POST', path: '/x', headers: [], body: Buffer.from('{}'), timeouts: LONG } as const;
  const answer = await upstream.send({ ...request, ...parts }, STAYS);
  return Buffer.from(await answer.body.bytes(10_000_000)).toString('latin1');
}

const GET = { method: 'GET', body: null } as const;
const ok = (body: string, more = ''): string =>
  `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n${more}\r\n${body}`;
const EVIL = ok('EVIL');

describe('a connection', () => {
  test('is used again for one call after the other, and for no two at once', async () => {
    await using server = await startScriptedServer(({ socket, path }) => void socket.write(ok(path)));
    const upstream = newUpstream();
    for (const path of ['/1', '/2', '/3']) expect(await call(upstream, server.url, { path })).toBe(path);
    expect(server.connections).toBe(1);
    const paths = ['/4', '/5', '/6'];
    expect(await Promise.all(paths.map((path) => call(upstream, server.url, { path })))).toEqual(paths);
    expect(server.connections).toBe(3);
  });

  test('is used again although the reader held it back at the very end', async () => {
    await using server = await startScriptedServer(({ socket, path }) => void socket.write(ok(path)));
    const upstream = newUpstream();
    const request = { origin: server.url, method: 'GET', path: '/1', headers: [], body: null, timeouts: LONG } as const;
    const answer = await upstream.send(request, STAYS);
    await answer.body.pipe(() => false);
    answer.body.resume();
    expect(await call(upstream, server.url, { path: '/2' })).toBe('/2');
    expect(server.connections).toBe(1);
  });

  test.each([
    ['connection: close', ok('1', 'connection: close\r\n'), 'stays'],
    ['HTTP/1.0', 'HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\n1', 'stays'],
    ['an answer that ends with the connection', 'HTTP/1.1 200 OK\r\n\r\n1', 'ends'],
    ['a second answer at once', ok('1') + EVIL, 'stays'],
    ['a byte too many', `${ok('1')}\n`, 'stays'],
    ['a 100 behind the answer', `${ok('1')}HTTP/1.1 100 Continue\r\n\r\n`, 'stays'],
    ['a body of a 204', `HTTP/1.1 204 No Content\r\ncontent-length: 1\r\n\r\n1`, 'stays'],
    [
      'a chunk behind the last',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\n1\r\n0\r\n\r\n4\r\nEVIL\r\n',
      'stays',
    ],
    ['keep-alive: timeout=0', ok('1', 'keep-alive: timeout=0\r\n'), 'stays'],
  ])('is not used again after %s', async (_what, first, then) => {
    await using server = await startScriptedServer(({ socket, path }) => {
      if (path !== '/first') socket.write(ok('own'));
      else if (then === 'ends') socket.end(first);
      else socket.write(first);
    });
    const upstream = newUpstream();
    expect(await call(upstream, server.url, { path: '/first' })).toMatch(/^1?$/);
    await server.requests[0]?.gone;
    expect(await call(upstream, server.url)).toBe('own');
    expect(server.connections).toBe(2);
  });

  test('that brings bytes nobody has asked for is closed', async () => {
    await using server = await startScriptedServer(({ socket, path }) => void socket.write(ok(path)));
    const upstream = newUpstream();
    expect(await call(upstream, server.url, { path: '/1' })).toBe('/1');
    server.requests[0]?.socket.write(EVIL);
    await server.requests[0]?.gone;
    expect(await call(upstream, server.url, { path: '/2' })).toBe('/2');
  });

  test('on which an answer came before the request had gone out is not used again', async () => {
    await using server = await startScriptedServer(({ socket, path }) => {
      if (path !== '/early') return void socket.write(ok('own'));
      socket.pause();
      socket.write('HTTP/1.1 413 Too Large\r\ncontent-length: 5\r\n\r\nearly');
    });
    const upstream = newUpstream();
    expect(await call(upstream, server.url, { path: '/early', body: Buffer.alloc(30_000_000) })).toBe('early');
    expect(await call(upstream, server.url)).toBe('own');
    expect(server.connections).toBe(2);
  });

  test('whose call is left in the middle of the answer is closed, and the listener hears no more', async () => {
    await using server = await startScriptedServer(({ socket }) => void socket.write('HTTP/1.1 200 OK\r\n\r\nsome'));
    const request = { origin: server.url, method: 'GET', path: '/', headers: [], body: null, timeouts: LONG } as const;
    const answer = await newUpstream().send(request, STAYS);
    let heard = 0;
    const piping = answer.body.pipe(() => {
      heard += 1;
      answer.body.cancel();
      return true;
    });
    await expect(piping).rejects.toMatchObject({ kind: 'aborted' });
    await server.requests[0]?.gone;
    expect(heard).toBe(1);
  });
});

describe('a connection that the upstream closes before it answers', () => {
  /** Answers `/warm`, and closes the connection of anything else that is not the first on it. */
  const closesUsed = ({ socket, path, connection }: ScriptedRequest): void => {
    if (path === '/warm' || connection > 1) socket.write(ok(path));
    else socket.destroy();
  };

  test('is tried once more on a new one where it was used before and the method allows it', async () => {
    await using server = await startScriptedServer(closesUsed);
    const upstream = newUpstream();
    await call(upstream, server.url, { path: '/warm' });
    expect(await call(upstream, server.url, { ...GET, path: '/again' })).toBe('/again');
    expect(server.requests.map(({ path }) => path)).toEqual(['/warm', '/again', '/again']);
  });

  test('fails a POST: the upstream may have begun to work on it', async () => {
    await using server = await startScriptedServer(closesUsed);
    const upstream = newUpstream();
    await call(upstream, server.url, { path: '/warm' });
    await expect(call(upstream, server.url)).rejects.toMatchObject({ kind: 'reset' });
    expect(server.requests).toHaveLength(2);
  });

  test('fails every request that it was the first of', async () => {
    await using server = await startScriptedServer(({ socket }) => void socket.destroy());
    await expect(call(newUpstream(), server.url, GET)).rejects.toMatchObject({ kind: 'reset' });
    expect(server.requests).toHaveLength(1);
  });

  test('fails every request of which a byte of the answer has come', async () => {
    await using server = await startScriptedServer(({ socket, path }) => {
      if (path === '/warm') socket.write(ok(path));
      else socket.end('H');
    });
    const upstream = newUpstream();
    await call(upstream, server.url, { path: '/warm' });
    await expect(call(upstream, server.url, GET)).rejects.toMatchObject({ kind: 'reset' });
    expect(server.requests).toHaveLength(2);
  });
});

describe('what fails', () => {
  test.each([
    ['a head that is none', 'this is no HTTP\r\n\r\n', 'malformed'],
    ['another protocol', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n', 'malformed'],
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab', 'malformed'],
    ['a chunk that is none', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n', 'malformed'],
    ['half a head', 'HTTP/1.1 200', 'reset'],
    ['half a body', 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf', 'reset'],
    ['a chunk too few', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n', 'reset'],
    ['only a 100', 'HTTP/1.1 100 Continue\r\n\r\n', 'reset'],
  ])('%s', async (_what, bytes, kind) => {
    await using server = await startScriptedServer(({ socket }) => void socket.end(bytes));
    await expect(call(newUpstream(), server.url)).rejects.toMatchObject({ name: 'UpstreamFailure', kind });
    await server.requests[0]?.gone;
  });

  test('a handshake that never comes', async () => {
    await using server = await startScriptedServer(() => undefined);
    const sending = call(newUpstream({}, 0.1), server.url.replace('http:', 'https:'));
    await expect(sending).rejects.toMatchObject({ kind: 'connect_timeout' });
  });

  test('an origin that is none, and a header that cannot be sent', async () => {
    await expect(call(newUpstream(), 'nonsense')).rejects.toMatchObject({ name: 'UpstreamFailure' });
    await using server = await startScriptedServer(({ socket }) => void socket.write(ok('')));
    await expect(call(newUpstream(), server.url, { headers: ['a', 'b\r\nc: d'] })).rejects.toMatchObject({
      kind: 'connect',
    });
    expect(server.requests).toHaveLength(0);
  });

  test('a call under way when the gateway closes', async () => {
    await using server = await startScriptedServer(() => undefined);
    const upstream = newUpstream();
    const sending = call(upstream, server.url);
    const failed = expect(sending).rejects.toMatchObject({ kind: 'aborted' });
    await upstream.close();
    await failed;
  });
});

describe('a proxy that is asked for a tunnel', () => {
  test.each([
    ['refuses', 'HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n', 'connect'],
    ['says more than it is asked', 'HTTP/1.1 200 OK\r\n\r\nEVIL', 'malformed'],
    ['does not speak HTTP', 'SSH-2.0-x\r\n\r\n', 'malformed'],
  ])('and %s', async (_what, bytes, kind) => {
    await using proxy = await startScriptedServer(({ socket }) => void socket.write(bytes));
    const upstream = newUpstream({ HTTPS_PROXY: proxy.url.replace('//', '//user:secret@') });
    const failure = await call(upstream, 'https://api.example').catch((error: unknown) => error);
    expect(failure).toMatchObject({ kind });
    expect(String(failure)).not.toContain('secret');
    expect(proxy.requests[0]?.head).toContain(
      `proxy-authorization: Basic ${Buffer.from('user:secret').toString('base64')}`,
    );
    await proxy.requests[0]?.gone;
  });

  test('and leaves', async () => {
    await using proxy = await startScriptedServer(({ socket }) => void socket.end());
    await expect(call(newUpstream({ HTTPS_PROXY: proxy.url }), 'https://api.example')).rejects.toMatchObject({
      kind: 'connect',
    });
  });
});
