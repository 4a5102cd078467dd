import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startFakeUpstream, type FakeUpstream } from '../../support/fake-upstream.ts';
import { startHarness } from '../../support/harness.ts';
import { startManaged, TWO_TEAMS_CONFIG } from '../../support/management.ts';

let upstream: FakeUpstream;
let folder: string;
beforeAll(async () => {
  upstream = await startFakeUpstream();
  folder = await mkdtemp(join(tmpdir(), 'waymark-models-'));
});
afterAll(async () => {
  await upstream[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const SALT = { WAYMARK_SALT_KEY: 'a salt key for this test' };
const params = (more: object = {}): object => ({
  model: 'openai/fake',
  api_key: 'sk-stored',
  api_base: upstream.url,
  ...more,
});

describe('a deployment of the database', () => {
  test('is served at once with its credential, changed at once, and gone at once', async () => {
    await using managed = await startManaged(undefined, { env: SALT });
    const { gateway, done } = managed;
    const made = await done('POST /model/new', {
      body: { model_name: 'stored', litellm_params: params({ tags: ['teamA'] }) },
    });
    const answer = await gateway.chat({ model: 'stored', tags: ['teamA'] });
    expect([answer.status, answer.headers.get('x-litellm-model-id')]).toEqual([200, made.model_id]);
    expect(upstream.requests.at(-1)?.header('authorization')).toBe('Bearer sk-stored');
    await done('POST /model/update', {
      body: { model_info: { id: made.model_id }, litellm_params: { tags: ['teamB'] } },
    });
    expect((await gateway.chat({ model: 'stored', tags: ['teamA'] })).status).toBe(400);
    expect((await gateway.chat({ model: 'stored', tags: ['teamB'] })).status).toBe(200);
    expect(upstream.requests.at(-1)?.header('authorization')).toBe('Bearer sk-stored');
    await done('POST /model/delete', { body: { id: made.model_id } });
    expect((await gateway.chat({ model: 'stored', tags: ['teamB'] })).status).toBe(404);
  });

  test('lies within fences like any other', async () => {
    await using managed = await startManaged(undefined, { env: SALT });
    const { gateway, done } = managed;
    await done('POST /model/new', {
      body: { model_name: 'gpt-4', litellm_params: params({ tags: ['teamC'] }), model_info: { id: 'c' } },
    });
    await done('POST /team/new', { body: { team_id: 'c', tags: ['teamC'] } });
    const { key, warnings } = await done('POST /key/generate', { body: { team_id: 'c' } });
    expect(warnings).toEqual([]);
    const answer = await gateway.chat({ model: 'gpt-4' }, { key });
    expect(answer.headers.get('x-litellm-model-id')).toBe('c');
    expect((await gateway.chat({ model: 'gpt-4', tags: ['teamA'] }, { key })).status).toBe(403);
  });

  test.each<[string, object, object, unknown[]]>([
    ['a broken pattern', { tag_regex: ['('] }, {}, [400, 'invalid_field', 'litellm_params']],
    ['tags that are no list', { tags: 'teamA' }, {}, [400, 'invalid_field', 'litellm_params.tags']],
    ['an id of the config', {}, { id: 'team-a-model' }, [400, 'already_exists', 'model_info.id']],
  ])('with %s is refused, and nothing changes', async (_, more, model_info, wanted) => {
    await using managed = await startManaged(undefined, { env: SALT });
    const { status, body } = await managed.ask('POST /model/new', {
      body: { model_name: 'bad', litellm_params: params(more), model_info },
    });
    expect([status, body.error.code, body.error.param]).toEqual(wanted);
    expect(await managed.store.listModels()).toEqual([]);
  });

  test('needs a salt key for its credential, and none for the name of a variable', async () => {
    await using managed = await startManaged(undefined, { env: { STORED_KEY: 'sk-from-the-environment' } });
    const { status, body } = await managed.ask('POST /model/new', {
      body: { model_name: 'stored', litellm_params: params() },
    });
    expect([status, body.error.code]).toEqual([400, 'salt_key_missing']);
    const named = params({ api_key: 'os.environ/STORED_KEY' });
    await managed.done('POST /model/new', { body: { model_name: 'stored', litellm_params: named } });
    expect((await managed.gateway.chat({ model: 'stored' })).status).toBe(200);
    expect(upstream.requests.at(-1)?.header('authorization')).toBe('Bearer sk-from-the-environment');
  });

  test("cannot send the gateway's own secrets anywhere", async () => {
    const env = { ...SALT, LITELLM_MASTER_KEY: 'sk-master-of-the-environment' };
    await using managed = await startManaged(undefined, { env });
    const before = upstream.requests.length;
    const named = params({ api_key: 'os.environ/LITELLM_MASTER_KEY' });
    await managed.done('POST /model/new', { body: { model_name: 'stored', litellm_params: named } });
    expect((await managed.gateway.chat({ model: 'stored' })).status).toBe(503);
    expect(upstream.requests.length).toBe(before);
  });

  test('of the config is changed in the config', async () => {
    await using managed = await startManaged();
    const { status, body } = await managed.ask('POST /model/delete', { body: { id: 'team-a-model' } });
    expect([status, body.error.message]).toEqual([400, expect.stringContaining('stands in the config')]);
  });
});

test('survives a restart, reaches other processes within seconds, and a reload of the config', async () => {
  const options = { env: SALT, database: { kind: 'sqlite', path: join(folder, 'shared.db') } } as const;
  await using one = await startHarness(TWO_TEAMS_CONFIG, options);
  await using two = await startHarness(TWO_TEAMS_CONFIG, options);
  const made = await one.post('/model/new', { model_name: 'stored', litellm_params: params() });
  expect(made.status).toBe(200);
  await expect.poll(async () => (await two.chat({ model: 'stored' })).status, { timeout: 5000 }).toBe(200);
  await using three = await startHarness(TWO_TEAMS_CONFIG, options);
  expect((await three.chat({ model: 'stored' })).status).toBe(200);
  expect((await three.chat({ model: 'nothing' })).status).toBe(404);
});
