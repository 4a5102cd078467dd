import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { AccountStore } from '../../src/accounts/contract.ts';
import { makeSealer } from '../../src/accounts/seal.ts';
import { importLitellm, type ImportOptions, type ImportParts } from '../../src/accounts/import/run-import.ts';
import {
  openLitellmDatabase,
  type LitellmDatabase,
} from '../../src/adapters/litellm-database/open-litellm-database.ts';
import { litellmOpener } from '../../src/adapters/litellm-database/open-text.ts';
import { openImport } from '../../src/compose/open-import.ts';
import { openAccounts } from '../../src/compose/open-accounts.ts';
import { renderReport } from '../../src/surfaces/cli/import/render.ts';
import { makePaint } from '../../src/surfaces/cli/paint.ts';
import { tokenOf } from '../support/account-records.ts';
import { startFakeUpstream } from '../support/fake-upstream.ts';
import { startHarness } from '../support/harness.ts';
import { dumpLitellm, insertRows, json, migrateAsLitellm } from '../support/litellm-database.ts';
import { startPostgres, type PostgresServer } from '../support/postgres.ts';
import { runProgram } from '../support/program.ts';
import { LITELLM_ROWS, LITELLM_SALT_KEY, NEXT_YEAR, SEALED_KEY, SEALED_MODEL, UPSTREAM_KEY } from './litellm-rows.ts';

let server: PostgresServer;
let url: string;
let source: LitellmDatabase;
const NOW = Date.parse('2026-06-01T00:00:00Z');
const PLAN: ImportOptions = { dryRun: true, overwrite: false };
const APPLY: ImportOptions = { dryRun: false, overwrite: false };

beforeAll(async () => {
  server = await startPostgres();
  url = await server.createDatabase();
  expect(await migrateAsLitellm(url)).toBeGreaterThan(200);
  await insertRows(url, LITELLM_ROWS);
  source = await openLitellmDatabase(url);
}, 240_000);

afterAll(async () => {
  await source?.close();
  await server?.dispose();
}, 60_000);

const sealer = makeSealer('our own salt key', randomBytes);

