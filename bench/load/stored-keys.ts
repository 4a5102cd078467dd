import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { KyselyAccountStore } from '../../src/adapters/sql/account-store.ts';
import { openSqlite } from '../../src/adapters/sqlite/open-sqlite.ts';
import { keyRecord, teamRecord } from '../../test/support/account-records.ts';

/**
 * Makes `waymark.db` in a folder with `count` keys, and answers one of them. That one has what a team's key has: a policy tag
 * of the team, which the bench's requests send too. The others are copies of it under random hashes, made inside SQLite.
 */
export async function storeKeys(folder: string, count: number): Promise<string> {
  const path = join(folder, 'waymark.db');
  const name = randomBytes(16).toString('hex');
  const store = await KyselyAccountStore.open(openSqlite(path));
  const keys = [keyRecord(name, { teamId: 'team' })];
  await store.apply({ put: { teams: [teamRecord('team', { tags: ['paid'] })], keys }, audit: [] });
  await store.close();
  if (count > 1) copyKey(path, count - 1);
  return `sk-${name}`;
}

function copyKey(path: string, copies: number): void {
  const database = new DatabaseSync(path);
  const rows = database.prepare("select name from pragma_table_info('waymark_keys')").all();
  const columns = rows.map((row) => String(row['name']));
  const values = columns.map((column) => (column === 'token' ? 'lower(hex(randomblob(32)))' : `k.${column}`));
  // Hashes come in no order: with little room SQLite would read a page again for each of them.
  database.exec('pragma cache_size = -1000000; pragma synchronous = off; pragma journal_mode = wal');
  database.exec(`
    with recursive numbers(i) as (select 1 union all select i + 1 from numbers where i < ${copies})
    insert into waymark_keys (${columns.join()}) select ${values.join()} from numbers, (select * from waymark_keys limit 1) as k;
    analyze;
  `);
  database.close();
}
