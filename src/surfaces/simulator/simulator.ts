import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { AnswerBook } from './answer-book.ts';
import { Connection, type Stage } from './connection.ts';
import { settle, type SimulatorOptions } from './options.ts';
import { Tally, type SimulatorStats } from './tally.ts';

export type { SimulatorOptions } from './options.ts';
export type { SimulatorStats } from './tally.ts';

/** A running simulated upstream. */
export interface Simulator {
  /** `http://127.0.0.1:9000`: no slash at the end; clients add `/v1`. */
  readonly url: string;
  readonly port: number;
  stats(): SimulatorStats;
  /** Ends every connection at once and stops listening. Safe to call more than once. */
  close(): Promise<void>;
}

/**
 * Starts an OpenAI-compatible upstream that makes its answers up: chat, completions, embeddings, responses (by id too),
 * moderations, images, speech, transcriptions, rerank and models, as JSON, as server-sent events and as bytes. Speaks HTTP/1.1 on a socket by
 * itself: on the same core it serves several times what a gateway asks of it. Rejects with an Error that names a bad option, or with
 * the socket's own (`EADDRINUSE`: the port is taken).
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const settings = settle(options);
  const stage: Stage = { settings, book: new AnswerBook(settings), tally: new Tally() };
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    stage.tally.connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    new Connection(socket, stage).serve();
  });
  const host = options.host ?? '127.0.0.1';
  const port = await listen(server, { host, port: options.port ?? 0 });
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    stats: () => stage.tally.snapshot(sockets.size),
    close: async () => {
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function listen(server: Server, at: { host: string; port: number }): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(at, resolve);
  });
  return (server.address() as AddressInfo).port;
}
