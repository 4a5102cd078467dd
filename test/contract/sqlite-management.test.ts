import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { KyselyAccountStore } from '../../src/adapters/sql/account-store.ts';
import { openSqlite } from '../../src/adapters/sqlite/open-sqlite.ts';
import { describeManagement } from './management.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'waymark-management-'));
});
afterAll(async () => await rm(folder, { recursive: true, force: true }));

describeManagement('on SQLite', async () => await KyselyAccountStore.open(openSqlite(join(folder, 'waymark.db'))));
