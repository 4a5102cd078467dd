import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KyselyAccountStore } from '../../src/adapters/sql/account-store.ts';
import { openSqlite } from '../../src/adapters/sqlite/open-sqlite.ts';
import { describeAccountStore } from './account-store.ts';

describeAccountStore('on SQLite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'waymark-store-'));
  const open = async () => await KyselyAccountStore.open(openSqlite(join(folder, 'waymark.db')), { pollMs: 50 });
  const store = await open();
  return {
    store,
    another: open,
    async dispose() {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
});
