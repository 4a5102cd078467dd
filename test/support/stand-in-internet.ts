import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One request that reached a host of the stand-in internet. */
export interface InternetRequest {
  readonly host: string;
  readonly method: string;
  readonly path: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** A proxy behind which stand the hosts of a test instead of the real ones. */
export interface StandInInternet extends AsyncDisposable {
  /** What a program needs in its environment to take this for the internet. */
  readonly env: { readonly HTTPS_PROXY: string; readonly NODE_EXTRA_CA_CERTS: string };
  readonly requests: readonly InternetRequest[];
  forget(): void;
}

/**
 * Starts a CONNECT proxy that ends TLS for the hosts named, with a certificate made for this run, and answers every
 * request with the JSON text of its host. Any other host is refused. Needs the program `openssl`.
 */
export async function startStandInInternet(answers: ReadonlyMap<string, string>): Promise<StandInInternet> {
  const folder = mkdtempSync(join(tmpdir(), 'stand-in-internet-'));
  const requests: InternetRequest[] = [];
  const site = createTlsServer(makeCertificate(folder, [...answers.keys()]), (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const host = request.headers.host ?? '';
      const headers = new Map(
        Object.entries(request.headersDistinct).map(([name, values]) => [name, (values ?? []).join(', ')]),
      );
      const body = Buffer.concat(chunks).toString('utf8');
      requests.push({ host, method: request.method ?? '', path: request.url ?? '', headers, body });
      response.writeHead(200, { 'content-type': 'application/json' }).end(answers.get(host));
    });
  });
  const sockets = new Set<Socket>();
  const proxy = createServer((_, response) => response.writeHead(405).end());
  proxy.on('connection', (socket) => sockets.add(socket));
  proxy.on('connect', (request, socket) => {
    socket.on('error', () => socket.destroy());
    if (!answers.has((request.url ?? '').replace(/:443$/, '')))
      return void socket.end('HTTP/1.1 502 No such host\r\n\r\n');
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    site.emit('connection', socket);
  });
  const port = await listen(proxy);
  return {
    env: { HTTPS_PROXY: `http://127.0.0.1:${port}`, NODE_EXTRA_CA_CERTS: join(folder, 'certificate.pem') },
    requests,
    forget: () => void requests.splice(0),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => proxy.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A certificate for these names that signs itself, so that it is its own authority; its files stay in `folder`. Needs `openssl`. */
export function makeCertificate(folder: string, hosts: readonly string[]): { key: string; cert: string } {
  const key = join(folder, 'key.pem');
  const cert = join(folder, 'certificate.pem');
  const names = hosts.map((host) => `DNS:${host}`).join(',');
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  const subject = ['-subj', '/CN=stand-in internet', '-addext', `subjectAltName=${names}`];
  execFileSync('openssl', [...request, ...subject, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
