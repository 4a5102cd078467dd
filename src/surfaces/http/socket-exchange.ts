import type { Socket } from 'node:net';

import type { RequestHead } from '../../core/wire/http1/request-head.ts';
import type { Exchange, HeaderView } from '../../gateway/exchange.ts';
import type { HeaderPairs } from '../../providers/contract.ts';
import { AnswerWriter, namesLength } from './answer-writer.ts';
import type { RequestBody } from './request-body.ts';

/** Unread bytes of a request that are worth reading to keep the connection. */
const WORTH_DRAINING = 256 * 1024;

const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';

/** Of these the first one counts where a client sends several; of others all do, joined. As Node has it. */
const ONLY_FIRST: ReadonlySet<string> = new Set([
  'age',
  'authorization',
  'content-type',
  'etag',
  'expires',
  'from',
  'if-modified-since',
  'if-unmodified-since',
  'last-modified',
  'location',
  'max-forwards',
  'proxy-authorization',
  'referer',
  'retry-after',
  'server',
  'user-agent',
]);

/** The connection that an exchange takes place on. */
export interface ExchangeLine {
  readonly socket: Socket;
  /** True while the server shuts down: every answer closes its connection. */
  readonly draining: boolean;
  /** Header lines that the connection adds to an answer, each with its CRLF. */
  linesOf(closing: boolean): string;
  /** The whole answer has been written. */
  answered(exchange: SocketExchange): void;
  /** What has been written goes out, then the connection ends. */
  cut(): void;
}

/** The `Exchange` of the steps on a socket. */
export class SocketExchange implements Exchange, HeaderView {
  readonly path: string;
  readonly query: string;
  readonly body: RequestBody;
  /** True where the connection ends behind the answer. */
  closing: boolean;
  readonly #head: RequestHead;
  readonly #line: ExchangeLine;
  readonly #writer: AnswerWriter;
  /** The client waits for `100 Continue` before it sends its body. */
  #expectsContinue: boolean;
  #abortListener: (() => void) | undefined;
  #drainListener: (() => void) | undefined;
  #left = false;
  #cut = false;

  constructor(head: RequestHead, body: RequestBody, line: ExchangeLine) {
    this.#head = head;
    this.body = body;
    this.#line = line;
    this.#writer = new AnswerWriter(line.socket, head);
    const { target } = head;
    const mark = target.indexOf('?');
    this.path = mark < 0 ? target : target.slice(0, mark);
    this.query = mark < 0 ? '' : target.slice(mark + 1);
    this.closing = !head.keepAlive;
    this.#expectsContinue = head.expects === 'continue';
  }

  get method(): string {
    return this.#head.method;
  }

  get headers(): HeaderView {
    return this;
  }

  get remoteAddress(): string {
    return this.#line.socket.remoteAddress ?? '';
  }

  get committed(): boolean {
    return this.#writer.begun;
  }

  /** True once the whole answer has been handed to the socket. */
  get answered(): boolean {
    return this.#writer.whole;
  }

  /** A connection that is gone counts at once: its own event comes a moment later. */
  get aborted(): boolean {
    return this.#left || this.#line.socket.destroyed;
  }

  get(name: string): string | undefined {
    const { fields } = this.#head;
    let value: string | undefined;
    for (let index = 0; index < fields.length; index += 2) {
      if (fields[index] !== name) continue;
      if (value === undefined) value = fields[index + 1];
      else if (ONLY_FIRST.has(name)) return value;
      else value = `${value}, ${fields[index + 1]}`;
    }
    return value;
  }

  onAbort(listener: () => void): void {
    this.#abortListener = listener;
    if (this.aborted) listener();
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
    this.#writer.begin(status, headers, { tail: this.#tail(), body });
    this.#settle();
  }

  head(status: number, headers: HeaderPairs): void {
    if (this.committed || this.aborted) return;
    // To a client of HTTP/1.0 an answer of unknown length ends with the connection.
    if (this.#head.http10 && !namesLength(headers)) this.closing = true;
    this.#writer.begin(status, headers, { tail: this.#tail() });
  }

  write(chunk: Uint8Array | string): boolean {
    if (this.aborted || this.#cut) return true;
    const taken = this.#writer.write(chunk);
    if (this.#writer.broken) this.destroy();
    return taken;
  }

  onDrain(listener: () => void): void {
    this.#drainListener = listener;
  }

  end(): void {
    if (this.aborted || this.#cut || this.answered) return;
    this.#writer.end();
    if (this.#writer.broken) this.destroy();
    else this.#settle();
  }

  destroy(): void {
    this.#cut = true;
    this.#writer.flush();
    // What has been written goes out first; the missing end tells the client that the answer is not whole.
    this.#line.cut();
  }

  /** The client has taken what waited for it. */
  drained(): void {
    if (this.#writer.pump()) this.#settle();
    else this.#drainListener?.();
  }

  /** The client has gone before it had its answer. */
  left(): void {
    if (this.#left) return;
    this.#left = true;
    this.#abortListener?.();
  }

  #settle(): void {
    if (this.#writer.whole) this.#line.answered(this);
  }

  /** Tells a client that waits for it to send its body, where the body will be read. */
  #continue(limitBytes: number): void {
    if (!this.#expectsContinue || this.body.tooLarge(limitBytes)) return;
    this.#expectsContinue = false;
    if (!this.body.complete && !this.committed && !this.aborted) this.#line.socket.write(CONTINUE);
  }

  /** The lines of a head that are the connection's to write. */
  #tail(): string {
    if (this.#line.draining || this.body.lost || this.#unreadIsLarge()) this.closing = true;
    return this.#line.linesOf(this.closing);
  }

  /** True where reading the rest of the body only to keep the connection would let a client send without end. */
  #unreadIsLarge(): boolean {
    if (this.body.complete) return false;
    // A client that waits for `100 Continue` may send its body or not: only a new connection is unambiguous.
    if (this.#expectsContinue) return true;
    return !(this.body.declaredLength <= WORTH_DRAINING);
  }
}
