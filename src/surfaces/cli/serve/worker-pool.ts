import type { StartedWorker, WorkerActions, WorkerProcess } from '../actions.ts';

/** A worker that ran for so long was sound: what ends it then is no part of a series. Milliseconds. */
const SOUND_MS = 60_000;
/** Waits before a worker that ended is started again, the first time, the second ...; the last one from then on. Milliseconds. */
const WAITS_MS = [0, 1000, 2000, 4000, 8000, 16_000, 30_000] as const;
/** How much longer than its running calls a worker may take to end. Milliseconds. */
const GRACE_MS = 5000;
/** Node's timers count no further. Milliseconds. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** What the pool tells, for the log. */
export interface PoolLog {
  notice(message: string, fields: Readonly<Record<string, unknown>>): void;
  failure(message: string, fields: Readonly<Record<string, unknown>>): void;
}

interface Place {
  readonly number: number;
  worker: WorkerProcess | undefined;
  /** The worker serves. */
  ready: boolean;
  /** Ends in a row, none of which came after a sound time. */
  ends: number;
  startedAt: number;
  waiting: NodeJS.Timeout | undefined;
}

/** How the first worker fared. `status`: what the program should end with. */
export type FirstStart = { readonly started: StartedWorker } | { readonly status: number };

/**
 * Several processes that serve on one port. One that ends is started again: at once, then after waits that grow, so that a
 * fault that comes back does not keep the machine busy.
 */
export class WorkerPool {
  readonly #places: readonly Place[];
  readonly #actions: WorkerActions;
  readonly #log: PoolLog;
  readonly #now: () => number;
  #stopping = false;
  #endedBadly = 0;
  #allEnded: (() => void) | undefined;

  constructor(count: number, { actions, log, now }: { actions: WorkerActions; log: PoolLog; now: () => number }) {
    this.#places = Array.from({ length: count }, (_, index) => ({
      number: index + 1,
      worker: undefined,
      ready: false,
      ends: 0,
      startedAt: 0,
      waiting: undefined,
    }));
    this.#actions = actions;
    this.#log = log;
    this.#now = now;
  }

  /**
   * Starts the first worker alone: what keeps it from serving would keep them all, and is said once. It also brings the
   * database up to date before the others open it.
   */
  async startFirst(): Promise<FirstStart> {
    const [first] = this.#places;
    if (first === undefined) throw new Error('A pool has at least one worker.');
    return await new Promise((resolve) => {
      let known = false;
      this.#start(first, {
        ready: (started) => {
          known = true;
          resolve({ started });
        },
        ended: (status) => {
          if (!known) resolve({ status: status ?? 1 });
          return known;
        },
      });
    });
  }

  startOthers(): void {
    for (const place of this.#places.slice(1)) this.#start(place);
  }

  /** Every worker reads the config again. One that is being started does so anyway, and would not understand the signal yet. */
  readAgain(): void {
    for (const { worker, ready } of this.#places) if (ready) worker?.signal('SIGHUP');
  }

  /** Lets running calls end in every worker. Resolves with how many did not end well: by force, or by a fault of theirs. */
  async stop(drainSeconds: number): Promise<number> {
    this.#stopping = true;
    for (const place of this.#places) clearTimeout(place.waiting);
    if (this.#running().length === 0) return 0;
    await new Promise<void>((resolve) => {
      const late = setTimeout(
        () => {
          for (const worker of this.#running()) worker.signal('SIGKILL');
        },
        Math.min(drainSeconds * 1000 + GRACE_MS, LONGEST_TIMER_MS),
      );
      this.#allEnded = () => {
        clearTimeout(late);
        resolve();
      };
      for (const worker of this.#running()) worker.signal('SIGTERM');
    });
    return this.#endedBadly;
  }

  #running(): readonly WorkerProcess[] {
    return this.#places.flatMap(({ worker }) => (worker === undefined ? [] : [worker]));
  }

  /** `first`: hears of the very first start, and says whether an end of it is one to recover from. */
  #start(
    place: Place,
    first?: { ready(started: StartedWorker): void; ended(status: number | undefined): boolean },
  ): void {
    place.startedAt = this.#now();
    place.waiting = undefined;
    place.worker = this.#actions.start(place.number, {
      ready: (started) => {
        place.ready = true;
        if (place.ends > 0) this.#log.notice('worker serves again', { worker: place.number, pid: place.worker?.pid });
        first?.ready(started);
      },
      ended: ({ status, signal }) => {
        const { pid } = place.worker ?? {};
        const served = place.ready;
        place.worker = undefined;
        place.ready = false;
        if (this.#stopping) {
          if (served && status !== 0) this.#endedBadly += 1;
          if (this.#running().length === 0) this.#allEnded?.();
          return;
        }
        if (first?.ended(status ?? undefined) === false) return;
        this.#again(place, { pid, status, signal });
      },
    });
  }

  #again(place: Place, end: { pid: number | undefined; status: number | null; signal: string | null }): void {
    if (this.#now() - place.startedAt >= SOUND_MS) place.ends = 0;
    const waitMs = WAITS_MS[Math.min(place.ends, WAITS_MS.length - 1)] ?? 0;
    place.ends += 1;
    this.#log.failure('worker ended; another takes its place', { worker: place.number, ...end, startsInMs: waitMs });
    place.waiting = setTimeout(() => this.#start(place), waitMs);
  }
}
