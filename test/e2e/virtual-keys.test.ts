// Stored keys on the data plane: who is let in, to which models and endpoints, and what a key gets to see.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import type { AccountChange } from '../../src/accounts/contract.ts';
import { PrincipalCache } from '../../src/gateway/principal-cache.ts';
import { keyRecord, projectRecord, teamRecord, tokenOf, userRecord } from '../support/account-records.ts';
import { startFakeUpstream, type FakeUpstream } from '../support/fake-upstream.ts';
import { startHarness, type Harness } from '../support/harness.ts';
import { MemoryAccountStore } from '../support/memory-account-store.ts';

let upstream: FakeUpstream;
let store: MemoryAccountStore;
let gateway: Harness;
let stop: () => Promise<void>;

interface Started {
  readonly gateway: Harness;
  readonly store: MemoryAccountStore;
  readonly stop: () => Promise<void>;
}

async function start(general: object = {}): Promise<Started> {
  const accounts = new MemoryAccountStore();
  const principals = new PrincipalCache({ store: accounts, now: () => performance.now(), wallNow: () => Date.now() });
  const to = (model: string, more: object = {}) => ({ model, api_key: 'sk-upstream', api_base: upstream.url, ...more });
  const config = {
    model_list: [
      { model_name: 'chat', litellm_params: to('openai/a', { tags: ['teamA'] }), model_info: { id: 'chat-a' } },
      { model_name: 'chat', litellm_params: to('openai/b', { tags: ['teamB'] }), model_info: { id: 'chat-b' } },
      { model_name: 'small', litellm_params: to('openai/s'), model_info: { id: 'small-1', access_groups: ['beta'] } },
      { model_name: 'secret', litellm_params: to('openai/x'), model_info: { id: 'secret-1' } },
      { model_name: 'openai/*', litellm_params: to('openai/*'), model_info: { id: 'wild-1' } },
    ],
    router_settings: { enable_tag_filtering: true, model_group_alias: { tiny: 'small' } },
    general_settings: general,
  };
  const harness = await startHarness(config, { principals });
  return {
    gateway: harness,
    store: accounts,
    stop: async (): Promise<void> => {
      await harness[Symbol.asyncDispose]();
      principals.close();
    },
  };
}

beforeAll(async () => {
  upstream = await startFakeUpstream();
});
afterAll(() => upstream[Symbol.asyncDispose]());

async function withKeys(put: NonNullable<AccountChange['put']>): Promise<void> {
  await store.apply({ put, audit: [] });
}

interface Said {
  readonly status: number;
  readonly type?: string;
  readonly code?: string;
  readonly served?: string | null;
  readonly text: string;
}

async function said(answer: Response): Promise<Said> {
  const text = await answer.text();
  const { error } = JSON.parse(text) as { error?: { type: string; code: string } };
  const served = answer.headers.get('x-litellm-model-id');
  return { status: answer.status, text, served, ...(error === undefined ? {} : error) };
}

const chat = async (key: string, fields: Record<string, unknown>): Promise<Said> =>
  said(await gateway.chat(fields, { key: `sk-${key}` }));

