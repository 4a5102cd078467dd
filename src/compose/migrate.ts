import { existsSync } from 'node:fs';
import { inspectSchema } from '../adapters/sql/inspect.ts';
import type { DatabaseChoice } from '../compose.ts';
import { openAccounts } from './open-accounts.ts';
import type { SchemaReport } from '../surfaces/cli/actions.ts';

/** For `waymark migrate`: the state of the schema, brought up to date before where `changes` is true. */
export async function migrateDatabase(choice: DatabaseChoice, changes: boolean): Promise<SchemaReport> {
  if (changes) {
    const { store, dispose } = await openAccounts(choice);
    await store.close();
    await dispose?.();
  }
  const { status, script } = await inspectSchema(await engineOf(choice));
  return { ...status, script };
}

async function engineOf(choice: DatabaseChoice): Promise<Parameters<typeof inspectSchema>[0]> {
  if (choice.kind === 'postgres') {
    const { openPostgres } = await import('../adapters/postgres/open-postgres.ts');
    return openPostgres(choice.url, { listen: false });
  }
  const { openSqlite } = await import('../adapters/sqlite/open-sqlite.ts');
  // Looking at a file that is not there must not make it: an empty one in memory says the same.
  const isThere = choice.kind === 'sqlite' && existsSync(choice.path);
  const database = openSqlite(isThere ? choice.path : ':memory:');
  return isThere ? database : { ...database, points: database.writes };
}
