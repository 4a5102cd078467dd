export type { Operation } from './operations.ts';

/** Header pairs: name, value, name, value. Names in lower case. */
export type HeaderPairs = readonly string[];

/** Seconds, each bounding one phase of an attempt. */
export interface AttemptTimeouts {
  readonly connectSeconds: number;
  /** From the last request byte to the answer's head. */
  readonly firstByteSeconds: number;
  /** Between two pieces of the answer, and between two that the upstream takes of a streamed body. */
  readonly idleSeconds: number;
  /** The whole attempt, less what a streamed body was waited for. */
  readonly totalSeconds: number;
}

/** A request body that is sent as it comes, and exists once: it cannot be sent a second time. */
export interface StreamedBody {
  /** Bytes in all; undefined: not known, the body goes in chunks. */
  readonly length: number | undefined;
  /**
   * Asked for the next piece only once the one before is on its way. What it throws ends the attempt, and `send` or the answer's
   * body rejects with it. Stopped early (`return`) where the upstream has answered without wanting the rest.
   */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** One request to an upstream, ready to be sent. */
export interface UpstreamRequest {
  /** `https://api.openai.com`: scheme, host and port, nothing else. */
  readonly origin: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Path and query. */
  readonly path: string;
  readonly headers: HeaderPairs;
  readonly body: Uint8Array | StreamedBody | null;
  readonly timeouts: AttemptTimeouts;
}

/** What went wrong on the way to or from an upstream. */
export type UpstreamFailureKind =
  | 'connect'
  | 'dns'
  | 'tls'
  | 'connect_timeout'
  | 'send_timeout'
  | 'first_byte_timeout'
  | 'idle_timeout'
  | 'total_timeout'
  | 'reset'
  | 'malformed'
  | 'too_large'
  | 'aborted';

/** A send, or an answer's body, that failed. `message` is for the log: it may name hosts, never credentials. */
export class UpstreamFailure extends Error {
  readonly kind: UpstreamFailureKind;

  constructor(kind: UpstreamFailureKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UpstreamFailure';
    this.kind = kind;
  }
}

/** The body of an answer. Exactly one of `bytes` and `pipe` is called, once; or `cancel`. */
export interface UpstreamBody {
  /** The whole body. Rejects with an UpstreamFailure; `too_large` past `limit` bytes. */
  bytes(limit: number): Promise<Uint8Array>;
  /**
   * Hands over piece after piece as they come and resolves at the end. `onChunk` answers false to hold the upstream back;
   * `resume` lets it go on. Rejects with an UpstreamFailure.
   */
  pipe(onChunk: (chunk: Uint8Array) => boolean): Promise<void>;
  resume(): void;
  /** Ends the exchange with the upstream at once. Safe to call at any time, more than once. */
  cancel(): void;
}

/** The head of an answer and its body to come. */
export interface UpstreamAnswer {
  readonly status: number;
  readonly headers: HeaderPairs;
  readonly body: UpstreamBody;
}

/** Sends requests to upstreams. Never follows redirects, never retries, never adds headers beyond framing. */
export interface Upstream {
  /** Resolves at the answer's head. `onAbort` registers what ends the attempt when the client leaves. */
  send(request: UpstreamRequest, abort: AbortHook): Promise<UpstreamAnswer>;
  /** Closes every connection. */
  close(): Promise<void>;
}

/** Tells one listener when the client has left. Cheaper than an AbortSignal per call. */
export interface AbortHook {
  readonly aborted: boolean;
  /** Replaces the listener. Called at once when the client has left already. */
  onAbort(listener: () => void): void;
}
