/** Time is counted in ticks of this length. Milliseconds. */
const TICK_MS = 100;

/** Something that has a deadline. */
export interface Swept {
  /** Called once a tick. */
  onTick(now: number): void;
}

/**
 * One timer for all time limits of an upstream: setting a limit is then one assignment, and no call sets a timer of its own.
 * Limits are reached up to 200 ms late, never early. While the process is too busy to tick, time stands still: what we were
 * too slow to read is not held against the upstream.
 */
export class Sweep {
  /** Ticks since the beginning. */
  now = 0;
  readonly #swept = new Set<Swept>();
  #timer: NodeJS.Timeout | undefined;

  /** The tick by which `seconds` have passed for certain. */
  after(seconds: number): number {
    return this.now + Math.ceil((seconds * 1000) / TICK_MS) + 1;
  }

  add(one: Swept): void {
    this.#swept.add(one);
    this.#timer ??= setInterval(tick, TICK_MS, this);
  }

  delete(one: Swept): void {
    this.#swept.delete(one);
    // The next one comes soon where there is traffic: the timer stops at a tick that finds nothing.
  }

  tick(): void {
    this.now += 1;
    for (const one of this.#swept) one.onTick(this.now);
    if (this.#swept.size === 0) this.stop();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

function tick(sweep: Sweep): void {
  sweep.tick();
}
