import { LineScanner } from './line-scanner.ts';
import { malformed } from './malformed.ts';

const CR = 0x0d;
const LF = 0x0a;
const SEMICOLON = 0x3b;
const DELETE = 0x7f;
/** A chunk's size and its extensions. Bytes. */
const LONGEST_SIZE_LINE = 1024;
/** Hexadecimal digits of a size: what a double holds exactly, leading zeros included. */
const MOST_DIGITS = 13;

type Part = 'size' | 'extension' | 'size-lf' | 'data' | 'data-cr' | 'data-lf' | 'trailers';

/**
 * Takes chunks apart, in whatever pieces they come (RFC 9112, 7.1). Strict where readers differ: no spaces around a size, CRLF
 * only. Extensions and trailers are dropped.
 */
export class ChunkedBody {
  /** True once the last chunk and the trailers are over. */
  done = false;
  #part: Part = 'size';
  #size = 0;
  #digits = 0;
  #lineBytes = 0;
  readonly #trailers = new LineScanner();
  #piece: Buffer | undefined;
  #pieceBytes = 0;

  reset(): void {
    this.done = false;
    this.#beginSize();
    this.#trailers.reset();
  }

  /** Reads `buffer` from `at` to before `end`. Answers where it stopped: behind the last chunk, or `end`. Throws an UpstreamFailure. */
  decode(buffer: Buffer, at: number, end: number): number {
    let index = at;
    while (index < end && !this.done) {
      if (this.#part === 'data') index = this.#data(buffer, index, end);
      else if (this.#part === 'trailers') {
        index = this.#trailers.scan(buffer, index, end);
        this.done = this.#trailers.done;
      } else {
        this.#framing(buffer[index] ?? 0);
        index += 1;
      }
    }
    return index;
  }

  /** The body's bytes that have been read since the last call: those of all chunks in one piece, so that fifty events are one write. */
  take(): Buffer | undefined {
    const piece = this.#piece;
    if (piece === undefined) return undefined;
    this.#piece = undefined;
    return this.#pieceBytes === piece.byteLength ? piece : piece.subarray(0, this.#pieceBytes);
  }

  #data(buffer: Buffer, at: number, end: number): number {
    const stop = Math.min(end, at + this.#size);
    if (this.#piece === undefined) {
      // Where more than this chunk has come, the piece has room for everything that can follow in this read.
      this.#piece = Buffer.allocUnsafe(stop === end ? stop - at : end - at);
      this.#pieceBytes = 0;
    }
    buffer.copy(this.#piece, this.#pieceBytes, at, stop);
    this.#pieceBytes += stop - at;
    this.#size -= stop - at;
    if (this.#size === 0) this.#part = 'data-cr';
    return stop;
  }

  #framing(byte: number): void {
    switch (this.#part) {
      case 'size':
        this.#sizeByte(byte);
        break;
      case 'extension':
        if (byte === CR) this.#part = 'size-lf';
        else if ((byte < 0x20 && byte !== 0x09) || byte === DELETE) throw malformed('a control character in a chunk');
        else this.#countLine();
        break;
      case 'size-lf':
        if (byte !== LF) throw malformed('a CR without LF behind the size of a chunk');
        this.#part = this.#size === 0 ? 'trailers' : 'data';
        break;
      case 'data-cr':
        if (byte !== CR) throw malformed('a chunk that is longer than its size');
        this.#part = 'data-lf';
        break;
      case 'data-lf':
        if (byte !== LF) throw malformed('a CR without LF behind a chunk');
        this.#beginSize();
        break;
      case 'data':
      case 'trailers':
        throw new Error('these are read many bytes at a time');
    }
  }

  #sizeByte(byte: number): void {
    const digit = hexDigit(byte);
    if (digit !== -1) {
      this.#digits += 1;
      if (this.#digits > MOST_DIGITS) throw malformed('a chunk with a size beyond all measure');
      this.#size = this.#size * 16 + digit;
      return;
    }
    if (this.#digits === 0) throw malformed('a chunk without a size');
    if (byte === CR) this.#part = 'size-lf';
    else if (byte === SEMICOLON) this.#part = 'extension';
    else throw malformed('a chunk whose size is no hexadecimal number');
  }

  #countLine(): void {
    this.#lineBytes += 1;
    if (this.#lineBytes > LONGEST_SIZE_LINE)
      throw malformed(`chunk extensions of more than ${LONGEST_SIZE_LINE} bytes`);
  }

  #beginSize(): void {
    this.#part = 'size';
    this.#size = 0;
    this.#digits = 0;
    this.#lineBytes = 0;
  }
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
