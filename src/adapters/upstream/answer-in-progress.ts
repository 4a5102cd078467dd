import type { Dispatcher } from 'undici';

import {
  UpstreamFailure,
  type HeaderPairs,
  type UpstreamAnswer,
  type UpstreamBody,
  type UpstreamFailureKind,
  type UpstreamRequest,
} from '../../providers/contract.ts';
import { classifyFailure } from './classify-failure.ts';

/** Bytes kept while nobody has asked for the body yet; beyond them the socket is held back. */
const EARLY_BYTES = 64 * 1024;

type Controller = Dispatcher.DispatchController;

/**
 * One request on its way: undici's handler, the answer and its body in one object, so that a call costs one allocation and
 * no streams. Timers are our own: undici's are shared and coarse, and know no limit on the whole.
 */
export class AnswerInProgress implements Dispatcher.DispatchHandler, UpstreamAnswer, UpstreamBody {
  status = 0;
  headers: HeaderPairs = [];
  readonly head: Promise<UpstreamAnswer>;
  readonly #request: UpstreamRequest;
  #resolveHead!: (answer: UpstreamAnswer) => void;
  #rejectHead!: (failure: UpstreamFailure) => void;
  #controller: Controller | undefined;
  #totalTimer: NodeJS.Timeout | undefined;
  #phaseTimer: NodeJS.Timeout | undefined;
  #early: Uint8Array[] = [];
  #earlyBytes = 0;
  #onChunk: ((chunk: Uint8Array) => boolean) | undefined;
  #resolveBody: (() => void) | undefined;
  #rejectBody: ((failure: UpstreamFailure) => void) | undefined;
  #failure: UpstreamFailure | undefined;
  #headSeen = false;
  #ended = false;
  #paused = false;

  constructor(request: UpstreamRequest) {
    this.#request = request;
    this.head = new Promise((resolve, reject) => {
      this.#resolveHead = resolve;
      this.#rejectHead = reject;
    });
    this.#totalTimer = setTimeout(onTotal, request.timeouts.totalSeconds * 1000, this);
  }

  get body(): UpstreamBody {
    return this;
  }

  onRequestStart(controller: Controller): void {
    this.#controller = controller;
    if (this.#failure !== undefined) {
      controller.abort(this.#failure);
      return;
    }
    const { firstByteSeconds, totalSeconds } = this.#request.timeouts;
    if (firstByteSeconds < totalSeconds) this.#phaseTimer = setTimeout(onFirstByte, firstByteSeconds * 1000, this);
  }

  onResponseStart(
    controller: Controller,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    // 100 and 103 announce the answer; the answer itself follows.
    if (status < 200) return;
    this.#controller = controller;
    this.#headSeen = true;
    this.status = status;
    this.headers = pairsOf(headers);
    this.#resolveHead(this);
  }

  onResponseData(_controller: Controller, chunk: Uint8Array): void {
    if (this.#onChunk !== undefined) {
      this.#restartIdle();
      if (!this.#onChunk(chunk)) this.#pause();
      return;
    }
    this.#early.push(chunk);
    this.#earlyBytes += chunk.byteLength;
    if (this.#earlyBytes >= EARLY_BYTES) this.#pause();
  }

  onResponseEnd(): void {
    this.#ended = true;
    this.#clearTimers();
    this.#resolveBody?.();
  }

  onResponseError(_controller: Controller | undefined, error: unknown): void {
    this.#fail(classifyFailure(error));
  }

  async bytes(limit: number): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    await this.pipe((chunk) => {
      size += chunk.byteLength;
      if (size > limit) this.abort('too_large', `the answer is larger than ${limit} bytes`);
      else chunks.push(chunk);
      return true;
    });
    const [only] = chunks;
    return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, size);
  }

  pipe(onChunk: (chunk: Uint8Array) => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      let go = true;
      for (const chunk of this.#early) go = onChunk(chunk) && go;
      const hadEarly = this.#early.length > 0;
      this.#early = [];
      // A chunk listener may have cancelled; bytes that came before a failure are handed over first.
      if (this.#failure !== undefined) reject(this.#failure);
      else if (this.#ended) resolve();
      else {
        this.#onChunk = onChunk;
        this.#resolveBody = resolve;
        this.#rejectBody = reject;
        if (hadEarly) this.#restartIdle();
        if (go) this.resume();
        else this.#pause();
      }
    });
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#phaseTimer?.refresh();
    this.#controller?.resume();
  }

  cancel(): void {
    this.abort('aborted', 'the caller left');
  }

  /** Ends the exchange with the upstream and destroys its connection. Does nothing once the answer is complete. */
  abort(kind: UpstreamFailureKind, message: string): void {
    if (this.#ended || this.#failure !== undefined) return;
    const failure = new UpstreamFailure(kind, message);
    this.#fail(failure);
    this.#controller?.abort(failure);
  }

  firstByteOverdue(): void {
    const { firstByteSeconds } = this.#request.timeouts;
    this.abort('first_byte_timeout', `no answer within ${firstByteSeconds} s`);
  }

  idleOverdue(): void {
    // The client is slow, not the upstream.
    if (this.#paused) this.#phaseTimer?.refresh();
    else this.abort('idle_timeout', `no data for ${this.#request.timeouts.idleSeconds} s`);
  }

  totalOverdue(): void {
    this.abort('total_timeout', `the answer was not complete after ${this.#request.timeouts.totalSeconds} s`);
  }

  #pause(): void {
    this.#paused = true;
    this.#controller?.pause();
  }

  /** Counts `idleSeconds` from now on: first set at the first byte of the body, until which `firstByteSeconds` holds. */
  #restartIdle(): void {
    if (this.#idleRunning) {
      this.#phaseTimer?.refresh();
      return;
    }
    this.#idleRunning = true;
    clearTimeout(this.#phaseTimer);
    const { idleSeconds, totalSeconds } = this.#request.timeouts;
    this.#phaseTimer = idleSeconds < totalSeconds ? setTimeout(onIdle, idleSeconds * 1000, this) : undefined;
  }
  #idleRunning = false;

  #fail(failure: UpstreamFailure): void {
    if (this.#ended || this.#failure !== undefined) return;
    this.#failure = failure;
    this.#clearTimers();
    if (this.#rejectBody !== undefined) this.#rejectBody(failure);
    else if (!this.#headSeen) this.#rejectHead(failure);
  }

  #clearTimers(): void {
    clearTimeout(this.#totalTimer);
    clearTimeout(this.#phaseTimer);
  }
}

function onTotal(answer: AnswerInProgress): void {
  answer.totalOverdue();
}

function onFirstByte(answer: AnswerInProgress): void {
  answer.firstByteOverdue();
}

function onIdle(answer: AnswerInProgress): void {
  answer.idleOverdue();
}

function pairsOf(headers: Record<string, string | string[] | undefined>): string[] {
  const pairs: string[] = [];
  for (const name of Object.keys(headers)) {
    const value = headers[name];
    if (typeof value === 'string') pairs.push(name, value);
    else if (value !== undefined) for (const one of value) pairs.push(name, one);
  }
  return pairs;
}
