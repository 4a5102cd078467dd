import { malformed } from './malformed.ts';

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const DELETE = 0x7f;

/** Bytes of a head, or of all trailers; heads of 1xx answers count with the head that follows them. */
const LARGEST_HEAD = 64 * 1024;
/** Lines of a head, its status line included. */
const MOST_LINES = 200;

/**
 * Finds the empty line that ends a head or trailers, in whatever pieces they come. Lines end with CRLF and hold no other
 * control characters than tabs: a lone CR or LF is a line's end to one program and not to the next, and so a way to smuggle
 * headers (RFC 9112, 2.2).
 */
export class LineScanner {
  /** True once the empty line has been seen. */
  done = false;
  #bytes = 0;
  #lines = 0;
  /** Bytes of the line that an earlier piece began. */
  #lineBytes = 0;
  #afterCr = false;

  /** Looks at `buffer` from `at` to before `end`. Answers where it stopped: behind the empty line, or `end`. Throws an UpstreamFailure. */
  scan(buffer: Uint8Array, at: number, end: number): number {
    let lineStart = at - this.#lineBytes;
    let afterCr = this.#afterCr;
    for (let index = at; index < end; index += 1) {
      const byte = buffer[index] ?? 0;
      if (byte > 0x1f && byte !== DELETE && !afterCr) continue;
      if (afterCr) {
        if (byte !== LF) throw malformed('a CR without LF in its head');
        afterCr = false;
        if (index - lineStart === 1) return this.#finish(at, index + 1);
        lineStart = index + 1;
        this.#lines += 1;
      } else if (byte === CR) afterCr = true;
      else if (byte !== TAB) throw malformed('a control character in its head');
    }
    this.#afterCr = afterCr;
    this.#lineBytes = end - lineStart;
    this.#count(end - at);
    return end;
  }

  /** Makes ready for the head that follows one with a 1xx status; what came counts on. */
  next(): void {
    this.done = false;
    this.#lineBytes = 0;
    this.#afterCr = false;
  }

  /** Makes ready for another answer. */
  reset(): void {
    this.next();
    this.#bytes = 0;
    this.#lines = 0;
  }

  #finish(at: number, next: number): number {
    this.#count(next - at);
    this.done = true;
    return next;
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > LARGEST_HEAD) throw malformed(`its head is larger than ${LARGEST_HEAD} bytes`);
    if (this.#lines > MOST_LINES) throw malformed(`its head has more than ${MOST_LINES} lines`);
  }
}
