import pg from 'pg';

const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 5000;

/** Hears NOTIFY on a connection of its own, and comes back when that breaks. What it misses meanwhile is found by polling. */
export class Listener {
  readonly #config: pg.ClientConfig;
  readonly #channel: string;
  readonly #onWake: () => void;
  #client: pg.Client | undefined;
  #timer: NodeJS.Timeout | undefined;
  #delayMs = FIRST_DELAY_MS;
  #isStopped = false;

  constructor(config: pg.ClientConfig, channel: string, onWake: () => void) {
    this.#config = config;
    this.#channel = channel;
    this.#onWake = onWake;
    void this.#connect();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#client?.end().catch(() => {});
  }

  async #connect(): Promise<void> {
    const client = new pg.Client(this.#config);
    this.#client = client;
    client.on('notification', this.#onWake);
    client.on('error', () => this.#retry(client));
    client.on('end', () => this.#retry(client));
    try {
      await client.connect();
      await client.query(`listen ${pg.escapeIdentifier(this.#channel)}`);
      this.#delayMs = FIRST_DELAY_MS;
      this.#onWake();
    } catch {
      this.#retry(client);
    }
  }

  /** Called for every sign that `client` is of no more use; only the first counts. */
  #retry(client: pg.Client): void {
    if (this.#isStopped || client !== this.#client) return;
    this.#client = undefined;
    client.end().catch(() => {});
    this.#timer = setTimeout(() => void this.#connect(), this.#delayMs);
    this.#timer.unref();
    this.#delayMs = Math.min(LONGEST_DELAY_MS, this.#delayMs * 2);
  }
}
