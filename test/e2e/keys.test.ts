import { createServer } from 'node:http';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { Principal } from '../../src/accounts/principal.ts';
import { startFakeUpstream, type FakeUpstream } from '../support/fake-upstream.ts';
import { MASTER_KEY, startHarness, type Harness, type HarnessOptions } from '../support/harness.ts';
import { headOf, sendRaw } from '../support/raw-http.ts';

let upstream: FakeUpstream;

beforeAll(async () => {
  upstream = await startFakeUpstream();
});

afterAll(async () => {
  await upstream[Symbol.asyncDispose]();
});

const start = (general: object, options?: HarnessOptions): Promise<Harness> => {
  const to = (model: string, more: object) => ({ model, api_key: 'sk-upstream', api_base: upstream.url, ...more });
  return startHarness(
    {
      model_list: [
        { model_name: 'g', litellm_params: to('openai/a', { tags: ['teamA'] }), model_info: { id: 'a' } },
        { model_name: 'g', litellm_params: to('openai/b', { tags: ['teamB'] }), model_info: { id: 'b' } },
      ],
      router_settings: { enable_tag_filtering: true },
      general_settings: general,
    },
    options,
  );
};

const teamKey = (team: string): Principal => ({
  kind: 'key',
  id: `key of ${team}`,
  policy: { master: false, policyTags: { team: [team] }, onUnpermittedTag: 'reject', enableTagFiltering: false },
});

describe('with a strong master key', () => {
  let gateway: Harness;
  beforeAll(async () => {
    gateway = await start({});
  });
  afterAll(() => gateway[Symbol.asyncDispose]());

  const basic = `Basic ${Buffer.from(`user:${MASTER_KEY}`).toString('base64')}`;

  test.each<[Record<string, string>, number]>([
    [{ authorization: `Bearer ${MASTER_KEY}` }, 200],
    [{ authorization: `bearer ${MASTER_KEY}` }, 200],
    [{ authorization: MASTER_KEY }, 200],
    [{ authorization: basic }, 200],
    [{ 'x-litellm-api-key': MASTER_KEY }, 200],
    [{ 'x-litellm-api-key': `Bearer ${MASTER_KEY}` }, 200],
    [{ 'api-key': MASTER_KEY }, 200],
    [{ 'x-api-key': MASTER_KEY }, 200],
    [{ 'x-goog-api-key': MASTER_KEY }, 200],
    [{ 'ocp-apim-subscription-key': MASTER_KEY }, 200],
    [{ 'x-litellm-api-key': MASTER_KEY, authorization: 'Bearer wrong' }, 200],
    [{ 'x-litellm-api-key': 'wrong', authorization: `Bearer ${MASTER_KEY}` }, 401],
    [{ authorization: `Bearer ${MASTER_KEY}x` }, 401],
    [{ authorization: 'Bearer ' }, 401],
    [{ authorization: '' }, 401],
    [{ 'x-other': MASTER_KEY }, 401],
    [{}, 401],
  ])('%j is answered with %i', async (headers, status) => {
    const answer = await gateway.get('/v1/models', { key: null, headers });
    expect(answer.status).toBe(status);
    if (status !== 401) return;
    const text = await answer.text();
    // LiteLLM's types: the one of a missing key, and the one of a key that nobody knows.
    expect(JSON.parse(text)).toMatchObject({
      error: { type: expect.stringMatching(/^(?:auth_error|token_not_found_in_db)$/) },
    });
    expect(text).not.toContain(MASTER_KEY);
    expect(answer.headers.get('x-litellm-call-id')).not.toBeNull();
  });

  test.each(['/health/liveliness', '/health/liveness', '/health/readiness', '/', '/routes'])(
    '%s needs no key',
    async (path) => {
      expect((await gateway.get(path, { key: null })).status).toBe(200);
    },
  );

  test('each key reaches what its team may reach, and sees no more', async () => {
    const keyA = gateway.addKey(teamKey('teamA'));
    const keyB = gateway.addKey(teamKey('teamB'));
    const keyC = gateway.addKey(teamKey('teamC'));
    expect((await gateway.chat({ model: 'g' }, { key: keyA })).headers.get('x-litellm-model-id')).toBe('a');
    expect((await gateway.chat({ model: 'g' }, { key: keyB })).headers.get('x-litellm-model-id')).toBe('b');
    const outside = await gateway.chat({ model: 'g', tags: ['teamB'] }, { key: keyA });
    expect(outside.status).toBe(403);
    expect(await outside.json()).toMatchObject({ error: { code: 'tag_not_permitted' } });
    const nothing = await gateway.chat({ model: 'g' }, { key: keyC });
    expect(nothing.status).toBe(403);
    expect(await nothing.json()).toMatchObject({ error: { code: 'fenced_out' } });
    const shown = async (path: string, key: string): Promise<string> => (await gateway.get(path, { key })).text();
    expect(await shown('/model/info', keyA)).toContain('"id":"a"');
    expect(await shown('/model/info', keyA)).not.toContain('"id":"b"');
    expect(JSON.parse(await shown('/v1/models', keyC))).toEqual({ data: [], object: 'list' });
    expect((await gateway.get('/v1/models/g', { key: keyC })).status).toBe(404);
  });

  test('an ordinary key gets no explain header', async () => {
    const key = gateway.addKey(teamKey('teamA'));
    const answer = await gateway.chat({ model: 'g' }, { key, headers: { 'x-waymark-explain': 'true' } });
    expect(answer.headers.get('x-waymark-explain')).toBeNull();
  });
});

