import type { Socket } from 'node:net';

import type { GatewayError } from '../../core/errors/gateway-error.ts';
import type { RequestHead } from '../../core/wire/http1/request-head.ts';
import { RequestParser, type RequestSink } from '../../core/wire/http1/request-parser.ts';
import type { Exchange } from '../../gateway/exchange.ts';
import type { HeaderPairs } from '../../providers/contract.ts';
import { RequestBody, type BodySource } from './request-body.ts';
import { cameTooSlowly, cutShort, errorOfFault, noConnect, strayAnswer, unknownExpectation } from './socket-errors.ts';
import { SocketExchange, type ExchangeLine } from './socket-exchange.ts';

/** What a server needs of whoever answers. */
export interface HttpHandlers {
  handle(exchange: Exchange): void;
  /** The headers of an answer to something that never became a request. */
  strayHeaders(): HeaderPairs;
}

/** What a connection needs of its server. Times are milliseconds of the server's own clock. */
export interface ConnectionHost {
  readonly handlers: HttpHandlers;
  readonly headTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly keepAliveMs: number;
  readonly draining: boolean;
  readonly now: number;
  linesOf(closing: boolean): string;
  gone(connection: ClientConnection): void;
}

/** A body that is waited for brings so much in each stretch of `requestTimeoutMs`, or its end. Bytes. */
const LEAST_PROGRESS = 1024;
/** How long a client may take nothing of what waits for it. */
const WRITE_STALL_MS = 60_000;
/** How long a client may go on sending after the last answer: closing at once would reset the connection before it is read. */
const LINGER_MS = 1_000;
/** Bytes kept of requests that wait for their turn; beyond them the client is held back. */
const MOST_WAITING = 64 * 1024;

/** One connection: one request at a time, the next one once its answer is complete. */
export class ClientConnection implements RequestSink, BodySource, ExchangeLine {
  readonly socket: Socket;
  readonly #host: ConnectionHost;
  readonly #parser = new RequestParser(this);
  #exchange: SocketExchange | undefined;
  /** Set for an exchange that nobody handles yet. */
  #fresh: RequestHead | undefined;
  /** Bytes that nobody has looked at yet. */
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #serving = false;
  #heldByBody = false;
  /** The last answer has been written; what still comes is thrown away. */
  #ending = false;
  /** What the client sends cannot be understood any more. That it leaves is still seen. */
  #deaf = false;
  #answers = 0;
  #headBegun = false;
  /** Until when a head has to be complete, an idle connection is kept, or a client may linger. */
  #deadline: number;
  /** What the body had brought when its present stretch began, and until when that lasts. */
  #stretch: { readonly received: number; readonly until: number } | undefined;
  #unsent = 0;
  #takenBy = Infinity;

