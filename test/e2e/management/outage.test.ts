import { expect, test } from 'vitest';
import { ROUTES } from '../../../src/surfaces/admin/routes/all.ts';
import { makeTenant, startManaged } from '../../support/management.ts';
import { requestAbout } from '../../support/management-requests.ts';
import { MemoryAccountStore } from '../../support/memory-account-store.ts';

test('while the database is away every route answers 503, and afterwards all goes on', async () => {
  const accounts = new MemoryAccountStore();
  await using managed = await startManaged(undefined, { accounts });
  const tenant = await makeTenant(managed, 'a', 'teamA');
  for (const { name } of ROUTES.filter((route) => route.name !== 'POST /key/health')) {
    const asking = await requestAbout(name, tenant, managed);
    accounts.setAway(true);
    const { status, body } = await managed.ask(name, asking);
    expect([name, status, body.error.code, body.error.type]).toEqual([
      name,
      503,
      'store_unavailable',
      'no_db_connection',
    ]);
    accounts.setAway(false);
    expect((await managed.ask(name, asking)).status, name).toBe(200);
  }
});

test('a key that asks is not taken for unknown while the database is away', async () => {
  const accounts = new MemoryAccountStore();
  await using managed = await startManaged(undefined, { accounts });
  const { adminKey } = await makeTenant(managed, 'a', 'teamA');
  accounts.setAway(true);
  expect((await managed.ask('GET /key/info', { key: adminKey })).status).toBe(503);
  expect((await managed.ask('GET /key/info', { key: 'sk-not-known-to-anybody-0' })).status).toBe(503);
});

test('readiness says whether the database answers, and stays healthy without it', async () => {
  const accounts = new MemoryAccountStore();
  await using managed = await startManaged(undefined, { accounts });
  const readiness = async (): Promise<unknown> => {
    const answer = await managed.gateway.get('/health/readiness', { key: null });
    return [answer.status, await answer.json()];
  };
  expect(await readiness()).toEqual([200, expect.objectContaining({ status: 'healthy', db: 'connected' })]);
  accounts.setAway(true);
  expect(await readiness()).toEqual([200, expect.objectContaining({ status: 'healthy', db: 'Not connected' })]);
});
