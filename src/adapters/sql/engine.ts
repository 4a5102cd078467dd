import type { Dialect } from 'kysely';

export type SqlKind = 'sqlite' | 'postgres';

/** A database to keep tables in, as adapters/sqlite and adapters/postgres open it. Every error that its dialects throw is a StoreUnavailable or a StoreConflict where it can be told. */
export interface SqlEngine {
  readonly kind: SqlKind;
  /** Look-ups of single rows. */
  readonly points: Dialect;
  /** Lists and reports: never on the event loop. May be the same as `points`. */
  readonly lists: Dialect;
  /** Changes. May be the same as `points`. */
  readonly writes: Dialect;
  /** Migrations: may wait and work without a time limit. May be the same as `writes`. */
  readonly migrations: Dialect;
  /** Calls back whenever another program says on `channel` that it committed a change. Best effort: the change table is polled besides. Returns the way to stop. */
  listen?(channel: string, onWake: () => void): () => Promise<void>;
}