test('a header of the config comes before all others', async () => {
  await using gateway = await start({ litellm_key_header_name: 'X-Company-Key' });
  const get = async (headers: Record<string, string>): Promise<number> =>
    (await gateway.get('/v1/models', { key: null, headers })).status;
  expect(await get({ 'x-company-key': `Bearer ${MASTER_KEY}`, authorization: 'Bearer other' })).toBe(200);
  expect(await get({ 'x-company-key': 'wrong', authorization: `Bearer ${MASTER_KEY}` })).toBe(401);
});

test('a source of keys that fails lets nobody in', async () => {
  upstream.reset();
  const principals = { find: () => Promise.reject(new Error('the database is away')) };
  await using gateway = await start({}, { principals });
  const answer = await gateway.chat({ model: 'g' }, { key: 'sk-some-key' });
  expect(answer.status).toBe(500);
  expect(await answer.text()).not.toContain('database');
  expect(upstream.started).toBe(0);
});

describe('without a strong master key', () => {
  const HOSTS = [
    ['localhost:4000', undefined, 200],
    ['127.0.0.1', undefined, 200],
    ['0.0.0.0:4000', undefined, 200],
    ['[::1]:4000', undefined, 200],
    ['localhost', 'http://localhost:3000', 200],
    ['evil.example', undefined, 403],
    ['localhost.evil.example', undefined, 403],
    ['localhost', 'https://evil.example', 403],
    ['localhost', 'null', 403],
  ] as const;

  test.each(HOSTS)('Host %s with Origin %s is answered with %i', async (host, origin, status) => {
    await using gateway = await start({}, { keepMasterKey: true });
    const lines = [`Host: ${host}`, ...(origin === undefined ? [] : [`Origin: ${origin}`])];
    for (const path of ['/v1/models', '/health/liveness', '/']) {
      const answer = await sendRaw(gateway.port, headOf(`GET ${path} HTTP/1.1`, ...lines));
      expect(answer.status).toBe(status);
      if (status === 403) expect(answer.text).toContain('"code":"loopback_only"');
    }
  });

  test('a weak one is asked for all the same', async () => {
    await using gateway = await start({ master_key: 'sk-1234' });
    expect((await gateway.get('/v1/models', { key: 'sk-1234' })).status).toBe(200);
    expect((await gateway.get('/v1/models', { key: 'sk-12345' })).status).toBe(401);
    expect((await gateway.get('/v1/models', { key: null })).status).toBe(401);
  });

  test('any key does where none is set, as client libraries must send one', async () => {
    await using gateway = await start({}, { keepMasterKey: true });
    expect((await gateway.get('/v1/models', { key: 'anything' })).status).toBe(200);
    expect((await gateway.get('/v1/models', { key: null })).status).toBe(200);
  });

  test.each([
    ['the command line', {}, { openToAll: true }],
    ['the config', { dangerously_permit_weak_or_unset_master_key: true }, {}],
  ])('everybody is answered where %s says so', async (_name, general, options) => {
    await using gateway = await start(general, { ...options, keepMasterKey: true });
    const answer = await sendRaw(gateway.port, headOf('GET /v1/models HTTP/1.1', 'Host: anything.example'));
    expect(answer.status).toBe(200);
  });
});

test('a port that is taken is an error, never another port', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => {
    other.listen(0, '127.0.0.1', resolve);
  });
  const { port } = other.address() as { port: number };
  await expect(start({}, { port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  other.close();
});
