import type { Spread } from './spread.ts';

/** Settings of a simulated upstream. Everything may be left out. */
export interface SimulatorOptions {
  /** 0 or absent: any free port. */
  readonly port?: number;
  /** Address to listen on; 127.0.0.1 unless set. */
  readonly host?: string;
  /** Says which upstream answered: `Hello from NAME.`, `system_fingerprint`, the header `x-simulated-upstream`. Printable ASCII. */
  readonly name?: string;
  /** Names that `GET /v1/models` lists; the simulator's own name unless set. Any model is served, listed or not. */
  readonly models?: readonly string[];
  /** The same seed gives request number n (from 1, in order of arrival) the same answer. 1 unless set. */
  readonly seed?: number;
  /** Milliseconds from the whole request to the first byte of the answer. 0 unless set. */
  readonly timeToFirstTokenMs?: Spread;
  /** Pace of streams, and of JSON answers, which come when their last token would have. 0 or absent: as fast as possible. */
  readonly tokensPerSecond?: number;
  /** Tokens in an answer, at least 1. 24 unless set. `max_tokens` of the request cuts it short. */
  readonly answerTokens?: Spread;
  /** Share of requests, 0 to 1, that get this status instead of an answer. The sum is at most 1. */
  readonly errors?: ReadonlyMap<number, number>;
  /** Seconds in `retry-after` of 429 and 503 answers; 1 unless set. */
  readonly retryAfterSeconds?: number;
  /** Share of streams, 0 to 1, whose connection is cut before the end. */
  readonly cutStreams?: number;
  /** False: answers and streams never tell their usage. True unless set: answers tell it, streams where `stream_options.include_usage` asks. */
  readonly usage?: boolean;
  /** Pace at which a connection's requests are read. 0 or absent: as fast as possible. */
  readonly readBytesPerSecond?: number;
  /** Length of embeddings where the request has no `dimensions`; 1536 unless set. */
  readonly embeddingDimensions?: number;
}

/** Options with every default filled in. */
export type SimulatorSettings = Required<Omit<SimulatorOptions, 'port' | 'host'>>;

/** Fills in the defaults. Throws an Error whose message names the option at fault. */
export function settle(options: SimulatorOptions): SimulatorSettings {
  const name = options.name ?? 'simulator';
  const settings = {
    name,
    models: options.models ?? [name],
    seed: options.seed ?? 1,
    timeToFirstTokenMs: options.timeToFirstTokenMs ?? { kind: 'fixed', value: 0 },
    tokensPerSecond: options.tokensPerSecond ?? 0,
    answerTokens: options.answerTokens ?? { kind: 'fixed', value: 24 },
    errors: options.errors ?? new Map(),
    retryAfterSeconds: options.retryAfterSeconds ?? 1,
    cutStreams: options.cutStreams ?? 0,
    usage: options.usage ?? true,
    readBytesPerSecond: options.readBytesPerSecond ?? 0,
    embeddingDimensions: options.embeddingDimensions ?? 1536,
  } as const satisfies SimulatorSettings;
  check(settings);
  return settings;
}

/**
 * Reads shares of errors from a command line: `429:0.1,500:0.05`.
 * Throws an Error whose message says what is wrong and what may stand there.
 */
export function parseErrorShares(text: string): ReadonlyMap<number, number> {
  const shares = new Map<number, number>();
  for (const part of text.split(',')) {
    const [status = '', share = ''] = part.split(':');
    if (!/^\s*\d{3}\s*$/.test(status) || share.trim() === '' || !Number.isFinite(Number(share))) {
      throw new Error(`"${part}" is not a share of errors. Write status:share, several with commas: 429:0.1,500:0.05.`);
    }
    shares.set(Number(status), Number(share));
  }
  return shares;
}

function check(settings: SimulatorSettings): void {
  if (!/^[\x20-\x7e]{1,64}$/.test(settings.name)) throw new Error('name must be 1 to 64 printable ASCII characters.');
  let sum = 0;
  for (const [status, share] of settings.errors) {
    if (status < 400 || status > 599) throw new Error(`errors: ${status} is not a status from 400 to 599.`);
    if (!(share >= 0)) throw new Error(`errors: the share of ${status} must not be negative.`);
    sum += share;
  }
  if (sum > 1 + 1e-9) throw new Error(`errors: the shares add up to ${sum}, which is more than 1.`);
  if (!(settings.cutStreams >= 0 && settings.cutStreams <= 1)) throw new Error('cutStreams must be from 0 to 1.');
  if (!(settings.tokensPerSecond >= 0)) throw new Error('tokensPerSecond must not be negative.');
  if (!(settings.readBytesPerSecond >= 0)) throw new Error('readBytesPerSecond must not be negative.');
}
