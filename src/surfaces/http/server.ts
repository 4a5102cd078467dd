import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

import { GatewayError } from '../../core/errors/gateway-error.ts';
import type { HeaderPairs } from '../../providers/contract.ts';
import { headProblem } from './hygiene.ts';
import { GatewayResponse, NodeExchange, type ExchangeSettings } from './node-exchange.ts';
import { answerOnSocket, endedEarly, errorOfParser } from './socket-errors.ts';

/** What a server needs of whoever answers. */
export interface HttpHandlers {
  handle(exchange: NodeExchange): void;
  /** Answers a request that HTTP itself forbids; the connection is closed after it. */
  refuse(exchange: NodeExchange, error: GatewayError): void;
  /** The headers of an answer to something that never became a request. */
  strayHeaders(): HeaderPairs;
}

export interface HttpServerOptions {
  readonly host: string;
  readonly port: number;
  /** Milliseconds for the head of a request. */
  readonly headTimeoutMs?: number;
  /** Milliseconds for a whole request, its body included. */
  readonly requestTimeoutMs?: number;
  /** Milliseconds that an idle connection stays open. */
  readonly keepAliveMs?: number;
}

/** How often connections that have fallen idle are looked for during a stop. */
const SWEEP_MS = 50;

/** The HTTP/1.1 server of the data plane: parses strictly, hands exchanges over, and closes without cutting answers off. */
export class HttpServer {
  readonly #server: Server<typeof IncomingMessage, typeof GatewayResponse>;
  readonly #settings: ExchangeSettings;
  readonly #handlers: HttpHandlers;
  readonly #options: HttpServerOptions;
  /** The exchange that a connection is busy with, so that a parser's error reaches it. */
  readonly #current = new WeakMap<Duplex, NodeExchange>();

  constructor(options: HttpServerOptions, handlers: HttpHandlers) {
    this.#options = options;
    this.#handlers = handlers;
    this.#settings = { draining: false };
    const requestTimeoutMs = options.requestTimeoutMs ?? 60_000;
    const headTimeoutMs = Math.min(options.headTimeoutMs ?? 10_000, requestTimeoutMs);
    this.#server = createServer({
      ServerResponse: GatewayResponse,
      insecureHTTPParser: false,
      // A missing Host is refused by our own rules, with an answer like any other.
      requireHostHeader: false,
      maxHeaderSize: 16 * 1024,
      headersTimeout: headTimeoutMs,
      // Node watches both with one sweep over all connections: a timer for each request would cost more.
      requestTimeout: requestTimeoutMs,
      connectionsCheckingInterval: Math.min(1_000, headTimeoutMs),
      keepAliveTimeout: options.keepAliveMs ?? 75_000,
      keepAlive: true,
      keepAliveInitialDelay: 30_000,
      noDelay: true,
    });
    // Node drops header lines beyond its limit silently; ours counts them all and refuses.
    this.#server.maxHeadersCount = 0;
    this.#server.on('request', (request, response) => this.#accept(request, response, false));
    this.#server.on('checkContinue', (request, response) => this.#accept(request, response, true));
    this.#server.on('checkExpectation', (request, response) => this.#refuseExpectation(request, response));
    this.#server.on('connect', (_request, socket) => this.#stray(socket, errorOfMethod()));
    this.#server.on('clientError', (error, socket) => this.#parserFailed(error, socket));
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
    return (server.address() as AddressInfo).port;
  }

  /** Takes no more connections and resolves when every answer has gone out, or after `drainMs` at the latest. */
  async close(drainMs: number): Promise<void> {
    this.#settings.draining = true;
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    this.#server.closeIdleConnections();
    // An answer whose head went out before the stop has promised to keep its connection, which falls idle only at its end.
    const sweep = setInterval(() => this.#server.closeIdleConnections(), SWEEP_MS);
    const timer = setTimeout(() => this.#server.closeAllConnections(), drainMs);
    await closed;
    clearInterval(sweep);
    clearTimeout(timer);
  }

  #accept(request: IncomingMessage, response: GatewayResponse, expectsContinue: boolean): void {
    const exchange = new NodeExchange(request, response, this.#settings);
    exchange.expectsContinue = expectsContinue;
    this.#current.set(request.socket, exchange);
    const problem = headProblem(request);
    if (problem === undefined) {
      this.#handlers.handle(exchange);
      return;
    }
    exchange.closeAfterAnswer();
    this.#handlers.refuse(exchange, problem);
  }

  #refuseExpectation(request: IncomingMessage, response: GatewayResponse): void {
    const exchange = new NodeExchange(request, response, this.#settings);
    exchange.closeAfterAnswer();
    const message = 'The only expectation that is understood is 100-continue.';
    this.#handlers.refuse(exchange, new GatewayError('bad_request', { message, status: 417 }));
  }

  #parserFailed(error: Error, socket: Duplex): void {
    if (endedEarly(error)) {
      // Whoever ends the connection in the middle of a request waits for no answer.
      socket.destroy();
      return;
    }
    const failure = errorOfParser(error);
    const exchange = this.#current.get(socket);
    if (exchange === undefined || exchange.finished) {
      this.#stray(socket, failure);
    } else if (exchange.committed) {
      socket.destroy();
    } else {
      exchange.bodyFailed(failure);
    }
  }

  #stray(socket: Duplex, error: GatewayError): void {
    answerOnSocket(socket, error, this.#handlers.strayHeaders());
  }
}

function errorOfMethod(): GatewayError {
  return new GatewayError('method_not_allowed', { message: 'CONNECT is not served here.' });
}
