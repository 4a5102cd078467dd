import { Database, type DatabaseSettings, type StatementResult } from './database.ts';
import type { SqliteLine } from './dialect.ts';
import { describeFailure, toStoreError } from './failures.ts';

/** A connection on the calling thread: for look-ups of a few microseconds, which a trip to a worker would only slow down. */
export class InPlaceLine implements SqliteLine {
  readonly isBroken = false;
  readonly #path: string;
  readonly #database: Database;

  /** Throws StoreUnavailable. */
  constructor(settings: DatabaseSettings) {
    this.#path = settings.path;
    this.#database = this.#guarded(() => new Database(settings));
  }

  async run(sql: string, parameters: readonly unknown[]): Promise<StatementResult> {
    return this.#guarded(() => this.#database.run(sql, parameters));
  }

  async close(): Promise<void> {
    this.#database.close();
  }

  #guarded<T>(step: () => T): T {
    try {
      return step();
    } catch (error) {
      throw toStoreError(describeFailure(error), this.#path);
    }
  }
}