describe('keys', () => {
  beforeEach(async () => {
    ({ gateway, store, stop } = await start());
    return () => stop();
  });

  const NOW = Date.now();
  const HELD = {
    users: [userRecord('u-blocked', { blocked: true })],
    teams: [teamRecord('t'), teamRecord('t-blocked', { blocked: true })],
    projects: [projectRecord('p-blocked', 't', { blocked: true })],
  };
  test.each([
    ['in order', {}, 200, undefined],
    ['expired', { expiresAt: NOW - 1 }, 401, 'expired_key'],
    ['blocked', { blocked: true }, 401, 'auth_error'],
    ['of a blocked team', { teamId: 't-blocked' }, 401, 'auth_error'],
    ['of a blocked project', { teamId: 't', projectId: 'p-blocked' }, 401, 'auth_error'],
    ['of a blocked user', { userId: 'u-blocked' }, 401, 'auth_error'],
  ])('%s', async (_name, fields, status, type) => {
    await withKeys({ ...HELD, keys: [keyRecord('k', fields)] });
    upstream.reset();
    const answer = await chat('k', { model: 'small' });
    expect(answer).toMatchObject({ status, ...(type === undefined ? {} : { type }) });
    expect(upstream.started).toBe(status === 200 ? 1 : 0);
    expect(answer.text).not.toContain('sk-k');
    expect(answer.text).not.toContain(tokenOf('k'));
  });

  test('unknown, no key of ours, and the hash in place of the key', async () => {
    await withKeys({ keys: [keyRecord('k')] });
    expect(await chat('other', { model: 'small' })).toMatchObject({ status: 401, type: 'token_not_found_in_db' });
    const asked = store.findKeyCalls;
    for (const key of ['password', tokenOf('k'), 'SK-k']) {
      const answer = await said(await gateway.chat({ model: 'small' }, { key }));
      expect(answer).toMatchObject({ status: 401, type: 'auth_error', code: 'malformed_api_key' });
      expect(answer.text).not.toContain(key);
    }
    expect(store.findKeyCalls).toBe(asked);
  });

  test.each([
    'x-litellm-api-key',
    'authorization',
    'api-key',
    'x-api-key',
    'x-goog-api-key',
    'ocp-apim-subscription-key',
  ])('is read from %s', async (header) => {
    await withKeys({ keys: [keyRecord('k')] });
    const answer = await gateway.get('/v1/models', { key: null, headers: { [header]: 'sk-k' } });
    expect(answer.status).toBe(200);
  });

  test('a key is its bytes, also beyond ASCII', async () => {
    await withKeys({ keys: [keyRecord('schlüssel')] });
    const sent = Buffer.from('sk-schlüssel', 'utf8').toString('latin1');
    expect((await gateway.get('/v1/models', { key: sent })).status).toBe(200);
    expect((await gateway.get('/v1/models', { key: 'sk-schlüssel' })).status).toBe(401);
  });

  test('a change holds from the next call on, and known keys outlive the database', async () => {
    await withKeys({ keys: [keyRecord('k'), keyRecord('new')] });
    expect(await chat('k', { model: 'small' })).toMatchObject({ status: 200 });
    await withKeys({ keys: [keyRecord('k', { blocked: true })] });
    expect(await chat('k', { model: 'small' })).toMatchObject({ status: 401, code: 'key_blocked' });
    await withKeys({ keys: [keyRecord('k')] });
    expect(await chat('k', { model: 'small' })).toMatchObject({ status: 200 });
    store.setAway(true);
    expect(await chat('k', { model: 'small' })).toMatchObject({ status: 200 });
    const away = await gateway.chat({ model: 'small' }, { key: 'sk-new' });
    expect(away.headers.get('retry-after')).toBe('5');
    expect(await said(away)).toMatchObject({ status: 503, code: 'store_unavailable', type: 'no_db_connection' });
    expect((await gateway.chat({ model: 'small' })).status).toBe(200);
  });
});

