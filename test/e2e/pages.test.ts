import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { Principal } from '../../src/accounts/principal.ts';
import { startHarness, type Harness } from '../support/harness.ts';
import { headOf, sendRaw } from '../support/raw-http.ts';

let gateway: Harness;
let key: string;

const SECRETS = ['sk-very-secret-credential', 'secret-header-value-123'];

beforeAll(async () => {
  const [api_key, header] = SECRETS;
  const to = (model: string, more: object = {}) => ({
    model,
    api_key,
    api_base: 'http://user:pw@127.0.0.1:1/v1?secret=1',
    ...more,
  });
  gateway = await startHarness({
    model_list: [
      {
        model_name: 'gpt-4',
        litellm_params: to('openai/f', {
          api_base: 'http://127.0.0.1:1/v1',
          tags: ['free'],
          rpm: 10,
          extra_headers: { 'x-auth': header },
        }),
        model_info: { id: 'free-id', mode: 'chat' },
      },
      {
        model_name: 'gpt-4',
        litellm_params: to('openai/p', { api_base: 'http://127.0.0.1:1/v1', tags: ['paid'], rpm: 5 }),
        model_info: { id: 'paid-id' },
      },
      {
        model_name: 'a/b',
        litellm_params: to('openai/d', { api_base: 'http://127.0.0.1:1/v1', tags: ['default'] }),
        model_info: { id: 'default-id' },
      },
      { model_name: '<script>', litellm_params: to('openai/d'), model_info: { id: 'odd' } },
    ],
    router_settings: {
      enable_tag_filtering: true,
      model_group_alias: { nick: 'gpt-4', hush: { model: 'gpt-4', hidden: true } },
    },
  });
  const policy = {
    master: false,
    policyTags: { team: ['free'] },
    onUnpermittedTag: 'reject',
    enableTagFiltering: false,
  } as const;
  const principal: Principal = { kind: 'key', id: 'k', policy };
  key = gateway.addKey(principal);
});

afterAll(() => gateway[Symbol.asyncDispose]());

describe('models', () => {
  test('the list is in the order of the config, aliases last, hidden ones not', async () => {
    const { data, object } = (await (await gateway.get('/v1/models')).json()) as {
      data: { id: string }[];
      object: string;
    };
    expect(object).toBe('list');
    expect(data.map((one) => one.id)).toEqual(['gpt-4', 'a/b', '<script>', 'nick']);
    expect(data[0]).toEqual({ id: 'gpt-4', object: 'model', created: 1677610602, owned_by: 'openai', mode: 'chat' });
  });

  test.each([
    ['/v1/models/gpt-4', 200],
    ['/models/a/b', 200],
    ['/models/a%2Fb', 200],
    ['/v1/models/nick', 200],
    ['/v1/models/nope', 404],
    ['/v1/models/__proto__', 404],
  ])('%s is answered with %i', async (path, status) => {
    expect((await gateway.get(path)).status).toBe(status);
  });

  test('a key lists the groups within its reach', async () => {
    const { data } = (await (await gateway.get('/models', { key })).json()) as { data: { id: string }[] };
    expect(data.map((one) => one.id)).toContain('gpt-4');
    const info = await (await gateway.get('/v1/model/info', { key })).text();
    expect(info).toContain('free-id');
    expect(info).not.toContain('paid-id');
  });

  test('no page shows a secret', async () => {
    for (const path of [
      '/model/info',
      '/v1/model/info',
      '/model_group/info',
      '/v1/models',
      '/',
      '/routes',
      '/health/readiness',
    ]) {
      const text = await (await gateway.get(path)).text();
      for (const secret of [...SECRETS, 'user:pw', 'secret=1']) expect(text).not.toContain(secret);
    }
  });

  test('a group sums what its deployments allow', async () => {
    const answer = await gateway.get('/model_group/info?model_group=gpt-4');
    expect(await answer.json()).toMatchObject({
      data: [{ model_group: 'gpt-4', providers: ['openai'], rpm: 15, tpm: null, mode: 'chat' }],
    });
  });
});

