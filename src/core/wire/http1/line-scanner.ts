import { HttpFault, malformed } from './http-fault.ts';

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const DELETE = 0x7f;

/** How much a head, or all trailers, may be. */
export interface LineLimits {
  /** Bytes, the ends of lines included. */
  readonly bytes: number;
  /** Lines, the first one of a head included, the empty one at the end not. */
  readonly lines: number;
}

/**
 * Finds the empty line that ends a head or trailers, in whatever pieces they come. Lines end with CRLF and hold no other
 * control characters than tabs: a lone CR or LF is a line's end to one program and not to the next, and so a way to smuggle
 * headers (RFC 9112, 2.2).
 */
export class LineScanner {
  /** True once the empty line has been seen. */
  done = false;
  readonly #limits: LineLimits;
  #bytes = 0;
  #lines = 0;
  /** Bytes of the line that an earlier piece began. */
  #lineBytes = 0;
  #afterCr = false;

  constructor(limits: LineLimits) {
    this.#limits = limits;
  }

  /** Looks at `buffer` from `at` to before `end`. Answers where it stopped: behind the empty line, or `end`. Throws an HttpFault. */
  scan(buffer: Uint8Array, at: number, end: number): number {
    const limits = this.#limits;
    // Not a byte beyond the limit is looked at, so that the fault is the same in whatever pieces the bytes come.
    const stop = Math.min(end, at + limits.bytes - this.#bytes);
    let lineStart = at - this.#lineBytes;
    let afterCr = this.#afterCr;
    for (let index = at; index < stop; index += 1) {
      const byte = buffer[index] ?? 0;
      if (byte > 0x1f && byte !== DELETE && !afterCr) continue;
      if (afterCr) {
        if (byte !== LF) throw malformed('a CR without LF');
        afterCr = false;
        if (index - lineStart === 1) {
          this.#bytes += index + 1 - at;
          this.done = true;
          return index + 1;
        }
        lineStart = index + 1;
        this.#lines += 1;
        if (this.#lines > limits.lines) throw new HttpFault('too_large', `more than ${limits.lines} lines`);
      } else if (byte === CR) afterCr = true;
      else if (byte !== TAB) throw malformed('a control character');
    }
    if (stop < end) throw new HttpFault('too_large', `more than ${limits.bytes} bytes`);
    this.#bytes += end - at;
    this.#afterCr = afterCr;
    this.#lineBytes = end - lineStart;
    return end;
  }

  /** Makes ready for the head that follows one with a 1xx status; what came counts on. */
  next(): void {
    this.done = false;
    this.#lineBytes = 0;
    this.#afterCr = false;
  }

  /** Makes ready for another message. */
  reset(): void {
    this.next();
    this.#bytes = 0;
    this.#lines = 0;
  }
}
