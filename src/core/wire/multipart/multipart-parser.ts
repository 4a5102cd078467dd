import { DelimiterSearch } from './delimiter-search.ts';
import { FormProblem } from './form-problem.ts';
import { readPartHead, type PartHead } from './part-head.ts';

/** Who hears what a form consists of. What a listener throws comes out of `feed`. */
export interface FormSink {
  onPart(head: PartHead): void;
  /** A view of the bytes that were fed: copy what must outlive the call. */
  onData(data: Uint8Array): void;
  onPartEnd(): void;
}

/** The headers of one part. Bytes. */
const LARGEST_HEAD = 8 * 1024;
const MOST_PARTS = 256;
const CARRIAGE_RETURN = 0x0d;
const LINE_FEED = 0x0a;
const DASH = 0x2d;

type Phase = 'before' | 'delimiter' | 'head' | 'data' | 'closed';

/**
 * Reads a form (RFC 7578, RFC 2046) from its bytes in whatever pieces they come; keeps no more than the headers of one part.
 * Stricter than the RFCs where readers disagree: nothing before the first boundary but one line break, nothing behind a boundary
 * on its line. What follows the last boundary means nothing and is dropped.
 */
export class MultipartParser {
  readonly #sink: FormSink;
  readonly #search: DelimiterSearch;
  readonly #onData: (data: Uint8Array) => void;
  #phase: Phase = 'before';
  /** The first byte behind a boundary. */
  #behind = -1;
  #head = Buffer.alloc(0);
  #headLength = 0;
  #parts = 0;

  /** `boundary` as in the content type. */
  constructor(boundary: string, sink: FormSink) {
    this.#sink = sink;
    this.#search = new DelimiterSearch(boundary);
    this.#search.begin();
    this.#onData = (data) => this.#take(data);
  }

  /** Bytes compared with the boundary so far, for tests: linear in what was fed. */
  get compared(): number {
    return this.#search.compared;
  }

  /** Throws a FormProblem; nothing may be fed after that. */
  feed(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#phase === 'closed') return;
      if (this.#phase === 'head') at = this.#readHead(bytes, at);
      else if (this.#phase === 'delimiter') at = this.#readBehind(bytes, at);
      else at = this.#readData(bytes, at);
    }
  }

  /** The body has ended. Throws a FormProblem where the last boundary has not come. */
  end(): void {
    if (this.#phase !== 'closed') throw new FormProblem('it ends before its last boundary');
  }

  #readData(bytes: Uint8Array, at: number): number {
    const next = this.#search.scan(bytes, at, this.#onData);
    if (next === -1) return bytes.length;
    if (this.#phase === 'data') {
      if (this.#search.immediate) throw new FormProblem('a part has no empty line behind its headers');
      this.#sink.onPartEnd();
    }
    this.#phase = 'delimiter';
    return next;
  }

  #take(data: Uint8Array): void {
    if (this.#phase === 'before') throw new FormProblem('it does not begin with its boundary');
    this.#sink.onData(data);
  }

  /** The two bytes behind a boundary: the end of its line, or the two dashes of the last one. */
  #readBehind(bytes: Uint8Array, at: number): number {
    const byte = bytes[at] ?? 0;
    if (this.#behind === -1) {
      this.#behind = byte;
      return at + 1;
    }
    const closing = this.#behind === DASH && byte === DASH;
    if (!closing && !(this.#behind === CARRIAGE_RETURN && byte === LINE_FEED))
      throw new FormProblem('a boundary is not alone on its line');
    this.#behind = -1;
    this.#phase = closing ? 'closed' : 'head';
    return at + 1;
  }

  #readHead(bytes: Uint8Array, at: number): number {
    if (this.#head.length === 0) this.#head = Buffer.allocUnsafe(LARGEST_HEAD);
    let next = at;
    while (next < bytes.length) {
      if (this.#headLength === LARGEST_HEAD) throw new FormProblem('the headers of a part are larger than 8 KiB');
      const byte = bytes[next] ?? 0;
      this.#head[this.#headLength] = byte;
      this.#headLength += 1;
      next += 1;
      if (byte === LINE_FEED && this.#headEnds()) {
        this.#beginPart();
        return next;
      }
    }
    return next;
  }

  /** True where an empty line stands at the end of what was read. */
  #headEnds(): boolean {
    const text = this.#head.toString('latin1', Math.max(0, this.#headLength - 4), this.#headLength);
    return text === '\r\n\r\n' || text === '\r\n';
  }

  #beginPart(): void {
    this.#parts += 1;
    if (this.#parts > MOST_PARTS) throw new FormProblem(`it has more than ${MOST_PARTS} parts`);
    const head = readPartHead(this.#head.toString('latin1', 0, Math.max(0, this.#headLength - 4)));
    this.#headLength = 0;
    this.#phase = 'data';
    this.#search.begin();
    this.#sink.onPart(head);
  }
}