describe('models of a key', () => {
  beforeAll(async () => {
    ({ gateway, store, stop } = await start());
    await withKeys({
      users: [userRecord('u', { models: ['small'] })],
      teams: [
        teamRecord('two', { models: ['chat', 'small'], modelAliases: { best: 'chat', hidden: 'secret' } }),
        teamRecord('b', { models: ['chat'], tags: ['teamB'] }),
      ],
      keys: [
        keyRecord('all'),
        keyRecord('small', { models: ['small'] }),
        keyRecord('alias', { models: ['tiny'] }),
        keyRecord('beta', { models: ['beta'] }),
        keyRecord('none', { models: ['no-default-models'] }),
        keyRecord('wild', { models: ['openai/*'] }),
        keyRecord('one-of-wild', { models: ['openai/gpt-4o'] }),
        keyRecord('both', { models: ['small', 'secret'], teamId: 'two' }),
        keyRecord('of-team', { models: ['all-team-models'], teamId: 'two' }),
        keyRecord('renames', { models: ['small'], aliases: { fast: 'small', mine: 'secret', small: 'secret' } }),
        keyRecord('of-user', { userId: 'u' }),
        keyRecord('team-b', { teamId: 'b' }),
      ],
    });
  });
  afterAll(() => stop());

  const REFUSED = 'model_not_permitted';
  test.each<[string, string, string]>([
    ['all', 'secret', 'secret-1'],
    ['all', 'nothing', 'model_not_found'],
    ['small', 'small', 'small-1'],
    ['small', 'tiny', 'small-1'],
    ['small', 'small-1', 'small-1'],
    ['small', 'secret', REFUSED],
    ['small', 'secret-1', REFUSED],
    ['small', 'chat-a', REFUSED],
    ['small', 'openai/gpt-4o', REFUSED],
    ['small', 'nothing', REFUSED],
    ['alias', 'tiny', 'small-1'],
    ['alias', 'small', REFUSED],
    ['beta', 'small', 'small-1'],
    ['beta', 'secret', REFUSED],
    ['none', 'small', REFUSED],
    ['wild', 'openai/gpt-4o', 'wild-1'],
    ['wild', 'wild-1', 'wild-1'],
    ['wild', 'small', REFUSED],
    ['wild', 'openai/', 'wild-1'],
    ['one-of-wild', 'openai/gpt-4o', 'wild-1'],
    ['one-of-wild', 'openai/gpt-5', REFUSED],
    ['one-of-wild', 'wild-1', REFUSED],
    ['both', 'small', 'small-1'],
    ['both', 'secret', REFUSED],
    ['both', 'chat', REFUSED],
    ['of-team', 'best', 'chat-'],
    ['of-team', 'hidden', REFUSED],
    ['of-team', 'secret', REFUSED],
    ['renames', 'fast', 'small-1'],
    ['renames', 'mine', REFUSED],
    ['renames', 'small', REFUSED],
    ['of-user', 'small', 'small-1'],
    ['of-user', 'chat', REFUSED],
    ['team-b', 'chat', 'chat-b'],
    ['team-b', 'chat-a', 'fenced_out'],
    ['team-b', 'small', REFUSED],
  ])('key %s asks for %s: %s', async (key, model, expected) => {
    const encoded = encodeURIComponent(model);
    const bodies = [
      ['/v1/chat/completions', { model, messages: [{ role: 'user', content: 'hi' }] }],
      ['/chat/completions', { model, messages: [{ role: 'user', content: 'hi' }] }],
      [`/openai/deployments/${encoded}/chat/completions`, { model: 'small', messages: [] }],
      [`/engines/${model}/chat/completions`, { messages: [] }],
      ['/v1/completions', { model, prompt: 'hi' }],
      ['/v1/embeddings', { model, input: 'hi' }],
    ] as const;
    for (const [path, body] of bodies) {
      upstream.reset();
      const answer = await said(await gateway.post(path, body, { key: `sk-${key}` }));
      expect([path, answer.code ?? answer.served]).toEqual([path, expect.stringMatching(`^${expected}`)]);
      if (answer.status !== 200) expect(upstream.started).toBe(0);
      if (answer.code === REFUSED) expect(answer.status).toBe(403);
      if (model !== 'secret' && answer.status !== 200)
        expect(answer.text.replaceAll(model, '')).not.toContain('secret');
    }
    const question = await gateway.post('/route/explain', { model }, { key: `sk-${key}` });
    const explained = (await question.json()) as { code: string | null; order: string[] };
    expect(explained.code ?? explained.order[0]).toMatch(new RegExp(`^${expected}`));
  });

  test.each<[string, Record<string, unknown>]>([
    ['fallbacks', { fallbacks: ['small', 'secret'] }],
    ['fallbacks', { fallbacks: [{ model: 'secret', messages: [] }] }],
    ['context_window_fallbacks', { context_window_fallbacks: [{ small: ['secret'] }] }],
    ['content_policy_fallbacks', { content_policy_fallbacks: [{ small: ['nothing'] }] }],
    ['context_window_fallback_dict', { context_window_fallback_dict: { small: 'secret' } }],
  ])('a model named in %s must be permitted too', async (field, fields) => {
    upstream.reset();
    const answer = await chat('small', { model: 'small', ...fields });
    expect(answer).toMatchObject({ status: 403, code: REFUSED, param: field });
    expect(upstream.started).toBe(0);
    expect((await chat('small', { model: 'small', fallbacks: ['tiny'] })).status).toBe(200);
  });

  test.each<[string, string[]]>([
    ['all', ['chat', 'small', 'secret', 'openai/*', 'tiny']],
    ['small', ['small', 'tiny']],
    ['alias', ['tiny']],
    ['beta', ['small', 'tiny']],
    ['none', []],
    ['wild', ['openai/*']],
    ['one-of-wild', ['openai/gpt-4o']],
    ['both', ['small', 'tiny']],
    ['of-user', ['small', 'tiny']],
    ['team-b', ['chat']],
  ])('the lists of key %s show %j', async (key, names) => {
    const get = async (path: string): Promise<{ data: Record<string, unknown>[] }> =>
      (await (await gateway.get(path, { key: `sk-${key}` })).json()) as { data: Record<string, unknown>[] };
    for (const path of ['/v1/models', '/models']) expect((await get(path)).data.map(({ id }) => id)).toEqual(names);
    expect((await get('/model_group/info')).data.map((one) => one['model_group'])).toEqual(names);
    for (const name of names) {
      expect((await gateway.get(`/v1/models/${encodeURIComponent(name)}`, { key: `sk-${key}` })).status).toBe(200);
    }
    if (names.includes('secret')) return;
    const one = await gateway.get('/v1/models/secret', { key: `sk-${key}` });
    expect(one.status).toBe(404);
    expect(await (await gateway.get('/model/info', { key: `sk-${key}` })).text()).not.toContain('secret');
  });

  test('a suggestion never names a model that the key may not use', async () => {
    await withKeys({ keys: [keyRecord('near', { models: ['s*l', 'secre'] })] });
    expect((await chat('near', { model: 'secre' })).text).not.toContain('secret');
    const near = await chat('near', { model: 'smal-l' });
    expect(near).toMatchObject({ code: 'model_not_found', details: { nearest: ['small'] } });
  });
});

