import type { PostgresPool, PostgresPoolClient } from 'kysely';
import pg from 'pg';
import { StoreUnavailable } from '../../accounts/contract.ts';
import { toStoreError } from './failures.ts';

/** A pool whose failures are the store's errors, and which never hands out again a connection that failed. */
export class GuardedPool implements PostgresPool {
  readonly options: object;
  readonly #pool: pg.Pool;
  #ending: Promise<void> | undefined;

  constructor(config: pg.PoolConfig) {
    this.#pool = new pg.Pool(config);
    this.options = config;
    // A connection that breaks while it waits in the pool is dropped by it; unheard, the event would end the program.
    this.#pool.on('error', () => {});
    // The pool stops listening while a client is lent out: one that breaks between two statements of a change would end the program.
    this.#pool.on('connect', (client) => client.on('error', () => {}));
  }

  async connect(): Promise<PostgresPoolClient> {
    try {
      return guardClient(await this.#pool.connect());
    } catch (error) {
      throw toStoreError(error);
    }
  }

  async end(): Promise<void> {
    this.#ending ??= this.#pool.end();
    await this.#ending;
  }
}

function guardClient(client: pg.PoolClient): PostgresPoolClient {
  let isBroken = false;
  const query = async (text: string, values: readonly unknown[]) => {
    try {
      return await client.query(text, [...values]);
    } catch (error) {
      const failure = toStoreError(error);
      // After a time limit the answer may still come: it must not meet the next query.
      if (failure instanceof StoreUnavailable) isBroken = true;
      throw failure;
    }
  };
  // Kysely's other form of `query`, with a cursor, is for streams, which the store does not use.
  return { query: query as unknown as PostgresPoolClient['query'], release: () => client.release(isBroken) };
}
