import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPostgres } from '../../src/adapters/postgres/open-postgres.ts';
import { KyselyAccountStore } from '../../src/adapters/sql/account-store.ts';
import { startPostgres, type PostgresServer } from '../support/postgres.ts';
import { describeMigrations } from './account-migrations.ts';
import { describeListPlans } from './list-plans.ts';

let server: PostgresServer;
let url: string;

beforeAll(async () => {
  server = await startPostgres();
  url = await server.createDatabase();
}, 120_000);

afterAll(async () => await server.dispose(), 60_000);

async function make() {
  const own = await server.createDatabase();
  return { open: () => openPostgres(own, { maxConnections: 4 }), dispose: async () => await server.empty(own) };
}

describeMigrations('on PostgreSQL', make);
describeListPlans('on PostgreSQL', make);

test('tables of others in the database are left alone, and nothing of ours lies among them', async () => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('create table waymark_keys (token text); insert into waymark_keys values (42)');
    const store = await KyselyAccountStore.open(openPostgres(url));
    await store.close();
    const { rows } = await client.query(
      "select tablename from pg_tables where schemaname = 'public' union all select token from public.waymark_keys",
    );
    expect(rows.map((row) => row.tablename)).toEqual(['waymark_keys', '42']);
  } finally {
    await client.query('drop table waymark_keys');
    await client.end();
    await server.empty(url);
  }
});
