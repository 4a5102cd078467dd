import { sql, type Kysely, type Transaction } from 'kysely';
import { StoreConflict } from '../../accounts/contract.ts';
import type { SqlKind } from './engine.ts';
import { lockFor } from './locks.ts';
import { MIGRATIONS, type Migration } from './migrations.ts';
import { MIGRATIONS_TABLE, POSTGRES_SCHEMA, type Database } from './tables.ts';

/** The database was migrated by a newer program, which may keep what this one would lose. */
export class SchemaTooNew extends Error {
  override readonly name = 'SchemaTooNew';

  constructor(found: number, known: number) {
    super(
      `The database has schema ${found} of a newer Waymark; this one knows schemas up to ${known}. ` +
        'Start the newer Waymark, or restore the backup that was made before the upgrade.',
    );
  }
}

export interface MigrationStatus {
  /** 0: the database has none of our tables. */
  readonly current: number;
  readonly latest: number;
  readonly applied: readonly { readonly number: number; readonly name: string; readonly appliedAt: number }[];
  readonly pending: readonly { readonly number: number; readonly name: string }[];
  /** The database is of a newer program; this one would refuse to start. */
  readonly tooNew: boolean;
}

interface Target {
  readonly db: Kysely<Database>;
  readonly kind: SqlKind;
  /** The program's own unless a test gives others. */
  readonly migrations?: readonly Migration[];
}

/** What the database has and lacks. Changes nothing. */
export async function migrationStatus({ db, kind, migrations = MIGRATIONS }: Target): Promise<MigrationStatus> {
  const applied = (await hasMigrationsTable(db, kind)) ? await readApplied(db) : [];
  const current = Math.max(0, ...applied.map((step) => step.number));
  const latest = Math.max(0, ...migrations.map((step) => step.number));
  const have = new Set(applied.map((step) => step.number));
  const pending = migrations.filter((step) => !have.has(step.number)).map(({ number, name }) => ({ number, name }));
  return { current, latest, applied, pending, tooNew: current > latest };
}

/** The SQL that `migrate` would run, a statement a line, each step under a comment with its number. Changes nothing. */
export async function migrationScript(target: Target): Promise<string> {
  const { pending } = await migrationStatus(target);
  const wanted = new Set(pending.map((step) => step.number));
  return (target.migrations ?? MIGRATIONS)
    .filter((step) => wanted.has(step.number))
    .map((step) => {
      const statements = step.statements(target.db, target.kind).map((statement) => `${statement.compile().sql};`);
      return `-- ${step.number} ${step.name}\n${statements.join('\n')}\n`;
    })
    .join('\n');
}

/**
 * Brings the schema up to date, in one transaction under a lock: of several programs that start at once, one migrates and
 * the others wait. Rejects with SchemaTooNew, StoreUnavailable.
 */
export async function migrate(target: Target, now: number): Promise<MigrationStatus> {
  const before = await migrationStatus(target);
  if (before.tooNew) throw new SchemaTooNew(before.current, before.latest);
  if (before.pending.length === 0) return before;
  if (target.kind === 'postgres') await createSchema(target.db);
  await target.db.transaction().execute(async (trx) => await applyPending({ ...target, db: trx }, trx, now));
  return await migrationStatus(target);
}

async function applyPending(target: Target, trx: Transaction<Database>, now: number): Promise<void> {
  // Waiting for another program's migration may take longer than a query may.
  if (target.kind === 'postgres') await sql`set local statement_timeout = 0`.execute(trx);
  await lockFor('migration', trx, target.kind);
  await trx.schema
    .createTable(MIGRATIONS_TABLE)
    .ifNotExists()
    .addColumn('number', 'integer', (column) => column.notNull().primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('applied_at', target.kind === 'postgres' ? 'bigint' : 'integer', (column) => column.notNull())
    .execute();
  // Once more under the lock: the other program may be done, or newer.
  const { pending, tooNew, current, latest } = await migrationStatus(target);
  if (tooNew) throw new SchemaTooNew(current, latest);
  for (const step of (target.migrations ?? MIGRATIONS).filter(({ number }) =>
    pending.some((p) => p.number === number),
  )) {
    for (const statement of step.statements(trx, target.kind)) await trx.executeQuery(statement.compile());
    await trx.insertInto(MIGRATIONS_TABLE).values({ number: step.number, name: step.name, applied_at: now }).execute();
  }
}

/** `create schema if not exists` asks for a right on the whole database even where the schema exists: look first. */
async function createSchema(db: Kysely<Database>): Promise<void> {
  const { rows } = await sql<{ found: boolean }>`
    select to_regnamespace(${POSTGRES_SCHEMA}) is not null as found`.execute(db);
  if (rows[0]?.found === true) return;
  try {
    await db.schema.createSchema(POSTGRES_SCHEMA).ifNotExists().execute();
  } catch (error) {
    // Another program that starts at the same moment made it.
    if (!(error instanceof StoreConflict)) throw error;
  }
}

async function hasMigrationsTable(db: Kysely<Database>, kind: SqlKind): Promise<boolean> {
  const query =
    kind === 'postgres'
      ? sql`select 1 as found from pg_catalog.pg_tables where schemaname = ${POSTGRES_SCHEMA} and tablename = ${MIGRATIONS_TABLE}`
      : sql`select 1 as found from sqlite_master where type = 'table' and name = ${MIGRATIONS_TABLE}`;
  return (await query.execute(db)).rows.length > 0;
}

async function readApplied(db: Kysely<Database>): Promise<MigrationStatus['applied']> {
  const rows = await db.selectFrom(MIGRATIONS_TABLE).selectAll().orderBy('number').execute();
  return rows.map((row) => ({
    number: Number(row['number']),
    name: String(row['name']),
    appliedAt: Number(row['applied_at']),
  }));
}
