// Two gateways on one database: what one of them is told holds on the other, whatever the other remembers.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { openPostgres } from '../../src/adapters/postgres/open-postgres.ts';
import { KyselyAccountStore } from '../../src/adapters/sql/account-store.ts';
import { openSqlite } from '../../src/adapters/sqlite/open-sqlite.ts';
import { startFakeUpstream, type FakeUpstream } from '../support/fake-upstream.ts';
import { startHarness, type Harness } from '../support/harness.ts';
import { startPostgres, type PostgresServer } from '../support/postgres.ts';

let postgres: PostgresServer;
let upstream: FakeUpstream;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'replicas-'));
  [postgres, upstream] = await Promise.all([startPostgres(), startFakeUpstream()]);
}, 120_000);
afterAll(async () => {
  await Promise.all([postgres.dispose(), upstream[Symbol.asyncDispose]()]);
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

type Open = () => Promise<KyselyAccountStore>;

const DATABASES: [string, () => Promise<Open>][] = [
  ['SQLite', async () => async () => await KyselyAccountStore.open(openSqlite(join(folder, 'waymark.db')))],
  [
    'PostgreSQL',
    async () => {
      const url = await postgres.createDatabase();
      return async () => await KyselyAccountStore.open(openPostgres(url));
    },
  ],
];

describe.each(DATABASES)('on %s', (_name, database) => {
  let here: Harness;
  let there: Harness;

  beforeAll(async () => {
    const open = await database();
    const deployment = (tag: string) => ({
      model_name: 'g',
      litellm_params: { model: 'openai/m', api_key: 'sk-upstream', api_base: upstream.url, tags: [tag] },
      model_info: { id: `of-${tag}` },
    });
    const config = {
      model_list: [deployment('teamA'), deployment('teamB')],
      router_settings: { enable_tag_filtering: true },
    };
    here = await startHarness(config, { accounts: await open() });
    there = await startHarness(config, { accounts: await open() });
  }, 60_000);
  afterAll(async () => {
    await here[Symbol.asyncDispose]();
    await there[Symbol.asyncDispose]();
  });

  const tell = async (path: string, body: object): Promise<Record<string, string>> => {
    const answer = await here.post(path, body);
    expect(answer.status, path).toBe(200);
    return (await answer.json()) as Record<string, string>;
  };
  /** The deployment that the other gateway serves the key by, or the code with which it refuses. */
  const asked = async (key: string): Promise<string | null | undefined> => {
    const answer = await there.chat({ model: 'g' }, { key });
    const { error } = (await answer.json()) as { error?: { code: string } };
    return error?.code ?? answer.headers.get('x-litellm-model-id');
  };
  const soon = (key: string) => expect.poll(() => asked(key), { timeout: 10_000, interval: 50 });

  test(
    'a key is known, moved by its team, blocked, unblocked and gone there as here',
    { timeout: 60_000 },
    async () => {
      const key = 'sk-made-by-hand-0123456789';
      expect(await asked(key)).toBe('invalid_api_key');
      const { team_id: teamId } = await tell('/team/new', { tags: ['teamA'] });
      await tell('/key/generate', { key, team_id: teamId });
      await soon(key).toBe('of-teamA');
      await tell('/team/update', { team_id: teamId, tags: ['teamB'] });
      await soon(key).toBe('of-teamB');
      await tell('/key/block', { key });
      await soon(key).toBe('key_blocked');
      await tell('/key/unblock', { key });
      await soon(key).toBe('of-teamB');
      await tell('/team/block', { team_id: teamId });
      await soon(key).toBe('key_blocked');
      await tell('/team/delete', { team_ids: [teamId] });
      await soon(key).toBe('invalid_api_key');
    },
  );
});