/** Where LiteLLM's own tables stand, and a file. */
describe.each(['postgres', 'sqlite'] as const)('copied to %s', (kind) => {
  let store: AccountStore;
  let dispose: (() => Promise<void>) | undefined;
  let parts: ImportParts;

  beforeEach(async () => {
    const opened = await openAccounts(kind === 'postgres' ? { kind, url } : { kind: 'temporary' });
    ({ store, dispose } = opened);
    const open = litellmOpener(LITELLM_SALT_KEY);
    parts = { source, store, now: () => NOW, newId: randomUUID, prefix: '', open, sealer };
    return async () => {
      await store.close();
      await dispose?.();
      if (kind === 'postgres') await server.empty(url);
    };
  });

  test('a dry run writes nothing and says what an import does', async () => {
    const plan = await importLitellm(parts, PLAN);
    expect([await store.listModels(), (await store.listKeys({}, { size: 10 })).total]).toEqual([[], 0]);
    expect((await store.listAudit({}, { size: 10 })).total).toBe(0);
    expect(await importLitellm(parts, APPLY)).toEqual(plan);
    // What is enforced changes with the gateway, and is not the import's to say.
    const notes = plan.notes.filter(({ message }) => !message.endsWith('is stored and shown, and not enforced.'));
    const text = renderReport({ ...plan, notes }, { paint: makePaint(false), columns: undefined });
    await expect(text).toMatchFileSnapshot('golden/report.txt');
  });

  test('nothing is written to the tables of LiteLLM', async () => {
    const before = await dumpLitellm(url);
    await importLitellm(parts, APPLY);
    expect(await dumpLitellm(url)).toBe(before);
  });

  test('the second time nothing changes', async () => {
    const { counts } = await importLitellm(parts, APPLY);
    const { total } = await store.listAudit({}, { size: 1 });
    const again = await importLitellm(parts, APPLY);
    for (const [type, { created }] of Object.entries(counts)) {
      expect([type, again.counts[type as 'key']]).toMatchObject([
        type,
        { created: 0, unchanged: created, conflicts: 0 },
      ]);
    }
    expect((await store.listAudit({}, { size: 1 })).total).toBe(total);
  });

  test('a key comes with everything that binds it', async () => {
    await importLitellm(parts, APPLY);
    const { key, team, user } = (await store.findKey(tokenOf('key-of-team-a'))) ?? {};
    expect(key).toMatchObject({
      alias: 'a-key',
      keyName: 'sk-...am-a',
      tags: ['premium'],
      metadata: { note: 'kept' },
      // Its own budget wins over that of the budget row that it points at.
      maxBudgetNano: 1.5e9,
      softBudgetNano: 0.25e9,
      expiresAt: Date.parse(`${NEXT_YEAR}Z`),
      createdBy: 'ann',
      createdAt: Date.parse('2025-01-01T00:00:00Z'),
      extra: { budget_id: 'b-key' },
    });
    expect(team).toMatchObject({
      alias: 'Team A',
      tags: ['teamA'],
      enableTagFiltering: true,
      modelAliases: { fast: 'gpt-4' },
      maxBudgetNano: 100.5e9,
      budgetDuration: '1mo',
      tpmLimit: 5000,
      memberPermissions: ['/key/generate'],
      members: [
        { userId: 'ann', role: 'admin', maxBudgetNano: null },
        { userId: 'bob', role: 'user', maxBudgetNano: 3e9 },
      ],
      metadata: { guardrails: ['pii'], cost_centre: '42' },
    });
    expect(user).toMatchObject({ email: 'ann@example.com', role: 'internal_user', maxBudgetNano: 10e9 });
  });

  test('what was blocked, over or of a service account still is', async () => {
    await importLitellm(parts, APPLY);
    const read = async (name: string) => (await store.findKey(tokenOf(name)))?.key;
    expect(await read('key-of-team-b')).toMatchObject({ blocked: true, models: ['all-team-models'] });
    expect((await store.getTeam('b'))?.blocked).toBe(true);
    expect((await store.getTeam('b'))?.members.map(({ userId, role }) => [userId, role])).toEqual([
      ['ann', 'admin'],
      ['bob', 'user'],
    ]);
    expect(await read('expired')).toMatchObject({ expiresAt: Date.parse('2024-01-01T00:00:00Z') });
    expect(await read('service')).toMatchObject({
      serviceAccount: true,
      projectId: 'p',
      allowedRoutes: ['llm_api_routes'],
    });
    expect(await read('old-in-grace')).toMatchObject({
      teamId: 'a',
      tags: ['premium'],
      expiresAt: Date.parse('2125-01-01T00:00:00Z'),
      replacedBy: tokenOf('key-of-team-a'),
    });
    expect(await read('old-and-over')).toBeUndefined();
    expect(await store.getUser('bob')).toMatchObject({ role: 'internal_user', blocked: true, models: ['gpt-4'] });
    expect(await store.getUser('cust')).toMatchObject({ role: 'internal_user_viewer' });
  });

  test('stored models come with their credentials, sealed anew', async () => {
    await importLitellm(parts, APPLY);
    const model = await store.getModel('m1');
    expect(model).toMatchObject({
      modelName: 'gpt-4',
      params: { model: 'openai/gpt-4o', tags: ['teamA'], rpm: 5 },
      modelInfo: { mode: 'chat' },
    });
    expect(JSON.stringify(model)).not.toContain(UPSTREAM_KEY);
    for (const id of ['m1', 'm2']) {
      const sealed = (await store.getModel(id))?.sealedCredentials ?? '';
      expect(JSON.parse(sealer.open(sealed, id))).toEqual({ api_key: UPSTREAM_KEY });
    }
    expect([await store.getModel('m3'), await store.getModel('m4')]).toEqual([undefined, undefined]);
  });

  test.each([
    ['without the salt key of LiteLLM', { open: undefined }, 'was not given'],
    ['with another salt key', { open: litellmOpener('sk-another') }, 'do not open'],
  ])('%s stored models are listed and left', async (_name, change, words) => {
    const { refused, counts } = await importLitellm({ ...parts, ...change }, APPLY);
    const ids = refused.filter(({ type, message }) => type === 'model' && message.includes(words)).map(({ id }) => id);
    expect([ids, counts.model.created]).toEqual([['m1', 'm2'], 0]);
  });

  test('without a salt key of our own no credential is stored, and the report says so', async () => {
    const { notes } = await importLitellm({ ...parts, sealer: undefined }, APPLY);
    expect((await store.getModel('m1'))?.sealedCredentials).toBeNull();
    expect(notes.find(({ message }) => message.startsWith('litellm_params.api_key'))?.examples).toEqual(['m1', 'm2']);
  });

  test('the tag registry comes with its budgets', async () => {
    await importLitellm(parts, APPLY);
    const tag = await store.getTag('teamA');
    expect(tag).toMatchObject({ description: 'of team A', models: ['m1'], maxBudgetNano: 12.5e9, tpmLimit: 9000 });
  });

  test('what differs stays and is a conflict; what only exists here is no difference', async () => {
    await importLitellm(parts, APPLY);
    const team = (await store.getTeam('a')) ?? expect.fail('no team');
    const changed = { ...team, allowedTags: ['free'], models: ['gpt-5'], updatedAt: team.updatedAt + 1 };
    await store.apply({ put: { teams: [changed] }, audit: [] });
    const report = await importLitellm(parts, APPLY);
    expect(report.conflicts).toEqual([
      { type: 'team', id: 'a', name: 'Team A', message: 'Is here already and differs in models.' },
    ]);
    expect(await store.getTeam('a')).toEqual(changed);
  });

  test('with overwrite it becomes what LiteLLM has, and keeps what only exists here', async () => {
    await importLitellm(parts, APPLY);
    const team = (await store.getTeam('a')) ?? expect.fail('no team');
    const allowedTags = ['free'];
    await store.apply({ put: { teams: [{ ...team, allowedTags, models: ['gpt-5'] }] }, audit: [] });
    const report = await importLitellm(parts, { dryRun: false, overwrite: true });
    expect([report.conflicts, report.counts.team.overwritten]).toEqual([[], 1]);
    expect(await store.getTeam('a')).toMatchObject({ allowedTags, models: ['gpt-4'], createdAt: team.createdAt });
    const { entries } = await store.listAudit({ objectType: 'team', objectId: 'a' }, { size: 10 });
    expect(entries.map(({ action, actor }) => `${action} by ${actor}`).toSorted()).toEqual([
      'created by litellm',
      'updated by litellm',
    ]);
  });

  test('what was deleted here does not come back', async () => {
    await importLitellm(parts, APPLY);
    const token = tokenOf('key-of-team-a');
    const gone = { actor: 'master', action: 'deleted', before: null, after: null, at: NOW } as const;
    await store.apply({
      remove: { key: [token], team: ['b'], user: ['ann'] },
      audit: [
        { ...gone, id: randomUUID(), objectType: 'key', objectId: token },
        { ...gone, id: randomUUID(), objectType: 'team', objectId: 'b' },
      ],
    });
    const report = await importLitellm(parts, { dryRun: false, overwrite: true });
    expect(await store.findKey(token)).toBeUndefined();
    expect(await store.findKey(tokenOf('key-of-team-b'))).toBeUndefined();
    expect(report.conflicts.map(({ type, id }) => [type, id])).toEqual([
      ['team', 'b'],
      ['key', token],
    ]);
    // Of a user that went without a word nobody said that it was not wanted.
    expect(report.counts.user.created).toBe(1);
  });
});

