import { PostgresDialect, type Dialect } from 'kysely';
import pg from 'pg';
import { GuardedPool } from './guarded-pool.ts';
import { Listener } from './listener.ts';

export interface PostgresOptions {
  /** Most connections of this process, besides one that listens: half for look-ups of keys, half for lists and changes. 10 unless given, at least 2. */
  readonly maxConnections?: number;
  /** Milliseconds to wait for a connection. 2,000 unless given. */
  readonly connectMs?: number;
  /** Milliseconds that a look-up may take. 5,000 unless given. */
  readonly lookupMs?: number;
  /** Milliseconds that a list or a change may take. 30,000 unless given. */
  readonly managementMs?: number;
  /** False: changes of other processes are found by polling alone. */
  readonly listen?: boolean;
}

/** A PostgreSQL database, as adapters/sql takes it. */
export interface PostgresDatabase {
  readonly kind: 'postgres';
  readonly points: Dialect;
  readonly lists: Dialect;
  readonly writes: Dialect;
  readonly migrations: Dialect;
  listen?(channel: string, onWake: () => void): () => Promise<void>;
}

const INT8 = 20;
/** What the client waits beyond the server's own limit before it gives the connection up: the server may be gone without a word. */
const GRACE_MS = 1000;

/** Connects lazily. `url`: `postgresql://user:password@host:port/database`, with pg's parameters. Never shown in an error. */
export function openPostgres(url: string, options: PostgresOptions = {}): PostgresDatabase {
  const { maxConnections = 10, connectMs = 2000, lookupMs = 5000, managementMs = 30_000 } = options;
  const half = Math.max(1, Math.floor(maxConnections / 2));
  const base: pg.PoolConfig = {
    connectionString: url,
    connectionTimeoutMillis: connectMs,
    application_name: 'waymark',
    keepAlive: true,
    types: { getTypeParser: numbersAreNumbers },
  };
  const limited = (max: number, ms: number): Dialect =>
    dialectOf({ ...base, max, statement_timeout: ms, query_timeout: ms + GRACE_MS, idleTimeoutMillis: 30_000 });
  // Two pools: lists, however slow, take no connection from the look-up of a key.
  const management = limited(half, managementMs);
  const database = {
    kind: 'postgres',
    points: limited(half, lookupMs),
    lists: management,
    writes: management,
    migrations: dialectOf({ ...base, max: 1 }),
  } as const;
  if (options.listen === false) return database;
  const listen = (channel: string, onWake: () => void) => {
    const listener = new Listener(base, channel, onWake);
    return async () => await listener.stop();
  };
  return { ...database, listen };
}

/** pg gives int8 as text. All of ours are times, counts and nano-dollars within 2^53: the store refuses to write others. */
function numbersAreNumbers(oid: number, format?: 'text' | 'binary'): unknown {
  return oid === INT8 && format !== 'binary' ? Number : pg.types.getTypeParser(oid, format);
}

function dialectOf(config: pg.PoolConfig): Dialect {
  return new PostgresDialect({ pool: async () => new GuardedPool(config) });
}
