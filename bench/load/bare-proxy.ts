import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream';
import { Pool } from 'undici';

/**
 * The least that a proxy on Node's standard parts can do, to measure Waymark against: `node:http` in, an undici pool out, the
 * body and the key handed on, answers buffered and sent with content-length, streams piped. It reads nothing, checks nothing,
 * decides nothing. Returns the port.
 */
export async function startBareProxy(upstream: string): Promise<number> {
  const pool = new Pool(upstream);
  const server = createServer((incoming, response) => {
    forward(pool, incoming, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
}

async function forward(pool: Pool, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const answer = await pool.request({
    method: 'POST',
    path: incoming.url ?? '/',
    headers: { 'content-type': 'application/json', authorization: 'Bearer sk-upstream' },
    body: await readBody(incoming),
  });
  const type = String(answer.headers['content-type']);
  if (type.startsWith('text/event-stream')) {
    response.writeHead(answer.statusCode, { 'content-type': type });
    pipeline(answer.body, response, () => undefined);
    return;
  }
  const body = await answer.body.bytes();
  response.writeHead(answer.statusCode, { 'content-type': type, 'content-length': body.byteLength });
  response.end(body);
}

/** By events: iterating over a request costs several times as much. */
async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    incoming.on('data', (piece: Buffer) => pieces.push(piece));
    incoming.on('end', () =>
      resolve(pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces)),
    );
    incoming.on('error', reject);
  });
}
