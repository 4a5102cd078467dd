import { afterAll, beforeAll } from 'vitest';
import { openPostgres } from '../../src/adapters/postgres/open-postgres.ts';
import { KyselyAccountStore } from '../../src/adapters/sql/account-store.ts';
import { startPostgres, type PostgresServer } from '../support/postgres.ts';
import { describeManagement } from './management.ts';

let server: PostgresServer;
let url: string;

beforeAll(async () => {
  server = await startPostgres();
  url = await server.createDatabase();
}, 120_000);

afterAll(async () => await server.dispose(), 60_000);

describeManagement(
  'on PostgreSQL',
  async () => await KyselyAccountStore.open(openPostgres(url, { maxConnections: 4 })),
);
