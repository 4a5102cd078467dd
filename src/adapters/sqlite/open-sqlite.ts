import type { Dialect } from 'kysely';
import { NodeSqliteDialect } from './dialect.ts';
import { InPlaceLine } from './in-place.ts';
import { WorkerLine } from './worker-line.ts';

export interface SqliteOptions {
  /** Milliseconds that a change waits while another program writes. 5,000 unless given. */
  readonly busyMs?: number;
}

/** A SQLite file, as adapters/sql takes it. */
export interface SqliteDatabase {
  readonly kind: 'sqlite';
  readonly points: Dialect;
  readonly lists: Dialect;
  readonly writes: Dialect;
  readonly migrations: Dialect;
}

/**
 * Connects lazily to the file at `path` (made with mode 0600): look-ups run on the calling thread, lists and changes on a
 * thread each. WAL, synchronous=FULL. Reading from a file that does not exist rejects with StoreUnavailable.
 */
export function openSqlite(path: string, options: SqliteOptions = {}): SqliteDatabase {
  const busyMs = options.busyMs ?? 5000;
  // A look-up on the calling thread must not wait; a reader of a WAL file has nothing to wait for.
  const writes = new NodeSqliteDialect(() => new WorkerLine({ path, readOnly: false, busyMs }));
  return {
    kind: 'sqlite',
    points: new NodeSqliteDialect(() => new InPlaceLine({ path, readOnly: true, busyMs: 0 })),
    lists: new NodeSqliteDialect(() => new WorkerLine({ path, readOnly: true, busyMs })),
    writes,
    migrations: writes,
  };
}
