/** What an answer came to. */
export interface ReadAnswer {
  readonly status: number;
  /** The last bytes of the body, at most 16: tells a stream that came whole from one that did not. */
  readonly tail: Buffer;
  readonly bodyBytes: number;
}

type State = 'head' | 'counted' | 'size' | 'data' | 'gap' | 'trailer';

const TAIL_BYTES = 16;
const NOTHING = Buffer.alloc(0);

/**
 * Reads HTTP/1.1 answers off one connection at little cost: finds where each ends (content-length or chunked) and nothing
 * more. Strict: anything it does not understand throws, so that no wrong answer counts as served.
 */
export class AnswerReader {
  readonly #onBody: () => void;
  readonly #onAnswer: (answer: ReadAnswer) => void;
  #rest: Buffer = NOTHING;
  #state: State = 'head';
  #status = 0;
  #left = 0;
  #tail: Buffer = NOTHING;
  #bodyBytes = 0;

  /** `onBody` is called at the first byte of a body, `onAnswer` at its end. */
  constructor(listener: { onBody: () => void; onAnswer: (answer: ReadAnswer) => void }) {
    this.#onBody = listener.onBody;
    this.#onAnswer = listener.onAnswer;
  }

  /** True between answers. */
  get idle(): boolean {
    return this.#state === 'head' && this.#rest.byteLength === 0;
  }

  feed(piece: Buffer): void {
    let bytes = this.#rest.byteLength === 0 ? piece : Buffer.concat([this.#rest, piece]);
    this.#rest = NOTHING;
    while (bytes.byteLength > 0) {
      const used = this.#step(bytes);
      if (used === 0) {
        this.#rest = bytes;
        return;
      }
      bytes = bytes.subarray(used);
    }
  }

  /** Takes what the state allows from the beginning of the bytes. 0: more are needed. */
  #step(bytes: Buffer): number {
    switch (this.#state) {
      case 'head':
        return this.#readHead(bytes);
      case 'counted':
      case 'data':
        return this.#readData(bytes);
      case 'size':
        return this.#readSize(bytes);
      case 'gap':
        if (bytes.byteLength < 2) return 0;
        this.#state = 'size';
        return 2;
      case 'trailer':
        return this.#readTrailer(bytes);
    }
  }

  #readHead(bytes: Buffer): number {
    const end = bytes.indexOf('\r\n\r\n', 0, 'latin1');
    if (end < 0) return 0;
    const head = bytes.toString('latin1', 0, end);
    const status = /^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1];
    if (status === undefined) throw new Error(`No HTTP/1.1 answer: ${head.slice(0, 80)}`);
    this.#status = Number(status);
    this.#tail = NOTHING;
    this.#bodyBytes = 0;
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    if (length !== undefined) {
      this.#left = Number(length);
      this.#state = 'counted';
      if (this.#left === 0) this.#finish();
    } else if (/\r\ntransfer-encoding: *chunked/i.test(head)) this.#state = 'size';
    else throw new Error('An answer with neither content-length nor chunks.');
    return end + 4;
  }

  #readData(bytes: Buffer): number {
    const run = bytes.byteLength <= this.#left ? bytes : bytes.subarray(0, this.#left);
    if (this.#bodyBytes === 0) this.#onBody();
    this.#bodyBytes += run.byteLength;
    this.#left -= run.byteLength;
    const joined = run.byteLength >= TAIL_BYTES ? run : Buffer.concat([this.#tail, run]);
    this.#tail = joined.subarray(-TAIL_BYTES);
    if (this.#left === 0 && this.#state === 'counted') this.#finish();
    else if (this.#left === 0) this.#state = 'gap';
    return run.byteLength;
  }

  #readSize(bytes: Buffer): number {
    const end = bytes.indexOf('\r\n', 0, 'latin1');
    if (end < 0) return 0;
    const size = Number.parseInt(bytes.toString('latin1', 0, end), 16);
    if (!(size >= 0)) throw new Error('A chunk without a size.');
    this.#left = size;
    this.#state = size === 0 ? 'trailer' : 'data';
    return end + 2;
  }

  #readTrailer(bytes: Buffer): number {
    if (bytes.byteLength < 2) return 0;
    if (bytes[0] !== 13 || bytes[1] !== 10) throw new Error('Trailers are not expected.');
    this.#finish();
    return 2;
  }

  #finish(): void {
    this.#state = 'head';
    this.#onAnswer({ status: this.#status, tail: this.#tail, bodyBytes: this.#bodyBytes });
  }
}
