import { readFieldLines } from './field-line.ts';
import { malformed } from './http-fault.ts';
import { LineScanner } from './line-scanner.ts';

const CR = 0x0d;
const LF = 0x0a;
const SEMICOLON = 0x3b;
const DELETE = 0x7f;
/** Hexadecimal digits of a size: what a double holds exactly, leading zeros included. */
const MOST_DIGITS = 13;
/** Extensions of one chunk, and all trailers. Bytes. */
const LONGEST_EXTENSIONS = 1024;
const TRAILER_LIMITS = { bytes: 16 * 1024, lines: 100 };

/** `;name`, `;name=value` or `;name="value"`, any number of them (RFC 9112, 7.1.1). */
const EXTENSIONS =
  /^(?:[ \t]*;[ \t]*[!#$%&'*+\-.^_`|~\w]+(?:[ \t]*=[ \t]*(?:[!#$%&'*+\-.^_`|~\w]+|"(?:[^"\\]|\\.)*"))?)+$/;
/** What would change where a message ends or whom it is for, did anybody take a trailer for a header (RFC 9110, 6.5.1). */
const NO_TRAILERS: ReadonlySet<string> = new Set(['content-length', 'transfer-encoding', 'host']);

type Part = 'size' | 'extension' | 'size-lf' | 'data' | 'data-cr' | 'data-lf' | 'trailers';

/**
 * Takes chunks apart, in whatever pieces they come (RFC 9112, 7.1). Strict where readers differ: no spaces around a size, CRLF
 * only. Extensions and trailers are held to their grammar and dropped.
 */
export class ChunkedBody {
  /** True once the last chunk and the trailers are over. */
  done = false;
  readonly #mostExtensions: number;
  #part: Part = 'size';
  #size = 0;
  #digits = 0;
  #extensions = '';
  #extensionBytes = 0;
  readonly #trailers = new LineScanner(TRAILER_LIMITS);
  #trailerText = '';
  #piece: Buffer | undefined;
  #pieceBytes = 0;

  /** `mostExtensions`: bytes of the extensions of all chunks of a body. Each byte of data could bring a kilobyte of them else. */
  constructor(mostExtensions: number) {
    this.#mostExtensions = mostExtensions;
  }

  reset(): void {
    this.done = false;
    this.#beginSize();
    this.#extensionBytes = 0;
    this.#trailers.reset();
    this.#trailerText = '';
    this.#piece = undefined;
  }

  /** Reads `buffer` from `at` to before `end`. Answers where it stopped: behind the last chunk, or `end`. Throws an HttpFault. */
  decode(buffer: Buffer, at: number, end: number): number {
    let index = at;
    while (index < end && !this.done) {
      if (this.#part === 'data') index = this.#data(buffer, index, end);
      else if (this.#part === 'trailers') index = this.#scanTrailers(buffer, index, end);
      else {
        this.#framing(buffer[index] ?? 0);
        index += 1;
      }
    }
    return index;
  }

  /** A copy of the body's bytes that have been read since the last call: those of all chunks in one piece, so that fifty events are one write. */
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

  #scanTrailers(buffer: Buffer, at: number, end: number): number {
    const next = this.#trailers.scan(buffer, at, end);
    this.done = this.#trailers.done;
    this.#trailerText += buffer.toString('latin1', at, next);
    if (!this.done || this.#trailerText.length === 2) return next;
    readFieldLines(this.#trailerText.slice(0, -2), 0, (name) => {
      if (NO_TRAILERS.has(name)) throw malformed(`a trailer called ${name}`);
    });
    return next;
  }

  #framing(byte: number): void {
    switch (this.#part) {
      case 'size':
        this.#sizeByte(byte);
        break;
      case 'extension':
        this.#extensionByte(byte);
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
    else if (byte === SEMICOLON) {
      this.#part = 'extension';
      this.#extensionByte(byte);
    } else throw malformed('a chunk whose size is no hexadecimal number');
  }

  #extensionByte(byte: number): void {
    if (byte === CR) {
      if (!EXTENSIONS.test(this.#extensions)) throw malformed('chunk extensions that are none');
      this.#part = 'size-lf';
      return;
    }
    if ((byte < 0x20 && byte !== 0x09) || byte === DELETE) throw malformed('a control character in a chunk');
    this.#extensions += String.fromCharCode(byte);
    this.#extensionBytes += 1;
    if (this.#extensions.length > LONGEST_EXTENSIONS || this.#extensionBytes > this.#mostExtensions)
      throw malformed('chunk extensions without measure');
  }

  #beginSize(): void {
    this.#part = 'size';
    this.#size = 0;
    this.#digits = 0;
    this.#extensions = '';
  }
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
