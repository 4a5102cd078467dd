import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { OpenedStore } from '../accounts/late-store.ts';
import { KyselyAccountStore } from '../adapters/sql/account-store.ts';
import type { DatabaseChoice } from '../compose.ts';

/** Opens the store of keys and teams; apart from compose.ts, so that a start loads no database. Rejects as its `open` does. */
export async function openAccounts(choice: DatabaseChoice): Promise<OpenedStore> {
  if (choice.kind === 'postgres') {
    const { openPostgres } = await import('../adapters/postgres/open-postgres.ts');
    return { store: await KyselyAccountStore.open(openPostgres(choice.url)) };
  }
  const { openSqlite } = await import('../adapters/sqlite/open-sqlite.ts');
  if (choice.kind === 'sqlite') {
    await mkdir(dirname(choice.path), { recursive: true });
    return { store: await KyselyAccountStore.open(openSqlite(choice.path)) };
  }
  const folder = await mkdtemp(join(tmpdir(), 'waymark-'));
  const store = await KyselyAccountStore.open(openSqlite(join(folder, 'waymark.db')));
  return { store, dispose: async () => await rm(folder, { recursive: true, force: true }) };
}
