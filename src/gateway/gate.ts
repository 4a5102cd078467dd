/** Lets so many in at once, so many more wait in turn, and turns the rest away. */
export class Gate {
  readonly #atOnce: number;
  readonly #waitingAtMost: number;
  #inside = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(limits: { readonly atOnce: number; readonly waiting: number }) {
    this.#atOnce = limits.atOnce;
    this.#waitingAtMost = limits.waiting;
  }

  /** Runs `work` when there is room. Undefined: there is no place left even to wait. */
  enter<T>(work: () => Promise<T>): Promise<T> | undefined {
    if (this.#inside < this.#atOnce) {
      this.#inside += 1;
      return this.#run(work);
    }
    if (this.#waiting.length >= this.#waitingAtMost) return undefined;
    return new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
    }).then(async () => this.#run(work));
  }

  /** The place goes straight to whoever waits longest, so that nobody slips in between. */
  async #run<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#inside -= 1;
      else next();
    }
  }
}