describe('waymark import litellm', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'waymark-import-'));
    return () => rmSync(folder, { recursive: true, force: true });
  });

  const run = async (flags: string) =>
    await runProgram(`node ${join(import.meta.dirname, '../../src/main.ts')} import litellm ${flags}`, {
      cwd: folder,
      env: { LITELLM_DATABASE_URL: url, LITELLM_SALT_KEY, NO_COLOR: '1' },
    });

  test('plans, imports, and has nothing left to do', async () => {
    const plan = await run('--dry-run');
    expect(plan.output).toMatch(/^keys +7 +0 +0 +0 +3 +1$/m);
    expect([plan.status, existsSync(join(folder, 'waymark.db'))]).toEqual([1, false]);
    const done = await run('');
    expect(done.output).toContain('Done: 16 stored.');
    expect(done.status).toBe(1);
    const again = await run('--json');
    expect(JSON.parse(again.output)).toMatchObject({ applied: true, counts: { key: { created: 0, unchanged: 7 } } });
    for (const { output } of [plan, done, again])
      expect(output).not.toMatch(new RegExp(`${UPSTREAM_KEY}|sk-stored-as-it-is`));
  }, 60_000);
});

test('whoever has a key goes on with it, at the deployments of its own team', async () => {
  await using upstream = await startFakeUpstream();
  const from = await server.createDatabase();
  await migrateAsLitellm(from);
  const stored = (id: string, tag: string) => ({
    model_id: id,
    model_name: 'gpt-4',
    litellm_params: json({ model: SEALED_MODEL, api_key: SEALED_KEY, api_base: upstream.url, tags: [tag] }),
    created_by: 'admin',
    updated_by: 'admin',
  });
  await insertRows(from, {
    LiteLLM_TeamTable: [
      { team_id: 'a', metadata: json({ tags: ['teamA'] }), models: [] },
      { team_id: 'b', metadata: json({ tags: ['teamB'] }), models: [] },
    ],
    LiteLLM_ProxyModelTable: [stored('team-a-model', 'teamA'), stored('team-b-model', 'teamB')],
    LiteLLM_VerificationToken: [
      { token: tokenOf('key-of-team-a'), team_id: 'a', models: [] },
      { token: tokenOf('key-of-team-b'), team_id: 'b', models: [], blocked: true },
    ],
  });
  const opened = await openImport({
    from,
    to: { kind: 'postgres', url: from },
    dryRun: false,
    prefix: '',
    litellmSaltKey: LITELLM_SALT_KEY,
    saltKey: 'our own salt key',
  });
  expect((await opened.run(APPLY)).refused).toEqual([]);
  await opened.close();

  const config = { model_list: [], router_settings: { enable_tag_filtering: true } };
  const env = { WAYMARK_SALT_KEY: 'our own salt key' };
  await using gateway = await startHarness(config, { env, database: { kind: 'postgres', url: from } });
  const call = async (key: string, headers = {}) => await gateway.chat({ model: 'gpt-4' }, { key, headers });
  for (let count = 1; count <= 5; count += 1) {
    const answer = await call('sk-key-of-team-a');
    expect([answer.status, answer.headers.get('x-litellm-model-id')]).toEqual([200, 'team-a-model']);
  }
  expect(upstream.requests[0]?.header('authorization')).toBe(`Bearer ${UPSTREAM_KEY}`);
  expect((await call('sk-key-of-team-a', { 'x-litellm-tags': 'teamB' })).status).toBe(403);
  expect((await call('sk-key-of-team-b')).status).toBe(401);
  expect(upstream.requests).toHaveLength(5);
}, 60_000);

describe('a database that is no LiteLLM', () => {
  test.each([
    ['postgresql://waymark@127.0.0.1:1/none', 'It does not answer: '],
    ['mysql://host/name', 'It has no address of a PostgreSQL database'],
    ['not an address', 'It has no address of a PostgreSQL database'],
  ])('%s', async (address, words) => {
    await expect(openLitellmDatabase(address)).rejects.toThrow(words);
  });

  test('without its tables', async () => {
    const empty = await server.createDatabase();
    await expect(openLitellmDatabase(empty)).rejects.toThrow('It has no tables of LiteLLM\'s in the schema "public".');
    await expect(openLitellmDatabase(`${url}?schema=other&connection_limit=5`)).rejects.toThrow('schema "other"');
  });

  test('with a password that must not be shown', async () => {
    const wrong = url.replace('waymark@', 'nobody:s3cret-word@');
    const error: unknown = await openLitellmDatabase(wrong).catch((thrown: unknown) => thrown);
    expect(String(error)).not.toContain('s3cret-word');
    expect(error).toMatchObject({ name: 'LitellmUnreadable' });
  });
});
