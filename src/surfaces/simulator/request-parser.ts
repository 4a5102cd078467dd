import { FormDigest, type DigestedForm } from './forms/form-digest.ts';
import { BODY_LIMIT, isForm, MalformedRequest, readHead, type RequestHead } from './request-head.ts';

/** One HTTP/1.1 request, whole. */
export interface WireRequest {
  readonly method: string;
  /** Path without the query. */
  readonly path: string;
  /** Query without `?`; empty when there is none. */
  readonly query: string;
  /** May be a view into the bytes that were fed: copy what must outlive the answer. */
  readonly body: Buffer;
  /** What a form held; its body is empty then. */
  readonly form?: DigestedForm;
  /** False: the connection ends after the answer. */
  readonly keepAlive: boolean;
}

const NOTHING = Buffer.alloc(0);
/** Room for a chunk's size line, extensions and trailers included. */
const LINE_LIMIT = 8192;

/**
 * Finds requests in the bytes of one connection: keep-alive, pipelining, content-length and chunked bodies. Feed it pieces,
 * take requests until there is none.
 */
export class RequestParser {
  #bytes: Buffer = NOTHING;
  /** Pieces after `#bytes`, joined only when `#needed` bytes are there: a big body is not copied once for each piece. */
  #later: Buffer[] = [];
  #available = 0;
  #needed = 0;
  #head: RequestHead | undefined;
  #chunks: Buffer[] = [];
  #chunkedBytes = 0;
  #continueDue = false;
  /** Reads the body as it comes where it is a form. */
  #digest: FormDigest | undefined;
  #digested = 0;

  feed(piece: Buffer): void {
    if (this.#available === 0) this.#bytes = piece;
    else this.#later.push(piece);
    this.#available += piece.byteLength;
  }

  /** True once for a head that waits for `100 Continue` before it sends its body. */
  takeContinue(): boolean {
    const due = this.#continueDue;
    this.#continueDue = false;
    return due;
  }

  /** The next whole request, or undefined until more bytes come. Throws MalformedRequest. */
  next(): WireRequest | undefined {
    if (this.#available === 0 || this.#available < this.#needed) return undefined;
    this.#join();
    this.#needed = 0;
    if (this.#head === undefined) {
      this.#head = readHead(this.#bytes);
      if (this.#head === undefined) return undefined;
      this.#drop(this.#head.end);
      this.#continueDue = this.#head.expectsContinue;
      if (isForm(this.#head)) this.#digest = new FormDigest(this.#head.contentType);
      this.#digested = 0;
    }
    const body = this.#head.length === 'chunked' ? this.#takeChunked() : this.#takeCounted(this.#head.length);
    return body === undefined ? undefined : this.#finish(this.#head, body);
  }

  #takeCounted(length: number): Buffer | undefined {
    if (this.#digest !== undefined) return this.#digestCounted(this.#digest, length);
    if (this.#available < length) {
      this.#needed = length;
      return undefined;
    }
    const body = this.#bytes.subarray(0, length);
    this.#drop(length);
    return body;
  }

  #digestCounted(digest: FormDigest, length: number): Buffer | undefined {
    const piece = this.#bytes.subarray(0, length - this.#digested);
    digest.feed(piece);
    this.#digested += piece.byteLength;
    this.#drop(piece.byteLength);
    return this.#digested === length ? NOTHING : undefined;
  }

  /** Moves whole chunks out of the bytes as they come; the body is there with the chunk of size 0. */
  #takeChunked(): Buffer | undefined {
    for (;;) {
      const lineEnd = this.#bytes.indexOf('\r\n', 0, 'latin1');
      if (lineEnd < 0) return this.#awaitLine();
      const size = Number.parseInt(this.#bytes.toString('latin1', 0, lineEnd), 16);
      if (!(size >= 0)) throw new MalformedRequest(400, 'A chunk does not begin with its size.');
      if (size === 0) return this.#takeLastChunk(lineEnd);
      const end = lineEnd + 2 + size;
      if (this.#digest === undefined && this.#chunkedBytes + size > BODY_LIMIT)
        throw new MalformedRequest(413, 'The body is larger than 128 MiB.');
      if (this.#available < end + 2) {
        this.#needed = end + 2;
        return undefined;
      }
      const chunk = this.#bytes.subarray(lineEnd + 2, end);
      if (this.#digest === undefined) this.#chunks.push(chunk);
      else this.#digest.feed(chunk);
      this.#chunkedBytes += size;
      this.#drop(end + 2);
    }
  }

  /** The end is an empty line: at once, or after trailers, which say nothing to us. */
  #takeLastChunk(lineEnd: number): Buffer | undefined {
    const end = this.#bytes.indexOf('\r\n\r\n', lineEnd, 'latin1');
    if (end < 0) return this.#awaitLine();
    const body = Buffer.concat(this.#chunks);
    this.#drop(end + 4);
    return body;
  }

  #awaitLine(): undefined {
    if (this.#available > LINE_LIMIT) throw new MalformedRequest(400, 'A chunk does not begin with its size.');
    return undefined;
  }

  #finish(head: RequestHead, body: Buffer): WireRequest {
    this.#head = undefined;
    this.#chunks = [];
    this.#chunkedBytes = 0;
    const form = this.#digest?.finish();
    this.#digest = undefined;
    const { method, path, query, keepAlive } = head;
    return { method, path, query, keepAlive, body, ...(form === undefined ? {} : { form }) };
  }

  #drop(count: number): void {
    this.#bytes = count === this.#bytes.byteLength ? NOTHING : this.#bytes.subarray(count);
    this.#available -= count;
  }

  #join(): void {
    if (this.#later.length === 0) return;
    this.#bytes = Buffer.concat([this.#bytes, ...this.#later]);
    this.#later = [];
  }
}
