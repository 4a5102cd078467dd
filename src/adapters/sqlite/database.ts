import { closeSync, openSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { BoundedMap } from '../../core/base/bounded-map.ts';

export interface DatabaseSettings {
  readonly path: string;
  readonly readOnly: boolean;
  /** Milliseconds to wait while another connection writes. */
  readonly busyMs: number;
}

export interface StatementResult {
  readonly rows: readonly unknown[];
  readonly changes: number;
}

const KEPT_STATEMENTS = 200;
const OWNER_ONLY = 0o600;

/** One connection to a database file, with its statements prepared once. Everything is synchronous: long work belongs on a worker. */
export class Database {
  readonly #connection: DatabaseSync;
  readonly #statements = new BoundedMap<string, StatementSync>(KEPT_STATEMENTS);

  constructor({ path, readOnly, busyMs }: DatabaseSettings) {
    // SQLite makes the file with the process's umask; it holds key hashes, so it is made first, for its owner alone.
    if (!readOnly && path !== ':memory:') closeSync(openSync(path, 'a', OWNER_ONLY));
    this.#connection = new DatabaseSync(path, { readOnly, timeout: busyMs, enableForeignKeyConstraints: true });
    if (readOnly) return;
    this.#connection.exec('pragma journal_mode = wal');
    // A key that was answered to its owner is on the disk.
    this.#connection.exec('pragma synchronous = full');
  }

  run(sql: string, parameters: readonly unknown[]): StatementResult {
    const statement = this.#prepare(sql);
    const values = parameters as SQLInputValue[];
    if (statement.columns().length > 0) return { rows: statement.all(...values), changes: 0 };
    return { rows: [], changes: Number(statement.run(...values).changes) };
  }

  close(): void {
    this.#statements.clear();
    this.#connection.close();
  }

  #prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#connection.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}