describe('the page for people', () => {
  test('is text for curl, with the three calls', async () => {
    const answer = await gateway.get('/', { key: null });
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    const text = await answer.text();
    expect(text).toContain('Waymark 0.0.0-test');
    expect(text).toContain('gpt-4');
    expect(text.match(/curl -i /g)).toHaveLength(3);
  });

  test('is HTML for browsers, with nothing from elsewhere and nothing that acts', async () => {
    const answer = await gateway.get('/', { key: null, headers: { accept: 'text/html,*/*' } });
    const html = await answer.text();
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(html).not.toMatch(/<script|src=|href=/);
    expect(html).toContain('&lt;script&gt;');
  });

  test('does not tell strangers what the groups are called', async () => {
    const stranger = await sendRaw(gateway.port, headOf('GET / HTTP/1.1', 'Host: gateway.example'));
    expect(stranger.text).toContain('Waymark');
    expect(stranger.text).not.toContain('gpt-4');
    const proxied = await gateway.get('/', { key: null, headers: { 'x-forwarded-for': '8.8.8.8' } });
    expect(await proxied.text()).not.toContain('gpt-4');
  });
});

describe('/route/explain', () => {
  const explain = async (body: unknown, as?: string): Promise<{ status: number; body: Record<string, unknown> }> => {
    const answer = await gateway.post('/route/explain', body, as === undefined ? {} : { key: as });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };

  test('a call that would be sent', async () => {
    const { status, body } = await explain({ model: 'gpt-4', tags: ['free'], seed: 1 });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      decision: 'send',
      status: 200,
      code: null,
      eligible: ['free-id'],
      available: ['free-id'],
      order: ['free-id'],
    });
  });

  test.each([
    [{ model: 'gpt-4', tags: ['nope'] }, 400, 'no_deployment_for_tags'],
    [{ model: 'nope' }, 404, 'model_not_found'],
    [{ model: 'gpt-4', tags: ['free'], cooling: ['free-id'] }, 503, 'deployments_unavailable'],
    [{ model: 'gpt-4', tags: ['paid'], policy_tags: { team: ['free'] }, virtual_key: true }, 403, 'tag_not_permitted'],
    [{ model: 'gpt-4', tags: ['paid'], allowed_tags: [] }, 403, 'tag_not_permitted'],
    [{ model: 'gpt-4', policy_tags: { team: ['nobody'] } }, 403, 'fenced_out'],
    [{ model: 'gpt-4', tags: [1] }, 400, 'invalid_tags'],
  ])('a refusal is explained with status 200: %j', async (question, status, code) => {
    const answer = await explain(question);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ decision: 'refuse', status, code });
  });

  test.each([
    [{ tags: ['free'] }, 'missing_field', 'model'],
    [{ model: 7 }, 'missing_field', 'model'],
    [{ model: 'gpt-4', taggs: [] }, 'invalid_field', 'taggs'],
    [{ model: 'gpt-4', policy_tags: { org: ['x'] } }, 'invalid_field', 'policy_tags.org'],
    [{ model: 'gpt-4', policy_tags: { team: [1] } }, 'invalid_field', 'policy_tags.team[0]'],
    [{ model: 'gpt-4', cooling: 'free-id' }, 'invalid_field', 'cooling'],
    [{ model: 'gpt-4', on_unpermitted_tag: 'shrug' }, 'invalid_field', 'on_unpermitted_tag'],
    [{ model: 'gpt-4', seed: 'x' }, 'invalid_field', 'seed'],
    [[], 'invalid_body', null],
    ['{bad', 'invalid_json', null],
  ])('a question that does not fit is a 400: %j', async (question, code, param) => {
    const { status, body } = await explain(question);
    expect(status).toBe(400);
    expect(body).toMatchObject({ error: { code, param } });
  });

  test('the same seed gives the same order', async () => {
    const orders = await Promise.all(
      [1, 1, 2].map(async (seed) => (await explain({ model: 'gpt-4', tags: ['free', 'paid'], seed })).body['order']),
    );
    expect(orders[0]).toEqual(orders[1]);
    expect(orders[0]).toHaveLength(2);
  });

  test.each([
    'policy_tags',
    'allowed_tags',
    'virtual_key',
    'on_unpermitted_tag',
    'enable_tag_filtering',
    'cooling',
    'seed',
  ])('an ordinary key may not ask with %s', async (field) => {
    const { status, body } = await explain({ model: 'gpt-4', [field]: null }, key);
    expect(status).toBe(403);
    expect(body).toMatchObject({ error: { code: 'admin_only', param: field } });
  });

  test('an ordinary key sees its reach and no more', async () => {
    const { status, body } = await explain({ model: 'gpt-4' }, key);
    expect(status).toBe(200);
    expect(body).toMatchObject({ decision: 'send', eligible: ['free-id'] });
    expect(JSON.stringify(body)).not.toContain('paid');
    expect(JSON.stringify(body['tags'])).not.toContain('team');
  });
});