describe('allowed_routes', () => {
  beforeAll(async () => {
    ({ gateway, store, stop } = await start());
  });
  afterAll(() => stop());

  const [CHAT, EMBED] = ['/v1/chat/completions', '/v1/embeddings'];
  test.each<[string[], string[]]>([
    [[], [CHAT, EMBED, '/v1/models', '/model/info', '/route/explain']],
    [['llm_api_routes'], [CHAT, EMBED, '/v1/models', '/route/explain']],
    [['openai_routes'], [CHAT, EMBED, '/v1/models', '/route/explain']],
    [['info_routes'], ['/v1/models', '/model/info', '/route/explain']],
    [['management_routes'], []],
    [[EMBED], [EMBED]],
    [['/v1/*'], [CHAT, EMBED, '/v1/models']],
    [['/v1'], [CHAT, EMBED, '/v1/models']],
    [['/v1/chat/comp'], []],
    [['/model'], ['/model/info']],
  ])('%j opens %j', async (allowedRoutes, open) => {
    await withKeys({ keys: [keyRecord('k', { allowedRoutes })] });
    const key = 'sk-k';
    const answers = {
      [CHAT]: await gateway.chat({ model: 'small' }, { key }),
      [EMBED]: await gateway.post(EMBED, { model: 'small', input: 'hi' }, { key }),
      '/v1/models': await gateway.get('/v1/models', { key }),
      '/model/info': await gateway.get('/model/info', { key }),
      '/route/explain': await gateway.post('/route/explain', { model: 'small' }, { key }),
    };
    const opened = Object.entries(answers).filter(([, { status }]) => status === 200);
    expect(opened.map(([path]) => path)).toEqual(open);
    for (const [path, answer] of Object.entries(answers)) {
      if (!open.includes(path)) expect(await said(answer)).toMatchObject({ status: 403, code: 'route_not_permitted' });
    }
  });
});

describe('reject_clientside_metadata_tags', () => {
  beforeAll(async () => {
    ({ gateway, store, stop } = await start({ reject_clientside_metadata_tags: true }));
    await withKeys({ teams: [teamRecord('a', { tags: ['teamA'] })], keys: [keyRecord('k', { teamId: 'a' })] });
  });
  afterAll(() => stop());

  test.each<[string, Record<string, unknown>, Record<string, string>]>([
    ['x-litellm-tags', {}, { 'x-litellm-tags': 'x' }],
    ['tags', { tags: ['x'] }, {}],
    ['tags', { tags: 'teamA' }, {}],
    ['metadata.tags', { metadata: { tags: ['x'] } }, {}],
    ['metadata.tags', { metadata: '{"tags":["x"]}' }, {}],
    ['litellm_metadata.tags', { litellm_metadata: { tags: ['x'] } }, {}],
  ])('a key sends none by %s %j', async (param, fields, headers) => {
    upstream.reset();
    const answer = await said(await gateway.chat({ model: 'chat', ...fields }, { key: 'sk-k', headers }));
    expect(answer).toMatchObject({ status: 400, code: 'invalid_tags', param });
    expect(upstream.started).toBe(0);
    expect((await gateway.chat({ model: 'small', ...fields }, { headers })).status).toBe(200);
  });

  test('lists without a tag, and the policy tags of the key, are no tags of the caller', async () => {
    const fields = { model: 'chat', tags: [], metadata: { tags: null }, litellm_metadata: {} };
    const answer = await gateway.chat(fields, { key: 'sk-k', headers: { 'x-litellm-tags': ',' } });
    expect([answer.status, answer.headers.get('x-litellm-model-id')]).toEqual([200, 'chat-a']);
  });

  test('explain says the same', async () => {
    const ask = async (body: object, key?: string): Promise<object> =>
      (await (
        await gateway.post('/route/explain', { model: 'chat', tags: ['x'], ...body }, key === undefined ? {} : { key })
      ).json()) as object;
    expect(await ask({}, 'sk-k')).toMatchObject({ decision: 'refuse', status: 400, code: 'invalid_tags' });
    expect(await ask({ virtual_key: true })).toMatchObject({ decision: 'refuse', status: 400, code: 'invalid_tags' });
    expect(await ask({ tags: ['teamA'] })).toMatchObject({ decision: 'send' });
  });
});
