import { ServerResponse, type IncomingMessage } from 'node:http';

import type { GatewayError } from '../../core/errors/gateway-error.ts';
import type { Exchange, HeaderView } from '../../gateway/exchange.ts';
import type { HeaderPairs } from '../../providers/contract.ts';
import { BodyReader } from './body-reader.ts';

/** How long a client may take nothing of what waits for it. */
const WRITE_STALL_MS = 60_000;
/** Unread bytes of a request that are worth reading to keep the connection. */
const WORTH_DRAINING = 256 * 1024;
/** How long a client may go on sending after the answer that refused its body, so that it can read that answer. */
const LINGER_MS = 1_000;

/** A response that knows its exchange, so that listeners need no closure per call. */
export class GatewayResponse extends ServerResponse {
  exchange: NodeExchange | undefined;
}

/** Settings of the server that every exchange follows. */
export interface ExchangeSettings {
  /** True while the server shuts down: every answer closes its connection. */
  draining: boolean;
}

/** The `Exchange` of the steps on `node:http`. */
export class NodeExchange implements Exchange, HeaderView {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  committed = false;
  /** Set where the client waits for `100 Continue` before it sends its body. */
  expectsContinue = false;
  readonly body: BodyReader;
  readonly #request: IncomingMessage;
  readonly #response: GatewayResponse;
  readonly #settings: ExchangeSettings;
  #abortListener: (() => void) | undefined;
  #drainListener: (() => void) | undefined;
  #stall: NodeJS.Timeout | undefined;
  #closing = false;
  #left = false;

  constructor(request: IncomingMessage, response: GatewayResponse, settings: ExchangeSettings) {
    this.#request = request;
    this.#response = response;
    this.#settings = settings;
    this.method = request.method ?? '';
    const target = request.url ?? '/';
    const mark = target.indexOf('?');
    this.path = mark < 0 ? target : target.slice(0, mark);
    this.query = mark < 0 ? '' : target.slice(mark + 1);
    this.body = new BodyReader(request);
    response.exchange = this;
    response.on('close', onClose);
  }

  get headers(): HeaderView {
    return this;
  }

  get remoteAddress(): string {
    return this.#request.socket.remoteAddress ?? '';
  }

  get(name: string): string | undefined {
    const value = this.#request.headers[name];
    return Array.isArray(value) ? value.join(', ') : value;
  }

  onAbort(listener: () => void): void {
    this.#abortListener = listener;
    if (this.aborted) listener();
  }

  /** The connection closes after this answer: what follows on it cannot be trusted. */
  closeAfterAnswer(): void {
    this.#closing = true;
  }

  /** A connection that is gone counts at once: the response's own event comes a moment later. */
  get aborted(): boolean {
    return this.#left || this.#request.socket.destroyed;
  }

  /** True once the whole answer has gone out. */
  get finished(): boolean {
    return this.#response.writableFinished;
  }

  /** The parser could not read on, or the time is up: whoever waits for the body answers with this, and the connection closes. */
  bodyFailed(error: GatewayError): void {
    this.body.fail(error);
  }

  readBody(limitBytes: number): Promise<Uint8Array> {
    this.#continue(limitBytes);
    return this.body.read(limitBytes);
  }

  bodyChunks(limitBytes: number): AsyncIterable<Uint8Array> {
    this.#continue(limitBytes);
    return this.body.chunks(limitBytes);
  }

  answer(status: number, headers: HeaderPairs, body: Uint8Array | string): void {
    if (this.committed || this.aborted) return;
    const lingers = !this.body.lost && this.#unreadIsLarge();
    if (lingers || this.body.lost) this.#closing = true;
    const length = typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength;
    this.#writeHead(status, [...headers, 'content-length', String(length)]);
    if (!lingers) {
      this.#response.end(body);
      return;
    }
    this.#response.write(body);
    this.#linger();
  }

  head(status: number, headers: HeaderPairs): void {
    if (this.committed || this.aborted) return;
    this.#writeHead(status, headers);
  }

  write(chunk: Uint8Array | string): boolean {
    if (this.aborted) return true;
    const taken = this.#response.write(chunk);
    if (!taken) this.#stall ??= setTimeout(onStall, WRITE_STALL_MS, this);
    return taken;
  }

  onDrain(listener: () => void): void {
    if (this.#drainListener === undefined) this.#response.on('drain', onDrain);
    this.#drainListener = listener;
  }

  end(): void {
    this.#response.end();
  }

  destroy(): void {
    // What has been written goes out first; the missing last chunk tells the client that the answer is not whole.
    this.#request.socket.destroySoon();
  }

  /** The client has taken what waited for it. */
  drained(): void {
    clearTimeout(this.#stall);
    this.#stall = undefined;
    this.#drainListener?.();
  }

  /** The answer has gone out, or the client has. */
  closed(): void {
    clearTimeout(this.#stall);
    if (this.#response.writableFinished) return;
    this.#left = true;
    this.#abortListener?.();
  }

  /** The client takes nothing any more. */
  stalled(): void {
    this.#request.socket.destroy();
  }

  /** Tells a client that waits for it to send its body, where the body will be read. */
  #continue(limitBytes: number): void {
    if (!this.expectsContinue || this.body.tooLarge(limitBytes)) return;
    this.expectsContinue = false;
    this.#response.writeContinue();
  }

  #writeHead(status: number, headers: HeaderPairs): void {
    this.committed = true;
    const response = this.#response;
    if (this.#closing || this.#settings.draining) response.shouldKeepAlive = false;
    response.writeHead(status, headers as string[]);
  }

  /** True where reading the rest of the body only to keep the connection would let a client send without end. */
  #unreadIsLarge(): boolean {
    if (this.body.complete) return false;
    // A client that waits for `100 Continue` may send its body or not: only a new connection is unambiguous.
    if (this.expectsContinue) return true;
    return !(this.body.declaredLength <= WORTH_DRAINING);
  }

  /** Throws away what still comes for a moment: closing at once would reset the connection before the answer is read. */
  #linger(): void {
    const request = this.#request;
    const response = this.#response;
    const finish = (): void => {
      clearTimeout(timer);
      response.end();
    };
    const timer = setTimeout(finish, LINGER_MS);
    request.removeAllListeners('data');
    request.once('end', finish);
    request.once('close', finish);
    request.resume();
  }
}

function onClose(this: GatewayResponse): void {
  this.exchange?.closed();
}

function onDrain(this: GatewayResponse): void {
  this.exchange?.drained();
}

function onStall(exchange: NodeExchange): void {
  exchange.stalled();
}
