import { afterAll, beforeAll } from 'vitest';
import { openPostgres } from '../../src/adapters/postgres/open-postgres.ts';
import { KyselyAccountStore } from '../../src/adapters/sql/account-store.ts';
import { startPostgres, type PostgresServer } from '../support/postgres.ts';
import { describeAccountStore } from './account-store.ts';

let server: PostgresServer;
let url: string;

beforeAll(async () => {
  server = await startPostgres();
  url = await server.createDatabase();
}, 120_000);

afterAll(async () => await server.dispose(), 60_000);

describeAccountStore('on PostgreSQL', async () => {
  // Polled so seldom that only a NOTIFY can be in time.
  const open = async () => await KyselyAccountStore.open(openPostgres(url, { maxConnections: 4 }), { pollMs: 600_000 });
  const store = await open();
  return {
    store,
    another: open,
    async dispose() {
      await store.close();
      await server.empty(url);
    },
  };
});
