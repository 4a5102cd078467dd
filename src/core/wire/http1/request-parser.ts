import { ChunkedBody } from './chunked-body.ts';
import { LineScanner } from './line-scanner.ts';
import { readRequestHead, type RequestHead } from './request-head.ts';

/** Who hears what a request consists of. */
export interface RequestSink {
  onHead(head: RequestHead): void;
  /** A piece of the body; may be a view into the bytes that were fed. At most one for each call of `feed`. */
  onPiece(piece: Buffer): void;
}

/** The first line and 100 header lines. */
const HEAD_LIMITS = { bytes: 16 * 1024, lines: 101 };
/** Of the chunk extensions of one request. Bytes. */
const MOST_EXTENSIONS = 16 * 1024;

type Phase = 'head' | 'length' | 'chunked' | 'done';

/** Reads one request after another from the bytes of a connection, in whatever pieces they come. */
export class RequestParser {
  readonly #sink: RequestSink;
  readonly #scanner = new LineScanner(HEAD_LIMITS);
  /** Most requests of most connections have none. */
  #chunks: ChunkedBody | undefined;
  #phase: Phase = 'head';
  /** The head as far as it has come. */
  #text = '';
  #blankLine = false;
  /** Bytes of the body still to come. */
  #left = 0;

  constructor(sink: RequestSink) {
    this.#sink = sink;
  }

  /** True once the whole request has been read. */
  get done(): boolean {
    return this.#phase === 'done';
  }

  /** True once something of a request has come. */
  get begun(): boolean {
    return this.#phase !== 'head' || this.#text !== '';
  }

  /** Makes ready for another request. */
  reset(): void {
    this.#phase = 'head';
    this.#text = '';
    this.#blankLine = false;
    this.#scanner.reset();
  }

  /**
   * Reads `buffer` from `at` on. Answers where it stopped: behind the end of this request, or at the end of the buffer. Throws an
   * HttpFault: `too_large` for a head of more than 16 KB or 100 header lines, `malformed` for anything else. Nothing that follows
   * on the connection can be trusted then.
   */
  feed(buffer: Buffer, at: number): number {
    const from = this.#phase === 'head' ? this.#feedHead(buffer, at) : at;
    if (from === buffer.byteLength || this.#phase === 'done') return from;
    return this.#phase === 'chunked' ? this.#feedChunks(buffer, from) : this.#feedPlain(buffer, from);
  }

  #feedHead(buffer: Buffer, at: number): number {
    const next = this.#scanner.scan(buffer, at, buffer.byteLength);
    if (!this.#scanner.done) {
      this.#text += buffer.toString('latin1', at, next);
      return next;
    }
    const text = this.#wholeText(buffer, at, next);
    // One empty line before a request is forgiven: there are clients that end a body with one (RFC 9112, 2.2).
    if (text === '' && !this.#blankLine) {
      this.reset();
      this.#blankLine = true;
      return next === buffer.byteLength ? next : this.#feedHead(buffer, next);
    }
    this.#begin(readRequestHead(text));
    return next;
  }

  /** The lines of a head, without the empty one at its end. A head of one piece is never a string made of parts: those are slow to read. */
  #wholeText(buffer: Buffer, at: number, next: number): string {
    if (this.#text === '') return buffer.toString('latin1', at, next - 2);
    return (this.#text + buffer.toString('latin1', at, next)).slice(0, -2);
  }

  #begin(head: RequestHead): void {
    this.#text = '';
    this.#left = head.bodyLength;
    if (head.bodyLength === 0) this.#phase = 'done';
    else if (head.bodyLength > 0) this.#phase = 'length';
    else {
      this.#chunks ??= new ChunkedBody(MOST_EXTENSIONS);
      this.#chunks.reset();
      this.#phase = 'chunked';
    }
    this.#sink.onHead(head);
  }

  #feedPlain(buffer: Buffer, at: number): number {
    const stop = Math.min(buffer.byteLength, at + this.#left);
    this.#left -= stop - at;
    if (this.#left === 0) this.#phase = 'done';
    this.#sink.onPiece(buffer.subarray(at, stop));
    return stop;
  }

  #feedChunks(buffer: Buffer, at: number): number {
    const chunks = (this.#chunks ??= new ChunkedBody(MOST_EXTENSIONS));
    const stop = chunks.decode(buffer, at, buffer.byteLength);
    if (chunks.done) this.#phase = 'done';
    const piece = chunks.take();
    if (piece !== undefined) this.#sink.onPiece(piece);
    return stop;
  }
}
