import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { inspectSchema } from '../../src/adapters/sql/inspect.ts';
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

test('a database that does not exist yet is inspected in memory', async () => {
  const { status, script } = await inspectSchema(openSqlite(':memory:'));
  expect([status.current, status.pending.length]).toEqual([0, status.latest]);
  expect(script).toContain('create table "waymark_keys"');
});
