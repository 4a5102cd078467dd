import { eventData, eventEnd, lastEventEnd, skipLineBreaks } from './event-text.ts';
import { isObject, tryParseJson } from './json-text.ts';
import { PendingBytes } from './pending-bytes.ts';
import { CHUNKS, type StreamDialect } from './stream-dialect.ts';

/** Bytes of one event, its blank line included, that are looked at; a larger one is passed over. */
export const MAX_EVENT_BYTES = 256 * 1024;

/** What has to be kept of a text so that a blank line (at most CRLF CRLF) that is still open can be told. */
const BLANK_LINE_TAIL = 3;

const ENCODER = new TextEncoder();
const DONE = ENCODER.encode('[DONE]');

/**
 * Watches a stream of server-sent events in one of OpenAI's dialects go by. The relay forwards the pieces itself; this one changes nothing,
 * keeps no piece, and parses only the few events that may matter. What it reports does not depend on how the stream was cut.
 */
export class SseScanner {
  readonly #dialect: StreamDialect;
  readonly #pending = new PendingBytes();
  #passingOver = false;
  #done = false;
  #finished = false;
  #failed = false;
  #usage: Uint8Array | undefined;
  /** Whether the last event so far was too large to be read. */
  #lastUnread = false;

  constructor(dialect: StreamDialect = CHUNKS) {
    this.#dialect = dialect;
  }

  /** Whether `data: [DONE]` came: the stream ended as it should. */
  get done(): boolean {
    return this.#done;
  }

  /** Whether an event said that the answer is whole, even if `[DONE]` is missing or the dialect has none. */
  get finished(): boolean {
    return this.#finished;
  }

  /** Whether an event was an error object. */
  get failed(): boolean {
    return this.#failed;
  }

  /** Whether a stream that ends now lacks nothing, as far as can be told. */
  get complete(): boolean {
    return this.#done || this.#finished || this.#failed || (this.#dialect.largeEnd && this.#lastUnread);
  }

  /** JSON text with the last `usage` object at its top. A copy, at most MAX_EVENT_BYTES long. */
  get usage(): Uint8Array | undefined {
    return this.#usage;
  }

  /** The next piece of the stream, cut anywhere. */
  feed(piece: Uint8Array): void {
    const before = this.#pending.length;
    if (before > 0) this.#pending.append(piece);
    const bytes = before > 0 ? this.#pending.bytes : piece;
    const start = this.#passingOver ? eventEnd(bytes, 0, bytes.length) : 0;
    if (start < 0) {
      this.#keep(bytes, bytes.length - BLANK_LINE_TAIL);
      return;
    }
    if (this.#passingOver) this.#lastUnread = skipLineBreaks(bytes, start, bytes.length) === bytes.length;
    else if (this.#lastUnread) this.#lastUnread = skipLineBreaks(bytes, 0, bytes.length) === bytes.length;
    this.#passingOver = false;
    const end = lastEventEnd(bytes, Math.max(start, before - 1), bytes.length);
    if (end > start) this.#events(bytes, start, end);
    this.#keepUnfinished(bytes, Math.max(start, end));
  }

  /** The stream has ended: an event that lacks its blank line counts, when it is whole. */
  end(): void {
    if (!this.#passingOver) this.#event(this.#pending.bytes, 0, this.#pending.length);
    else this.#lastUnread = false;
    this.#pending.dropFront(this.#pending.length);
  }

  #keepUnfinished(bytes: Uint8Array, from: number): void {
    const start = skipLineBreaks(bytes, from, bytes.length);
    this.#passingOver = bytes.length - start > MAX_EVENT_BYTES;
    this.#keep(bytes, this.#passingOver ? bytes.length - BLANK_LINE_TAIL : start);
  }

  #keep(bytes: Uint8Array, from: number): void {
    const start = Math.max(0, from);
    if (this.#pending.length > 0) this.#pending.dropFront(start);
    else if (start < bytes.length) this.#pending.append(bytes.subarray(start));
  }

  /** Looks only at the events that may matter: a piece of many events mostly holds one, its last. */
  #events(bytes: Uint8Array, start: number, end: number): void {
    const { sieve } = this.#dialect;
    let at = start;
    for (let hit = sieve(bytes, at, end); hit >= 0; hit = sieve(bytes, at, end)) {
      const from = Math.max(at, lastEventEnd(bytes, at, hit));
      const next = eventEnd(bytes, from, end);
      at = next < 0 ? end : next;
      this.#event(bytes, from, at);
    }
  }

  #event(bytes: Uint8Array, from: number, end: number): void {
    const start = skipLineBreaks(bytes, from, end);
    if (end - start > MAX_EVENT_BYTES) {
      this.#lastUnread = end === bytes.length;
      return;
    }
    if (this.#dialect.sieve(bytes, start, end) < 0) return;
    const data = eventData(bytes, start, end);
    if (data === undefined) return;
    if (isDone(data)) this.#done = true;
    else this.#answerPiece(data);
  }

  #answerPiece(data: Uint8Array): void {
    const piece = tryParseJson(data);
    if (!isObject(piece)) return;
    const { finishes, fails, usage } = this.#dialect.meaningOf(piece);
    if (fails) this.#failed = true;
    if (finishes) this.#finished = true;
    if (!isObject(usage)) return;
    // Not `slice`, which on a Buffer makes a view: the relay's piece would live on in it.
    this.#usage = usage === piece['usage'] ? new Uint8Array(data) : ENCODER.encode(JSON.stringify({ usage }));
  }
}

function isDone(data: Uint8Array): boolean {
  return data.length === DONE.length && DONE.every((byte, index) => data[index] === byte);
}
