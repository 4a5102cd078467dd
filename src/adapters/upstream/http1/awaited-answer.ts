import {
  UpstreamFailure,
  type AttemptTimeouts,
  type HeaderPairs,
  type UpstreamAnswer,
  type UpstreamBody,
  type UpstreamFailureKind,
  type UpstreamRequest,
} from '../../../providers/contract.ts';
import type { ParsedHead } from './parse-head.ts';
import type { Sweep } from './sweep.ts';

/** Bytes kept while nobody has asked for the body yet; beyond them the connection is held back. */
const EARLY_BYTES = 64 * 1024;

/** The connection that an answer comes on. */
export interface Carrier {
  pause(): void;
  resume(): void;
  /** Ends the connection: nobody waits for its answer any more. */
  abandon(): void;
}

type Timed = 'first_byte_timeout' | 'idle_timeout';

/** One request on its way: the answer and its body in one object, so that a call costs one allocation and no streams. */
export class AwaitedAnswer implements UpstreamAnswer, UpstreamBody {
  status = 0;
  headers: HeaderPairs = [];
  /** Resolves at the head. */
  readonly answered: Promise<UpstreamAnswer>;
  readonly request: UpstreamRequest;
  readonly #sweep: Sweep;
  #totalAt: number;
  /** What a streamed body is waiting for, and until when it waits for the upstream. */
  #waitsFor: 'source' | 'upstream' | undefined;
  #takenBy = Infinity;
  #phaseAt = Infinity;
  #phase: Timed = 'first_byte_timeout';
  #resolveHead!: (answer: UpstreamAnswer) => void;
  #rejectHead!: (failure: Error) => void;
  #carrier: Carrier | undefined;
  #early: Uint8Array[] = [];
  #earlyBytes = 0;
  #onChunk: ((chunk: Uint8Array) => boolean) | undefined;
  #resolveBody: (() => void) | undefined;
  #rejectBody: ((failure: Error) => void) | undefined;
  #failure: Error | undefined;
  #headSeen = false;
  #ended = false;
  #paused = false;

  constructor(request: UpstreamRequest, sweep: Sweep) {
    this.request = request;
    this.#sweep = sweep;
    this.#totalAt = sweep.after(request.timeouts.totalSeconds);
    this.answered = new Promise((resolve, reject) => {
      this.#resolveHead = resolve;
      this.#rejectHead = reject;
    });
  }

  get body(): UpstreamBody {
    return this;
  }

  /** True once it is complete or has failed. */
  get over(): boolean {
    return this.#ended || this.#failure !== undefined;
  }

  /** The connection that it will come on; from then on it can be abandoned. */
  carriedBy(carrier: Carrier): void {
    this.#carrier = carrier;
  }

  /** The request has been written: the time to the first byte of the body begins. */
  onSent(): void {
    this.#waitsFor = undefined;
    if (this.#phase === 'first_byte_timeout') this.#phaseAt = this.#sweep.after(this.#timeouts.firstByteSeconds);
    else this.#restartIdle();
  }

  /** What its streamed body waits for. */
  onWait(what: 'source' | 'upstream' | undefined): void {
    this.#waitsFor = what;
    this.#takenBy = what === 'upstream' ? this.#sweep.after(this.#timeouts.idleSeconds) : Infinity;
  }

  onHead(head: ParsedHead): void {
    this.#headSeen = true;
    this.status = head.status;
    this.headers = head.headers;
    this.#resolveHead(this);
  }

  onPiece(piece: Uint8Array): void {
    this.#phase = 'idle_timeout';
    this.#restartIdle();
    if (this.#onChunk !== undefined) {
      if (!this.#onChunk(piece)) this.#pause();
      return;
    }
    this.#early.push(piece);
    this.#earlyBytes += piece.byteLength;
    if (this.#earlyBytes >= EARLY_BYTES) this.#pause();
  }

  onEnd(): void {
    if (this.over) return;
    this.#ended = true;
    // The connection serves others from here on.
    this.#carrier = undefined;
    this.#resolveBody?.();
  }

  async bytes(limit: number): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    await this.pipe((chunk) => {
      size += chunk.byteLength;
      if (size > limit) this.#abort('too_large', `the answer is larger than ${limit} bytes`);
      else chunks.push(chunk);
      return true;
    });
    if (size > limit) throw new UpstreamFailure('too_large', `the answer is larger than ${limit} bytes`);
    const [only] = chunks;
    return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, size);
  }

  pipe(onChunk: (chunk: Uint8Array) => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      let go = true;
      for (const chunk of this.#early) go = onChunk(chunk) && go;
      this.#early = [];
      // A chunk listener may have cancelled; bytes that came before a failure are handed over first.
      if (this.#failure !== undefined) reject(this.#failure);
      else if (this.#ended) resolve();
      else {
        this.#onChunk = onChunk;
        this.#resolveBody = resolve;
        this.#rejectBody = reject;
        if (go) this.resume();
        else this.#pause();
      }
    });
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#restartIdle();
    this.#carrier?.resume();
  }

  cancel(): void {
    this.#abort('aborted', 'the caller left');
  }

  /** Ends it for good: an UpstreamFailure, or what the source of its body threw. Does nothing once it is over. */
  fail(failure: Error): void {
    if (this.over) return;
    this.#failure = failure;
    this.#carrier = undefined;
    if (this.#rejectBody !== undefined) this.#rejectBody(failure);
    else if (!this.#headSeen) this.#rejectHead(failure);
  }

  /** Fails where a time limit is over. */
  onTick(now: number): void {
    const { firstByteSeconds, idleSeconds, totalSeconds } = this.#timeouts;
    if (this.#waitsFor === 'source') {
      // The caller is slow, not the upstream: the time does not count. How slow a caller may be is the server's to say.
      this.#totalAt += 1;
      this.#phaseAt += 1;
    } else if (now >= this.#takenBy) this.#abort('send_timeout', `it took nothing of the body for ${idleSeconds} s`);
    else if (now >= this.#totalAt) this.#abort('total_timeout', `the answer was not complete after ${totalSeconds} s`);
    else if (now < this.#phaseAt) return;
    else if (this.#phase === 'first_byte_timeout') this.#abort(this.#phase, `no answer within ${firstByteSeconds} s`);
    // The client is slow, not the upstream.
    else if (this.#paused) this.#restartIdle();
    else this.#abort(this.#phase, `no data for ${idleSeconds} s`);
  }

  get #timeouts(): AttemptTimeouts {
    return this.request.timeouts;
  }

  #pause(): void {
    this.#paused = true;
    this.#carrier?.pause();
  }

  #restartIdle(): void {
    if (this.#phase === 'idle_timeout') this.#phaseAt = this.#sweep.after(this.#timeouts.idleSeconds);
  }

  #abort(kind: UpstreamFailureKind, message: string): void {
    if (this.over) return;
    const carrier = this.#carrier;
    this.fail(new UpstreamFailure(kind, message));
    carrier?.abandon();
  }
}
