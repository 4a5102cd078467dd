import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqlite } from '../../src/adapters/sqlite/open-sqlite.ts';
import { describeMigrations } from './account-migrations.ts';
import { describeListPlans } from './list-plans.ts';

async function make() {
  const folder = mkdtempSync(join(tmpdir(), 'waymark-store-'));
  return {
    open: () => openSqlite(join(folder, 'waymark.db')),
    dispose: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

describeMigrations('on SQLite', make);
describeListPlans('on SQLite', make);
