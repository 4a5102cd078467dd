import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createTlsServer, type Server } from 'node:https';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates, type TLSSocket } from 'node:tls';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { Http1Upstream } from '../../src/adapters/upstream/http1/http1-upstream.ts';
import { makeCertificate } from '../support/stand-in-internet.ts';

const TIMEOUTS = { connectSeconds: 10, firstByteSeconds: 10, idleSeconds: 10, totalSeconds: 10 };
const STAYS = { aborted: false, onAbort: () => undefined };
const LARGE = 'x'.repeat(3_000_000);

/** What the server saw of each request's connection. */
interface Seen {
  readonly name: string | false | null;
  readonly protocol: string | false | null;
  readonly reused: boolean;
  readonly bytes: number;
}

const folder = mkdtempSync(join(tmpdir(), 'upstream-tls-'));
const seen: Seen[] = [];
let site: Server;
let certificate: { key: string; cert: string };

beforeAll(async () => {
  certificate = makeCertificate(folder, ['localhost']);
  site = createTlsServer({ ...certificate, ALPNProtocols: ['h2', 'http/1.1'] }, (request, response) => {
    void lengthOf(request).then((bytes) => {
      const socket = request.socket as TLSSocket;
      seen.push({ name: socket.servername, protocol: socket.alpnProtocol, reused: socket.isSessionReused(), bytes });
      const close = request.url === '/close' ? { connection: 'close' } : {};
      response.writeHead(200, { 'content-type': 'text/plain', ...close });
      response.end(request.url === '/large' ? LARGE : 'hello');
    });
  });
  await new Promise<void>((resolve) => {
    site.listen(0, '127.0.0.1', resolve);
  });
});

afterAll(async () => {
  site.closeAllConnections();
  await new Promise((resolve) => {
    site.close(resolve);
  });
  rmSync(folder, { recursive: true, force: true });
});

async function lengthOf(request: IncomingMessage): Promise<number> {
  let length = 0;
  for await (const piece of request) length += (piece as Buffer).byteLength;
  return length;
}

const port = (): number => (site.address() as AddressInfo).port;

async function call(upstream: Http1Upstream, origin: string, path = '/', body = '{}'): Promise<string> {
  const request = { origin, method: 'POST', path, headers: [], body: Buffer.from(body), timeouts: TIMEOUTS } as const;
  const answer = await upstream.send(request, STAYS);
  return Buffer.from(await answer.body.bytes(10_000_000)).toString();
}

/** Trusts the certificate while `work` runs, as `NODE_EXTRA_CA_CERTS` would have it from the start. */
async function trusting<Result>(work: () => Promise<Result>): Promise<Result> {
  const usual = getCACertificates('default');
  setDefaultCACertificates([...usual, certificate.cert]);
  try {
    return await work();
  } finally {
    setDefaultCACertificates(usual);
  }
}

/** A proxy that grants every tunnel to this machine. `secure`: it is spoken to through TLS itself. */
async function startTunnels(secure: boolean): Promise<{ url: string; asked: string[] } & AsyncDisposable> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const server = secure ? createTlsServer(certificate) : createServer();
  server.on('connect', (request, socket: Socket) => {
    asked.push(request.url ?? '');
    const onward = connect(port(), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    for (const one of [socket, onward]) sockets.add(one.on('error', () => one.destroy()));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `${secure ? 'https://localhost' : 'http://127.0.0.1'}:${(server.address() as AddressInfo).port}`,
    asked,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe.each(['straight', 'through a tunnel', 'through a tunnel within TLS'])('TLS %s', (way) => {
  async function withUpstream(
    work: (upstream: Http1Upstream, asked: readonly string[]) => Promise<void>,
  ): Promise<void> {
    await using tunnels = await startTunnels(way.endsWith('TLS'));
    const upstream = new Http1Upstream({ env: way === 'straight' ? {} : { HTTPS_PROXY: tunnels.url } });
    seen.length = 0;
    try {
      await work(upstream, tunnels.asked);
    } finally {
      await upstream.close();
    }
  }

  test('names the host, speaks HTTP/1.1 only, and resumes its session on the next connection', async () => {
    await withUpstream(async (upstream, asked) => {
      const origin = `https://localhost:${port()}`;
      await trusting(async () => {
        expect(await call(upstream, origin)).toBe('hello');
        expect(await call(upstream, origin, '/close')).toBe('hello');
        expect(await call(upstream, origin)).toBe('hello');
      });
      const first = { name: 'localhost', protocol: 'http/1.1', reused: false, bytes: 2 };
      expect(seen).toEqual([first, first, { ...first, reused: true }]);
      expect(asked).toHaveLength(way === 'straight' ? 0 : 2);
    });
  });

  test('carries large bodies both ways, and a reader that holds back', async () => {
    await withUpstream(async (upstream) => {
      const origin = `https://localhost:${port()}`;
      await trusting(async () => {
        expect(await call(upstream, origin, '/large', LARGE)).toBe(LARGE);
        const request = {
          origin,
          method: 'POST',
          path: '/large',
          headers: [],
          body: null,
          timeouts: TIMEOUTS,
        } as const;
        const answer = await upstream.send(request, STAYS);
        let size = 0;
        await answer.body.pipe((piece) => {
          size += piece.byteLength;
          setImmediate(() => answer.body.resume());
          return false;
        });
        expect(size).toBe(LARGE.length);
      });
      expect(seen.map(({ bytes }) => bytes)).toEqual([LARGE.length, 0]);
    });
  });

  test('does not send to whom it does not trust', async () => {
    await withUpstream(async (upstream) => {
      await expect(call(upstream, `https://localhost:${port()}`)).rejects.toMatchObject({ kind: 'tls' });
      expect(seen).toEqual([]);
    });
  });

  test('does not send to another name than the certificate has', async () => {
    await withUpstream(async (upstream) => {
      await trusting(async () => {
        await expect(call(upstream, `https://127.0.0.1:${port()}`)).rejects.toMatchObject({ kind: 'tls' });
      });
      expect(seen).toEqual([]);
    });
  });
});
