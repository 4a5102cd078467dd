import type { IncomingMessage } from 'node:http';

import { GatewayError } from '../../core/errors/gateway-error.ts';

const NOTHING = new Uint8Array(0);

/** Reads one request body whole, within a limit of bytes. Time is the server's to watch: it calls `fail`. */
export class BodyReader {
  /** Bytes of `content-length`; NaN where the body is chunked; 0 where there is none. */
  readonly declaredLength: number;
  /** True once the rest of the body is lost: it came too slowly, or the parser could not read it. */
  lost = false;
  readonly #request: IncomingMessage;
  #reject: ((error: GatewayError) => void) | undefined;
  #failure: GatewayError | undefined;

  constructor(request: IncomingMessage) {
    this.#request = request;
    const { headers } = request;
    this.declaredLength =
      headers['transfer-encoding'] === undefined ? Number(headers['content-length'] ?? 0) : Number.NaN;
  }

  /** True when nothing of the body is still to come. */
  get complete(): boolean {
    return this.declaredLength === 0 || this.#request.complete;
  }

  tooLarge(limit: number): boolean {
    return this.declaredLength > limit;
  }

  /** Rejects with `body_too_large` (nothing beyond the limit is kept), `request_timeout` or `bad_request`. */
  read(limit: number): Promise<Uint8Array> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.declaredLength === 0) return Promise.resolve(NOTHING);
    if (this.tooLarge(limit)) return Promise.reject(tooLarge(limit));
    return new Promise((resolve, reject) => this.#collect(limit, { resolve, reject }));
  }

  /** The body piece by piece; throws as `read` rejects. Stopping early leaves the rest unread. */
  async *chunks(limit: number): AsyncGenerator<Uint8Array> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.declaredLength === 0) return;
    if (this.tooLarge(limit)) throw tooLarge(limit);
    let failure: GatewayError | undefined;
    let size = 0;
    this.#reject = (error) => {
      this.#reject = undefined;
      failure = error;
      this.#request.destroy(error);
    };
    try {
      for await (const chunk of this.#request.iterator({ destroyOnReturn: false })) {
        size += (chunk as Buffer).byteLength;
        if (size > limit) throw tooLarge(limit);
        yield chunk as Buffer;
      }
    } catch (thrown) {
      throw failure ?? (thrown instanceof GatewayError ? thrown : cutShort());
    } finally {
      this.#reject = undefined;
    }
  }

  /** The parser could not read on, or the time is up. Whoever waits for the body hears of it, or whoever asks for it later. */
  fail(error: GatewayError): void {
    this.lost = true;
    this.#failure = error;
    this.#reject?.(error);
  }

  #collect(limit: number, waiter: { resolve(body: Uint8Array): void; reject(error: GatewayError): void }): void {
    const request = this.#request;
    const chunks: Buffer[] = [];
    let size = 0;
    this.#reject = (error) => {
      this.#reject = undefined;
      request.off('data', onData);
      request.pause();
      waiter.reject(error);
    };
    const onData = (chunk: Buffer): void => {
      size += chunk.byteLength;
      if (size > limit) this.#reject?.(tooLarge(limit));
      else chunks.push(chunk);
    };
    request.on('data', onData);
    request.on('end', () => {
      if (this.#reject === undefined) return;
      this.#reject = undefined;
      const [only] = chunks;
      waiter.resolve(chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, size));
    });
    request.on('close', () => {
      if (this.#reject !== undefined) this.fail(cutShort());
    });
  }
}

function tooLarge(limit: number): GatewayError {
  return new GatewayError('body_too_large', { message: `The body is larger than the limit of ${limit} bytes.` });
}

function cutShort(): GatewayError {
  return new GatewayError('bad_request', { message: 'The connection ended before the body was complete.' });
}
