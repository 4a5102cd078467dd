import { ChunkedBody } from '../../../core/wire/http1/chunked-body.ts';
import { LineScanner } from '../../../core/wire/http1/line-scanner.ts';
import { asUpstreamFailure, HEAD_LIMITS, malformed } from './malformed.ts';
import { parseHead, type ParsedHead } from './parse-head.ts';

/** Who hears what an answer consists of. */
export interface AnswerSink {
  onHead(head: ParsedHead): void;
  /** A copy: the receiver may keep it. At most one for each call of `feed`. */
  onPiece(piece: Uint8Array): void;
}

type Phase = 'head' | 'length' | 'chunked' | 'until-close' | 'done';

/** Reads one answer after another from the bytes of a connection, in whatever pieces they come. */
export class AnswerParser {
  /** Of the answer that is being read, once it is there. */
  head: ParsedHead | undefined;
  readonly #sink: AnswerSink;
  readonly #scanner = new LineScanner(HEAD_LIMITS);
  readonly #chunks = new ChunkedBody(Infinity);
  #phase: Phase = 'head';
  /** The head as far as it has come. */
  #pending: Buffer[] = [];
  /** Bytes of the body still to come. */
  #left = 0;

  constructor(sink: AnswerSink) {
    this.#sink = sink;
  }

  /** True once the whole answer has been read. */
  get done(): boolean {
    return this.#phase === 'done';
  }

  /** Makes ready for another answer. */
  reset(): void {
    this.head = undefined;
    this.#phase = 'head';
    this.#pending = [];
    this.#scanner.reset();
  }

  /**
   * Reads the first `length` bytes of `buffer` and keeps none of them. Answers how many belong to this answer: fewer than
   * `length` where bytes follow its end. Throws an UpstreamFailure (`malformed`).
   */
  feed(buffer: Buffer, length: number): number {
    try {
      return this.#feed(buffer, length);
    } catch (thrown) {
      throw asUpstreamFailure(thrown);
    }
  }

  /** The connection has ended. True where that ends the answer as well; false where something is missing. */
  end(): boolean {
    if (this.#phase === 'until-close') this.#phase = 'done';
    return this.#phase === 'done';
  }

  #feed(buffer: Buffer, length: number): number {
    const at = this.#phase === 'head' ? this.#feedHead(buffer, length) : 0;
    if (at === length || this.#phase === 'done') return at;
    return this.#phase === 'chunked' ? this.#feedChunks(buffer, at, length) : this.#feedPlain(buffer, at, length);
  }

  #feedHead(buffer: Buffer, length: number): number {
    let at = 0;
    while (this.#phase === 'head' && at < length) {
      const next = this.#scanner.scan(buffer, at, length);
      if (!this.#scanner.done) {
        this.#pending.push(Buffer.from(buffer.subarray(at, next)));
        return next;
      }
      const head = parseHead(this.#headText(buffer, at, next));
      at = next;
      // 100 and 103 announce the answer; the answer itself follows. Nobody asked for another protocol.
      if (head.status >= 200) this.#begin(head);
      else if (head.status === 101) throw malformed('it changes the protocol, unasked');
      else this.#scanner.next();
    }
    return at;
  }

  /** The lines of a head, without the empty one at its end. */
  #headText(buffer: Buffer, at: number, next: number): string {
    if (this.#pending.length === 0) return buffer.toString('latin1', at, next - 2);
    this.#pending.push(Buffer.from(buffer.subarray(at, next)));
    const text = Buffer.concat(this.#pending).toString('latin1');
    this.#pending = [];
    return text.slice(0, -2);
  }

  #begin(head: ParsedHead): void {
    this.head = head;
    this.#left = 0;
    if (head.status === 204 || head.status === 304) this.#phase = 'done';
    else if (head.chunked) {
      this.#chunks.reset();
      this.#phase = 'chunked';
    } else if (head.contentLength === undefined) this.#phase = 'until-close';
    else {
      this.#left = head.contentLength;
      this.#phase = this.#left === 0 ? 'done' : 'length';
    }
    this.#sink.onHead(head);
  }

  #feedPlain(buffer: Buffer, at: number, length: number): number {
    const whole = this.#phase === 'until-close';
    const stop = whole ? length : Math.min(length, at + this.#left);
    const piece = Buffer.allocUnsafe(stop - at);
    buffer.copy(piece, 0, at, stop);
    if (!whole) {
      this.#left -= stop - at;
      if (this.#left === 0) this.#phase = 'done';
    }
    this.#sink.onPiece(piece);
    return stop;
  }

  #feedChunks(buffer: Buffer, at: number, length: number): number {
    const stop = this.#chunks.decode(buffer, at, length);
    if (this.#chunks.done) this.#phase = 'done';
    const piece = this.#chunks.take();
    if (piece !== undefined) this.#sink.onPiece(piece);
    return stop;
  }
}
