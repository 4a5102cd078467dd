import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

import { expect, onTestFinished, vi } from 'vitest';

import type { GatewayError } from '../../src/core/errors/gateway-error.ts';
import { answerError } from '../../src/gateway/error-answer.ts';
import type { Exchange } from '../../src/gateway/exchange.ts';
import { HttpServer, type HttpServerOptions } from '../../src/surfaces/http/server.ts';

export const LIMIT = 64 * 1024 * 1024;

export type Handler = (exchange: Exchange) => void | Promise<void>;

export interface Stage {
  readonly server: HttpServer;
  readonly exchanges: readonly Exchange[];
  /** A client; what it has received is in `text`. */
  open(): Promise<Client>;
  /** Lets time pass for the server. */
  pass(ms: number): void;
}

export interface Client {
  readonly socket: Socket;
  readonly text: () => string;
  send(...texts: readonly string[]): void;
  /** Resolves once `text` has come. */
  saw(text: string): Promise<void>;
  /** Resolves with all that came once the server has closed. */
  closed(): Promise<string>;
}

export async function serve(handle: Handler, options: Partial<HttpServerOptions> = {}): Promise<Stage> {
  const exchanges: Exchange[] = [];
  const server = new HttpServer(
    { host: '127.0.0.1', port: 0, ...options },
    {
      handle: (exchange) => {
        exchanges.push(exchange);
        void handle(exchange);
      },
      strayHeaders: () => ['x-stray', 'yes'],
    },
  );
  const port = await server.listen();
  onTestFinished(() => server.close(0));
  const pass = (ms: number): void => {
    for (let gone = 0; gone < ms; gone += 100) server.tick();
  };
  return { server, exchanges, pass, open: () => openClient(port) };
}

async function openClient(port: number): Promise<Client> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  onTestFinished(() => void socket.destroy());
  let text = '';
  socket.setEncoding('latin1');
  socket.on('data', (piece: string) => (text += piece));
  socket.on('error', () => undefined);
  const over = Promise.race([once(socket, 'end'), once(socket, 'close')]);
  await once(socket, 'connect');
  return {
    socket,
    text: () => text,
    send: (...texts) => {
      for (const one of texts) socket.write(one, 'latin1');
    },
    saw: (what) => vi.waitFor(() => expect(text).toContain(what), { timeout: 10_000, interval: 5 }),
    closed: async () => {
      await over;
      return text;
    },
  };
}

export const head = (...lines: readonly string[]): string => lines.map((line) => `${line}\r\n`).join('') + '\r\n';
export const get = (path: string, ...more: readonly string[]): string =>
  head(`GET ${path} HTTP/1.1`, 'Host: a', ...more);
export const post = (...more: readonly string[]): string => head('POST /p HTTP/1.1', 'Host: a', ...more);
export const waitUntil = (holds: () => boolean): Promise<void> =>
  vi.waitFor(() => expect(holds()).toBe(true), { timeout: 10_000, interval: 5 });
export const soon = (): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, 1);
  });

/** Bodies of answers that say how long they are, in their order. */
export function bodiesOf(text: string): string[] {
  const bodies: string[] = [];
  for (let at = 0; at < text.length;) {
    const end = text.indexOf('\r\n\r\n', at) + 4;
    const length = Number(/content-length: (\d+)/.exec(text.slice(at, end))?.[1]);
    bodies.push(text.slice(end, end + length));
    at = end + length;
  }
  return bodies;
}

/** Answers with the path, or with the body where there is one. */
export const echo: Handler = async (exchange) => {
  try {
    const body = await exchange.readBody(LIMIT);
    exchange.answer(200, [], body.byteLength === 0 ? exchange.path : body);
  } catch (error) {
    answerError(exchange, error as GatewayError, []);
  }
};
