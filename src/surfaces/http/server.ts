import { createServer, type AddressInfo, type Server } from 'node:net';

import { ClientConnection, type ConnectionHost, type HttpHandlers } from './client-connection.ts';

export interface HttpServerOptions {
  readonly host: string;
  readonly port: number;
  /** Milliseconds for the head of a request. */
  readonly headTimeoutMs?: number;
  /** Milliseconds in each of which a body that is waited for brings 1 KB at least, or its end. */
  readonly requestTimeoutMs?: number;
  /** Milliseconds that an idle connection stays open. */
  readonly keepAliveMs?: number;
}

/** How often all connections are looked at for time limits: limits are reached so much later at most, never earlier. */
const TICK_MS = 100;

/**
 * The HTTP/1.1 server of the data plane: parses strictly, hands exchanges over, and closes without cutting answers off. One timer
 * serves all time limits. While the process is too busy for it, time stands still: what we were too slow to read is not
 * held against a client.
 */
export class HttpServer implements ConnectionHost {
  readonly handlers: HttpHandlers;
  readonly headTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly keepAliveMs: number;
  draining = false;
  now = 0;
  readonly #server: Server;
  readonly #options: HttpServerOptions;
  readonly #connections = new Set<ClientConnection>();
  #onEmpty: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** The second that the header lines below were made in. */
  #second = 0;
  #keptLines = '';
  #closingLines = '';

  constructor(options: HttpServerOptions, handlers: HttpHandlers) {
    this.handlers = handlers;
    this.#options = options;
    this.requestTimeoutMs = options.requestTimeoutMs ?? 10_000;
    this.headTimeoutMs = options.headTimeoutMs ?? 10_000;
    this.keepAliveMs = options.keepAliveMs ?? 75_000;
    // Half open, for a client that closes its direction is still owed what has been written.
    const line = { allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 };
    this.#server = createServer(line, (socket) => this.#connections.add(new ClientConnection(socket, this)));
  }

  /** Resolves with the port. Rejects where the address cannot be had. */
  async listen(): Promise<number> {
    const server = this.#server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#options.port, this.#options.host, () => {
        server.off('error', reject);
        resolve();
      });
    });
    server.on('error', () => {
      // A connection could not be accepted, for want of descriptors as a rule. The next one may be.
    });
    this.#timer = setInterval(tick, TICK_MS, this);
    return (server.address() as AddressInfo).port;
  }

  /** Takes no more connections and resolves when every answer has gone out, or after `drainMs` at the latest. */
  async close(drainMs: number): Promise<void> {
    this.draining = true;
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    const empty = new Promise<void>((resolve) => {
      this.#onEmpty = resolve;
    });
    for (const connection of this.#connections) connection.closeIfIdle();
    const timer = setTimeout(() => this.#destroyAll(), drainMs);
    await closed;
    // The server counts sockets, which are gone a moment before their exchanges hear of it.
    if (this.#connections.size > 0) await empty;
    clearTimeout(timer);
    clearInterval(this.#timer);
  }

  /** Called by the timer. */
  tick(): void {
    this.now += TICK_MS;
    for (const connection of this.#connections) connection.onTick(this.now);
  }

  linesOf(closing: boolean): string {
    const now = Date.now();
    const second = Math.floor(now / 1000);
    if (second !== this.#second) {
      this.#second = second;
      const date = `date: ${new Date(now).toUTCString()}\r\n`;
      this.#keptLines = `${date}connection: keep-alive\r\nkeep-alive: timeout=${Math.floor(this.keepAliveMs / 1000)}\r\n`;
      this.#closingLines = `${date}connection: close\r\n`;
    }
    return closing ? this.#closingLines : this.#keptLines;
  }

  gone(connection: ClientConnection): void {
    this.#connections.delete(connection);
    if (this.#connections.size === 0) this.#onEmpty?.();
  }

  #destroyAll(): void {
    for (const { socket } of this.#connections) socket.destroy();
  }
}

function tick(server: HttpServer): void {
  server.tick();
}
