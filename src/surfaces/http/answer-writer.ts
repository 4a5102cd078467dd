import type { Socket } from 'node:net';

import { answerLines } from '../../core/wire/http1/answer-head.ts';
import { lengthOf } from '../../core/wire/http1/field-line.ts';
import type { HeaderPairs } from '../../providers/contract.ts';

/** Up to here a body is copied behind its head, so that both are one write. Bytes. */
const SMALL_BODY = 32 * 1024;
/** Larger bodies go to the socket in slices of this size: each that is taken shows that the client still reads. Bytes. */
const SLICE = 256 * 1024;

const LAST_CHUNK = Buffer.from('0\r\n\r\n');
const NOTHING = Buffer.alloc(0);

/** What `begin` needs beside status and headers. */
export interface AnswerFrame {
  /** Lines of the head that the caller adds, each with its CRLF. */
  readonly tail: string;
  /** The whole body; absent where it is written in pieces. */
  readonly body?: Uint8Array | string;
}

/** Writes one answer to a socket: framing, and as few writes as can be. */
export class AnswerWriter {
  /** True once the head has been written. */
  begun = false;
  /** True once the last byte has been handed to the socket. */
  whole = false;
  /** True where the body is not what the head said. The connection has to end. */
  broken = false;
  readonly #socket: Socket;
  readonly #request: { readonly method: string; readonly http10: boolean };
  #chunked = false;
  #bodiless = false;
  /** Bytes of a body in pieces that are still to come, where the head says how many there are. */
  #left = Infinity;
  /** What waits to be one write with what comes next. */
  #held: Buffer[] | undefined;
  #heldBytes = 0;
  /** The rest of a large body. */
  #rest: Uint8Array = NOTHING;

  constructor(socket: Socket, request: { readonly method: string; readonly http10: boolean }) {
    this.#socket = socket;
    this.#request = request;
  }

  /** Throws where a header cannot be written; nothing has gone out then. */
  begin(status: number, headers: HeaderPairs, { tail, body }: AnswerFrame): void {
    this.#bodiless = this.#request.method === 'HEAD' || status === 204 || status === 304;
    const lines = answerLines(status, headers);
    if (body === undefined) {
      const framing = this.#framingOf(headers);
      this.begun = true;
      this.#hold(Buffer.from(`${lines}${tail}${framing}\r\n`, 'latin1'));
      return;
    }
    const length = typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength;
    // RFC 9110, 8.6.
    const framing = status === 204 ? '' : `content-length: ${length}\r\n`;
    this.begun = true;
    this.#writeWhole(`${lines}${tail}${framing}\r\n`, this.#bodiless ? NOTHING : body, this.#bodiless ? 0 : length);
  }

  /** Writes a piece. False: hold back until `pump` is called. */
  write(piece: Uint8Array | string): boolean {
    const length = typeof piece === 'string' ? Buffer.byteLength(piece) : piece.byteLength;
    // A chunk of nothing would be the last one.
    if (length === 0 || this.#bodiless || this.broken || this.whole) return true;
    this.#left -= length;
    if (this.#left < 0) {
      this.broken = true;
      return true;
    }
    if (length > SMALL_BODY) return this.#writeLarge(piece, length);
    const bytes = this.#framed(piece, length);
    if (this.#held === undefined) return this.#socket.write(bytes);
    this.#hold(bytes);
    return this.#heldBytes > SMALL_BODY ? this.flush() : true;
  }

  end(): void {
    if (this.#left > 0 && this.#left !== Infinity && !this.#bodiless) {
      this.broken = true;
      return;
    }
    this.whole = true;
    if (!this.#chunked || this.#bodiless) this.flush();
    else if (this.#held === undefined) this.#socket.write(LAST_CHUNK);
    else {
      this.#hold(LAST_CHUNK);
      this.flush();
    }
  }

  /** Writes what waits for company. False: hold back. */
  flush(): boolean {
    const held = this.#held;
    if (held === undefined) return true;
    this.#held = undefined;
    if (!this.#socket.writable) return true;
    const [only] = held;
    return this.#socket.write(held.length === 1 && only !== undefined ? only : Buffer.concat(held, this.#heldBytes));
  }

  /** The socket takes more. True where that completed the answer. */
  pump(): boolean {
    if (this.whole || this.#rest.byteLength === 0) return false;
    while (this.#rest.byteLength > 0) {
      const slice = this.#rest.subarray(0, SLICE);
      this.#rest = this.#rest.subarray(slice.byteLength);
      if (!this.#socket.write(slice)) break;
    }
    this.whole = this.#rest.byteLength === 0;
    return this.whole;
  }

  #writeWhole(head: string, body: Uint8Array | string, length: number): void {
    if (length <= SMALL_BODY) {
      const bytes = Buffer.allocUnsafe(head.length + length);
      bytes.write(head, 0, 'latin1');
      put(bytes, head.length, body);
      this.whole = true;
      this.#socket.write(bytes);
      return;
    }
    this.#rest = typeof body === 'string' ? Buffer.from(body) : body;
    this.#socket.cork();
    this.#socket.write(head, 'latin1');
    this.pump();
    this.#socket.uncork();
  }

  /** Too large to copy: three buffers, one write. */
  #writeLarge(piece: Uint8Array | string, length: number): boolean {
    const socket = this.#socket;
    socket.cork();
    this.flush();
    if (this.#chunked) socket.write(`${length.toString(16)}\r\n`, 'latin1');
    let taken = socket.write(piece);
    if (this.#chunked) taken = socket.write('\r\n', 'latin1');
    socket.uncork();
    return taken;
  }

  #framed(piece: Uint8Array | string, length: number): Buffer {
    const size = this.#chunked ? `${length.toString(16)}\r\n` : '';
    const bytes = Buffer.allocUnsafe(size.length + length + (this.#chunked ? 2 : 0));
    if (this.#chunked) {
      bytes.write(size, 0, 'latin1');
      bytes.write('\r\n', size.length + length, 'latin1');
    }
    put(bytes, size.length, piece);
    return bytes;
  }

  /** The head often comes with the first piece, and sometimes with all of them and the end: one write then. */
  #hold(bytes: Buffer): void {
    if (this.#held === undefined) {
      this.#held = [];
      this.#heldBytes = 0;
      setImmediate(flushHeld, this);
    }
    this.#held.push(bytes);
    this.#heldBytes += bytes.byteLength;
  }

  #framingOf(headers: HeaderPairs): string {
    for (let index = 0; index < headers.length; index += 2) {
      if (headers[index]?.toLowerCase() !== 'content-length') continue;
      this.#left = lengthOf(headers[index + 1] ?? '');
      return '';
    }
    if (this.#request.http10 || this.#bodiless) return '';
    this.#chunked = true;
    return 'transfer-encoding: chunked\r\n';
  }
}

/** True where the headers of an answer say how long its body is. */
export function namesLength(headers: HeaderPairs): boolean {
  return headers.some((name, index) => index % 2 === 0 && name.toLowerCase() === 'content-length');
}

function put(bytes: Buffer, at: number, piece: Uint8Array | string): void {
  if (typeof piece === 'string') bytes.write(piece, at);
  else bytes.set(piece, at);
}

function flushHeld(writer: AnswerWriter): void {
  writer.flush();
}
