import { afterEach, describe, expect, test } from 'vitest';
import { sql, type Kysely } from 'kysely';
import { KyselyAccountStore, openTables } from '../../src/adapters/sql/account-store.ts';
import type { SqlEngine } from '../../src/adapters/sql/engine.ts';
import { inspectSchema } from '../../src/adapters/sql/inspect.ts';
import { migrate, migrationScript, migrationStatus, SchemaTooNew } from '../../src/adapters/sql/migrate.ts';
import { MIGRATIONS, type Migration } from '../../src/adapters/sql/migrations.ts';
import { RECORD_TABLES, type Database } from '../../src/adapters/sql/tables.ts';
import { keyRecord, tokenOf } from '../support/account-records.ts';

/** An empty database. */
export interface DatabaseUnderTest {
  open(): SqlEngine;
  dispose(): Promise<void>;
}

const NEXT: Migration = {
  number: 2,
  name: 'next',
  statements: (db) => [db.schema.alterTable('waymark_keys').addColumn('next', 'text')],
};
const BROKEN: Migration = {
  number: 2,
  name: 'broken',
  statements: (db) => [
    db.schema.alterTable('waymark_keys').addColumn('half', 'text'),
    db.schema.alterTable('waymark_nowhere').addColumn('x', 'text'),
  ],
};

/** What the migrations must do on any database. */
export function describeMigrations(name: string, make: () => Promise<DatabaseUnderTest>): void {
  let database: DatabaseUnderTest | undefined;
  const handles: Kysely<Database>[] = [];

  const open = async (): Promise<{ readonly engine: SqlEngine; readonly db: Kysely<Database> }> => {
    database ??= await make();
    const engine = database.open();
    const db = openTables(engine.writes, engine.kind);
    handles.push(db);
    return { engine, db };
  };

  afterEach(async () => {
    for (const db of handles.splice(0)) await db.destroy();
    await database?.dispose();
    database = undefined;
  });

  describe(`${name}: migrations`, () => {
    test('an empty database says what it lacks and changes only when told', async () => {
      const { engine, db } = await open();
      const target = { db, kind: engine.kind };
      const empty = await migrationStatus(target);
      expect(empty).toMatchObject({ current: 0, latest: MIGRATIONS.length, applied: [], tooNew: false });
      const script = await migrationScript(target);
      expect(script).toMatch(/^-- 1 accounts\ncreate table /);
      expect(script).not.toContain('$1');
      expect(await migrationStatus(target)).toStrictEqual(empty);

      const done = await migrate(target, 1234);
      expect(done).toMatchObject({ current: MIGRATIONS.length, pending: [] });
      expect(done.applied.every((step) => step.appliedAt === 1234)).toBe(true);
      expect(await migrationScript(target)).toBe('');
      expect(await migrate(target, 5678)).toStrictEqual(done);
    });

    test('can be inspected without being changed', async () => {
      const { engine, db } = await open();
      await migrate({ db, kind: engine.kind }, 1);
      await migrate({ db, kind: engine.kind, migrations: [...MIGRATIONS, NEXT] }, 1);
      const { status, script } = await inspectSchema((await open()).engine);
      expect([status.current, status.tooNew, script]).toEqual([2, true, '']);
    });

    test('the tables have just the columns that the records need', async () => {
      const { engine, db } = await open();
      await migrate({ db, kind: engine.kind }, 1);
      for (const table of RECORD_TABLES) {
        const names = await columnsOf(db, engine.kind, table.table);
        const wanted = table.columns.map((column) => column.name);
        expect(names.filter((column) => column !== 'sort_name').sort()).toEqual([...wanted].sort());
      }
    });

    test('the script, run by hand, makes the same tables', async () => {
      const { engine, db } = await open();
      const script = await migrationScript({ db, kind: engine.kind });
      const statements = script.split('\n').filter((line) => line !== '' && !line.startsWith('--'));
      expect(statements.length).toBeGreaterThan(20);
      expect(statements.every((statement) => /^create (?:unique )?(?:table|index) ["\w. ]+/.test(statement))).toBe(
        true,
      );
    });

    test('a newer schema is refused in one sentence, and its data is left alone', async () => {
      const { engine, db } = await open();
      await migrate({ db, kind: engine.kind, migrations: [...MIGRATIONS, NEXT] }, 1);
      expect(await migrationStatus({ db, kind: engine.kind })).toMatchObject({ current: 2, latest: 1, tooNew: true });
      const failure = KyselyAccountStore.open((await open()).engine);
      await expect(failure).rejects.toBeInstanceOf(SchemaTooNew);
      await expect(failure).rejects.toThrow(
        /schema 2 of a newer Waymark; this one knows schemas up to 1\. Start the newer/,
      );
    });

    test('a later step is added to a database with data', async () => {
      const { engine, db } = await open();
      const store = await KyselyAccountStore.open((await open()).engine);
      await store.apply({ put: { keys: [keyRecord('a')] }, audit: [] });
      await store.close();
      await migrate({ db, kind: engine.kind, migrations: [...MIGRATIONS, NEXT] }, 1);
      const rows = await db.selectFrom('waymark_keys').select(['token', 'next']).execute();
      expect(rows).toEqual([{ token: tokenOf('a'), next: null }]);
    });

    test('a step that fails leaves nothing behind', async () => {
      const { engine, db } = await open();
      await migrate({ db, kind: engine.kind }, 1);
      await expect(migrate({ db, kind: engine.kind, migrations: [...MIGRATIONS, BROKEN] }, 1)).rejects.toThrow(
        /waymark_nowhere/,
      );
      expect(await columnsOf(db, engine.kind, 'waymark_keys')).not.toContain('half');
      expect(await migrationStatus({ db, kind: engine.kind })).toMatchObject({ current: 1, tooNew: false });
    });

    test('several programs that start at once migrate once', async () => {
      const engines = [(await open()).engine, (await open()).engine, (await open()).engine];
      const stores = await Promise.all(engines.map(async (engine) => await KyselyAccountStore.open(engine)));
      for (const store of stores) await store.ping();
      for (const store of stores) await store.close();
      const { engine, db } = await open();
      expect((await migrationStatus({ db, kind: engine.kind })).applied).toHaveLength(MIGRATIONS.length);
    });
  });
}

async function columnsOf(db: Kysely<Database>, kind: SqlEngine['kind'], table: string): Promise<readonly string[]> {
  const query =
    kind === 'postgres'
      ? sql<{ name: string }>`select column_name as name from information_schema.columns where table_name = ${table}`
      : sql<{ name: string }>`select name from pragma_table_info(${table})`;
  return (await query.execute(db)).rows.map((row) => row.name);
}
