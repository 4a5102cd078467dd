import { GatewayError } from '../../core/errors/gateway-error.ts';

const NOTHING = new Uint8Array(0);
/** Bytes that are kept for whoever may ask for them; beyond them the client is held back. */
const EARLY_BYTES = 64 * 1024;

/** The connection that a body comes on. */
export interface BodySource {
  /** Reads nothing more, so that the client has to wait. */
  hold(): void;
  release(): void;
}

interface Waiter<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: GatewayError) => void;
}

/**
 * The body of one request, from the connection to whoever reads it. `unasked`: nobody has asked for it yet, or no longer;
 * `dropped`: it is read only to be rid of it; `refused`: it was larger than it may be.
 */
export class RequestBody {
  /** Bytes of `content-length`; NaN where the body is chunked; 0 where there is none. */
  readonly declaredLength: number;
  /** True when nothing of the body is still to come. */
  complete: boolean;
  /** True once the rest of the body is lost: it came too slowly, or could not be read. */
  lost = false;
  /** Bytes that have come. */
  received = 0;
  readonly #source: BodySource;
  #use: 'unasked' | 'whole' | 'pieces' | 'dropped' | 'refused' = 'unasked';
  #pieces: Uint8Array[] = [];
  #pieceBytes = 0;
  #limit = Infinity;
  #whole: Waiter<Uint8Array> | undefined;
  #next: Waiter<Uint8Array | undefined> | undefined;
  #failure: GatewayError | undefined;

  constructor(declaredLength: number, source: BodySource) {
    this.declaredLength = declaredLength;
    this.complete = declaredLength === 0;
    this.#source = source;
  }

  /** True while somebody waits for what the client has to send. */
  get awaited(): boolean {
    if (this.complete || this.lost) return false;
    return this.#whole !== undefined || this.#next !== undefined || this.#use === 'dropped';
  }

  tooLarge(limit: number): boolean {
    return this.declaredLength > limit;
  }

  /** Rejects with `body_too_large` (nothing beyond the limit is kept), `request_timeout` or `bad_request`. */
  read(limit: number): Promise<Uint8Array> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.tooLarge(limit) || this.#pieceBytes > limit) return Promise.reject(this.#refuse(limit));
    if (this.complete) return Promise.resolve(this.#take());
    this.#use = 'whole';
    this.#limit = limit;
    this.#source.release();
    return new Promise((resolve, reject) => {
      this.#whole = { resolve, reject };
    });
  }

  /** The body piece by piece; throws as `read` rejects. Stopping early leaves the rest unread. */
  async *chunks(limit: number): AsyncGenerator<Uint8Array> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.tooLarge(limit)) throw this.#refuse(limit);
    this.#use = 'pieces';
    let size = 0;
    try {
      for (let piece = await this.#piece(); piece !== undefined; piece = await this.#piece()) {
        size += piece.byteLength;
        if (size > limit) throw this.#refuse(limit);
        yield piece;
      }
    } finally {
      if (this.#use === 'pieces') this.#use = 'unasked';
    }
  }

  onPiece(piece: Uint8Array): void {
    this.received += piece.byteLength;
    if (this.#use === 'dropped' || this.#use === 'refused' || this.lost) return;
    if (this.#next !== undefined) {
      const { resolve } = this.#next;
      this.#next = undefined;
      resolve(piece);
      return;
    }
    this.#pieces.push(piece);
    this.#pieceBytes += piece.byteLength;
    if (this.#use !== 'whole') {
      if (this.#pieceBytes >= EARLY_BYTES) this.#source.hold();
    } else if (this.#pieceBytes > this.#limit) {
      this.#whole?.reject(this.#refuse(this.#limit));
      this.#whole = undefined;
    }
  }

  onEnd(): void {
    this.complete = true;
    this.#whole?.resolve(this.#take());
    this.#whole = undefined;
    this.#next?.resolve(undefined);
    this.#next = undefined;
  }

  /** It cannot be read on. Whoever waits for the body hears of it, or whoever asks for it later. */
  fail(error: GatewayError): void {
    if (this.complete || this.lost) return;
    this.lost = true;
    this.#failure = error;
    this.#forget();
    this.#whole?.reject(error);
    this.#whole = undefined;
    this.#next?.reject(error);
    this.#next = undefined;
  }

  /** Nobody wants it any more: what still comes is thrown away. */
  drop(): void {
    this.#use = 'dropped';
    this.#forget();
    // Whoever still waits must not take what has come for all of it.
    this.#next?.reject(new GatewayError('bad_request', { message: 'The answer came before the body was complete.' }));
    this.#next = undefined;
    this.#source.release();
  }

  #piece(): Promise<Uint8Array | undefined> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const piece = this.#pieces.shift();
    if (piece !== undefined) {
      this.#pieceBytes -= piece.byteLength;
      return Promise.resolve(piece);
    }
    if (this.complete) return Promise.resolve(undefined);
    return new Promise((resolve, reject) => {
      this.#next = { resolve, reject };
      this.#source.release();
    });
  }

  #take(): Uint8Array {
    const [only] = this.#pieces;
    if (only === undefined) return NOTHING;
    const body = this.#pieces.length === 1 ? only : Buffer.concat(this.#pieces, this.#pieceBytes);
    this.#forget();
    return body;
  }

  #refuse(limit: number): GatewayError {
    this.#use = 'refused';
    this.#forget();
    if (!this.complete) this.#source.hold();
    return new GatewayError('body_too_large', { message: `The body is larger than the limit of ${limit} bytes.` });
  }

  #forget(): void {
    this.#pieces = [];
    this.#pieceBytes = 0;
  }
}
