import type { AbortHook, HeaderPairs } from '../providers/contract.ts';

/** A view of request headers. */
export interface HeaderView {
  /** The value of a header (name in lower case), or undefined. Repeated headers: joined with `, `. */
  get(name: string): string | undefined;
}

/** One request and its answer, as the steps see them: no transport beneath shows through. */
export interface Exchange extends AbortHook {
  readonly method: string;
  /** Path without the query, as received. */
  readonly path: string;
  /** Query without `?`; empty when there is none. */
  readonly query: string;
  readonly headers: HeaderView;
  /** Address of the peer, for logs. */
  readonly remoteAddress: string;
  /** True once the answer's head has gone out. */
  readonly committed: boolean;
  /** The whole body. Rejects with a GatewayError: `body_too_large`, `request_timeout`, `bad_request`. */
  readBody(limitBytes: number): Promise<Uint8Array>;
  /**
   * The body piece by piece, for what is never held whole: the client is held back while nobody asks for the next piece.
   * Throws as `readBody` rejects. Each piece is the receiver's to keep. Whoever stops early leaves the rest unread.
   */
  bodyChunks(limitBytes: number): AsyncIterable<Uint8Array>;
  /** Head and body in one go, with content-length. */
  answer(status: number, headers: HeaderPairs, body: Uint8Array | string): void;
  /** The head of an answer that is written in pieces. */
  head(status: number, headers: HeaderPairs): void;
  /** Writes a piece. False: hold back until the drain listener is called. */
  write(chunk: Uint8Array | string): boolean;
  onDrain(listener: () => void): void;
  /** Ends the answer. */
  end(): void;
  /** Ends the connection without a proper end of the answer: the client must not take it for complete. */
  destroy(): void;
}
