import {
  CompiledQuery,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type DatabaseConnection,
  type DatabaseIntrospector,
  type Dialect,
  type DialectAdapter,
  type Driver,
  type Kysely,
  type QueryCompiler,
  type QueryResult,
} from 'kysely';
import type { StatementResult } from './database.ts';

/** One connection, wherever it runs. Rejects with StoreUnavailable, StoreConflict. */
export interface SqliteLine {
  run(sql: string, parameters: readonly unknown[]): Promise<StatementResult>;
  /** True: whatever was begun on it is gone, and so is the line. */
  readonly isBroken: boolean;
  close(): Promise<void>;
}

/** Kysely over node:sqlite, which it has no dialect for. `connect` is called once, and again when the line broke. */
export class NodeSqliteDialect implements Dialect {
  readonly #connect: () => SqliteLine;

  constructor(connect: () => SqliteLine) {
    this.#connect = connect;
  }

  createDriver(): Driver {
    return new NodeSqliteDriver(this.#connect);
  }

  createQueryCompiler(): QueryCompiler {
    return new SqliteQueryCompiler();
  }

  createAdapter(): DialectAdapter {
    return new SqliteAdapter();
  }

  // oxlint-disable-next-line typescript/no-explicit-any
  createIntrospector(db: Kysely<any>): DatabaseIntrospector {
    return new SqliteIntrospector(db);
  }
}

class NodeSqliteDriver implements Driver {
  readonly #connect: () => SqliteLine;
  #line: SqliteLine | undefined;
  /** Who uses the line: a transaction has it for itself until it ends. */
  #queue: Promise<void> = Promise.resolve();
  readonly #release = new WeakMap<DatabaseConnection, () => void>();

  constructor(connect: () => SqliteLine) {
    this.#connect = connect;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    const before = this.#queue;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#queue = promise;
    await before;
    try {
      if (this.#line === undefined || this.#line.isBroken) this.#line = this.#connect();
      const connection = new NodeSqliteConnection(this.#line);
      this.#release.set(connection, resolve);
      return connection;
    } catch (error) {
      resolve();
      throw error;
    }
  }

  /** `immediate`: takes the write lock now, so that what the transaction reads cannot change before it writes. */
  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('commit'));
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('rollback'));
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    this.#release.get(connection)?.();
  }

  async destroy(): Promise<void> {
    await this.#queue;
    await this.#line?.close();
    this.#line = undefined;
  }
}

class NodeSqliteConnection implements DatabaseConnection {
  readonly #line: SqliteLine;

  constructor(line: SqliteLine) {
    this.#line = line;
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const { rows, changes } = await this.#line.run(sql, parameters);
    return { rows: rows as R[], numAffectedRows: BigInt(changes) };
  }

  // eslint-disable-next-line require-yield
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('SQLite answers whole pages: read them one after the other.');
  }
}