  constructor(socket: Socket, host: ConnectionHost) {
    this.socket = socket;
    this.#host = host;
    this.#deadline = host.now + host.headTimeoutMs;
    socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    socket.on('drain', () => this.#onDrain());
    socket.on('end', () => this.#onEnd());
    socket.on('close', () => this.#onClose());
    socket.on('error', () => {
      // The client reset the connection: `close` follows.
    });
  }

  get draining(): boolean {
    return this.#host.draining;
  }

  linesOf(closing: boolean): string {
    return this.#host.linesOf(closing);
  }

  onHead(head: RequestHead): void {
    this.#fresh = head;
    this.#exchange = new SocketExchange(head, new RequestBody(head.bodyLength, this), this);
  }

  onPiece(piece: Buffer): void {
    this.#exchange?.body.onPiece(piece);
  }

  hold(): void {
    if (this.#ending) return;
    this.#heldByBody = true;
    this.socket.pause();
  }

  release(): void {
    if (!this.#heldByBody) return;
    this.#heldByBody = false;
    this.socket.resume();
  }

  answered(exchange: SocketExchange): void {
    this.#answers += 1;
    if (exchange.closing) {
      this.#finish();
      exchange.body.fail(cutShort());
    } else if (this.#parser.done) this.#next();
    else exchange.body.drop();
  }

  cut(): void {
    this.#ending = true;
    this.#deadline = Infinity;
    this.socket.destroySoon();
  }

  /** Closes the connection where no request is on it. */
  closeIfIdle(): void {
    if (this.#exchange === undefined && !this.#parser.begun && this.#waitingBytes === 0) this.#finish();
  }

  onTick(now: number): void {
    if (this.#isStuck(now)) this.socket.destroy();
    else if (this.#exchange !== undefined && !this.#ending) this.#watchBody(this.#exchange, now);
    else if (now >= this.#deadline) this.#expire();
  }

  #onData(chunk: Buffer): void {
    if (this.#ending || this.#deaf) return;
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.byteLength;
    this.#serve();
    if (this.#waitingBytes >= MOST_WAITING) this.socket.pause();
  }

  /** Reads what waits, as far as the request that is being answered allows. An answer that comes at once comes back to this loop, not deeper into it. */
  #serve(): void {
    if (this.#serving) return;
    this.#serving = true;
    try {
      while (!this.#parser.done && !this.#ending) {
        // Whoever takes no answers gets no new ones.
        if (this.#exchange === undefined && this.socket.writableNeedDrain) break;
        const chunk = this.#waiting.shift();
        if (chunk === undefined) break;
        this.#waitingBytes -= chunk.byteLength;
        const used = this.#feed(chunk);
        if (used === chunk.byteLength || this.#ending) continue;
        this.#waiting.unshift(chunk.subarray(used));
        this.#waitingBytes += chunk.byteLength - used;
      }
    } finally {
      this.#serving = false;
    }
  }

  #feed(chunk: Buffer): number {
    let used: number;
    try {
      used = this.#parser.feed(chunk, 0);
    } catch (thrown) {
      this.#onFault(errorOfFault(thrown));
      return chunk.byteLength;
    }
    const exchange = this.#exchange;
    if (exchange === undefined) this.#onHeadBytes();
    else {
      // What came with the head counts as there: most bodies are complete before anybody asks for them.
      if (this.#parser.done) exchange.body.onEnd();
      const fresh = this.#fresh;
      this.#fresh = undefined;
      if (fresh !== undefined) this.#accept(exchange, fresh);
      else if (exchange.answered && this.#parser.done) this.#next();
    }
    return used;
  }

  #accept(exchange: SocketExchange, head: RequestHead): void {
    this.#headBegun = false;
    this.#stretch = undefined;
    if (head.method === 'CONNECT') this.#stray(noConnect());
    else if (head.expects === 'unknown') this.#stray(unknownExpectation());
    else this.#host.handlers.handle(exchange);
  }

  #onHeadBytes(): void {
    if (this.#headBegun || !this.#parser.begun) return;
    this.#headBegun = true;
    this.#deadline = this.#host.now + this.#host.headTimeoutMs;
  }

  /** The bytes cannot be read on. */
  #onFault(error: GatewayError): void {
    const exchange = this.#exchange;
    if (exchange === undefined || this.#fresh !== undefined) this.#stray(error);
    else this.#bodyFailed(exchange, error);
  }

  /** Whoever waits for the body answers with this, and the connection ends behind the answer. */
  #bodyFailed(exchange: SocketExchange, error: GatewayError): void {
    this.#waiting = [];
    this.#waitingBytes = 0;
    if (exchange.committed) {
      this.socket.destroy();
      return;
    }
    this.#deaf = true;
    exchange.body.fail(error);
  }

  /** Answers what never became an exchange, and ends the connection. */
  #stray(error: GatewayError): void {
    this.#fresh = undefined;
    this.#exchange = undefined;
    this.socket.write(strayAnswer(error, this.#host.handlers.strayHeaders()));
    this.#finish();
  }

  /** The answer has been written and its request read: the next one's turn. */
  #next(): void {
    this.#exchange = undefined;
    this.#parser.reset();
    if (this.#host.draining) {
      this.#finish();
      return;
    }
    this.#deadline = this.#host.now + this.#host.keepAliveMs;
    if (this.#waitingBytes > 0 || this.socket.isPaused()) this.#goOn();
  }

  #goOn(): void {
    this.#heldByBody = false;
    this.#serve();
    if (this.#waitingBytes < MOST_WAITING && !this.#heldByBody) this.socket.resume();
  }

  /** Sends what has been written and then the end. The client has a moment to read it before the connection is gone. */
  #finish(): void {
    if (this.#ending) return;
    this.#ending = true;
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#deadline = Infinity;
    this.socket.end(() => (this.#deadline = this.#host.now + LINGER_MS));
    this.socket.resume();
  }

  #onDrain(): void {
    if (this.#ending) return;
    if (this.#exchange === undefined || this.#exchange.answered) this.#goOn();
    else this.#exchange.drained();
  }

  /** The client has closed its direction, which is all that can be seen of one that has left. */
  #onEnd(): void {
    const exchange = this.#exchange;
    if (this.#ending || exchange === undefined || exchange.answered) this.cut();
    else if (this.#parser.done) {
      exchange.left();
      this.cut();
    } else this.socket.destroy();
  }

  #onClose(): void {
    const exchange = this.#exchange;
    this.#ending = true;
    this.#host.gone(this);
    if (exchange === undefined || exchange.answered) return;
    exchange.body.fail(cutShort());
    exchange.left();
  }

  #expire(): void {
    if (this.#ending) this.socket.destroy();
    else if (this.#answers > 0 && !this.#parser.begun) this.#finish();
    else this.#stray(cameTooSlowly());
  }

  /** Holds a client to its pace while it is its turn: not while we hold it back, nor while nobody wants its body. */
  #watchBody(exchange: SocketExchange, now: number): void {
    const { body } = exchange;
    if (!body.awaited) this.#stretch = undefined;
    else if (this.#stretch === undefined || body.received - this.#stretch.received >= LEAST_PROGRESS) {
      this.#stretch = { received: body.received, until: now + this.#host.requestTimeoutMs };
    } else if (now >= this.#stretch.until) this.#bodyFailed(exchange, cameTooSlowly());
  }

  /** True where the client has taken nothing for too long of what waits for it. */
  #isStuck(now: number): boolean {
    const unsent = this.socket.writableLength;
    if (unsent === 0 || unsent !== this.#unsent) this.#takenBy = now + WRITE_STALL_MS;
    this.#unsent = unsent;
    return unsent > 0 && now >= this.#takenBy;
  }
}
