// Responses by their id: they go back to the deployment that made them, for whoever may know of them, and nowhere else.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { modelAccess } from '../../src/accounts/model-access.ts';
import type { Principal } from '../../src/accounts/principal.ts';
import type { TagPolicy } from '../../src/core/routing/facts.ts';
import {
  answerChunks,
  answerJson,
  startFakeUpstream,
  type Behaviour,
  type FakeUpstream,
  type RecordedRequest,
} from '../support/fake-upstream.ts';
import { startHarness, type Harness, type HarnessOptions } from '../support/harness.ts';

let upstream: FakeUpstream;
let gateway: Harness;

const BY_ID = /^\/v1\/responses\/([^/?]+)(\/[a-z_]+)?(?:\?(.*))?$/;
const named = (data: Record<string, unknown>): string =>
  `event: ${String(data['type'])}\ndata: ${JSON.stringify(data)}\n\n`;

function responseOf(id: string, previous: unknown, status = 'completed'): Record<string, unknown> {
  const content = [{ type: 'output_text', text: `It quotes "${id}" itself`, annotations: [] }];
  const output = [{ id: 'msg_1', type: 'message', content }];
  return { id, object: 'response', status, model: 'm', previous_response_id: previous, output, usage: null };
}

const eventsOf = (id: string, previous: unknown): string[] => [
  named({ type: 'response.created', sequence_number: 0, response: responseOf(id, previous, 'in_progress') }),
  named({ type: 'response.output_text.delta', sequence_number: 1, item_id: 'msg_1', delta: `"${id}"` }),
  named({ type: 'response.completed', sequence_number: 2, response: responseOf(id, previous) }),
];

/** Makes `resp_up1`, `resp_up2` ...; by id it has whatever it is asked for, with `resp_before` before it. */
function behave(request: RecordedRequest): Behaviour {
  const [, id, part] = BY_ID.exec(request.path) ?? [];
  if (id === undefined) {
    const body = request.json();
    const made = `resp_up${upstream.requests.length}`;
    const previous = body['previous_response_id'] ?? null;
    return body['stream'] === true ? answerChunks(eventsOf(made, previous)) : answerJson(responseOf(made, previous));
  }
  if (id === 'resp_gone') {
    return answerJson({ error: { message: "Response with id 'resp_gone' not found.", code: null } }, { status: 404 });
  }
  if (request.method === 'DELETE') return answerJson({ id, object: 'response', deleted: true });
  if (part === '/input_items') {
    return answerJson({
      object: 'list',
      data: [{ id: 'msg_in', type: 'message' }],
      first_id: 'msg_in',
      has_more: false,
    });
  }
  if (request.path.includes('stream=true')) return answerChunks(eventsOf(id, 'resp_before'));
  return answerJson(responseOf(id, 'resp_before', part === '/cancel' ? 'cancelled' : 'completed'));
}

function config(general: object = {}): object {
  const deployment = (group: string, name: string, more: object = {}): object => ({
    model_name: group,
    litellm_params: {
      model: `openai/${name}-model`,
      api_key: `sk-of-${name}-0123`,
      api_base: `${upstream.url}/v1`,
      ...more,
    },
    model_info: { id: `${name}-id` },
  });
  return {
    model_list: [
      deployment('g', 'red', { tags: ['red'] }),
      deployment('g', 'blue', { tags: ['blue'] }),
      deployment('g', 'std', { tags: ['default'] }),
      deployment('other', 'other'),
      {
        model_name: 'g',
        litellm_params: {
          model: 'openai/private',
          api_key: 'sk-of-private-0123',
          api_base: `${upstream.url}/v1`,
          tags: ['vip'],
        },
        model_info: { id: 'private-id', private: true },
      },
    ],
    router_settings: { enable_tag_filtering: true },
    general_settings: general,
  };
}

beforeAll(async () => {
  upstream = await startFakeUpstream(behave);
  gateway = await startHarness(config());
});
beforeEach(() => {
  upstream.reset();
  gateway.cooling.remove('blue-id');
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

const OPEN: TagPolicy = { master: false, policyTags: {}, onUnpermittedTag: 'reject', enableTagFiltering: false };

interface Tenant {
  readonly team?: string;
  readonly user?: string;
  readonly token?: string;
  readonly models?: readonly string[];
  readonly policy?: TagPolicy;
}

let keys = 0;
function tenant({ team, user, token = `token${(keys += 1)}`, models = [], policy = OPEN }: Tenant): string {
  const principal: Principal = {
    kind: 'key',
    id: token.slice(0, 12),
    policy,
    account: {
      token,
      alias: null,
      teamId: team ?? null,
      userId: user ?? null,
      projectId: null,
      expiresAt: null,
      models: modelAccess([models]),
      aliases: new Map(),
      allowedRoutes: [],
    },
  };
  return gateway.addKey(principal, `sk-${token}`);
}

interface Told {
  readonly id: string;
  readonly previous_response_id: string | null;
  readonly error?: { readonly code: string; readonly message: string; readonly param: string | null };
}

interface Init {
  readonly key?: string;
  readonly tags?: string;
}

const init = ({ key, tags }: Init): object => ({
  ...(key === undefined ? {} : { key }),
  ...(tags === undefined ? {} : { headers: { 'x-litellm-tags': tags } }),
});

async function make(fields: object = {}, who: Init = {}): Promise<Told> {
  const answer = await gateway.post('/v1/responses', { model: 'g', input: 'Hi', ...fields }, init(who));
  return (await answer.json()) as Told;
}

async function ask(
  method: string,
  path: string,
  who: Init = {},
): Promise<{ status: number; told: Told; answer: Response }> {
  const answer = await fetch(gateway.url + path, {
    method,
    headers: {
      authorization: `Bearer ${who.key ?? gateway.masterKey}`,
      ...(who.tags === undefined ? {} : { 'x-litellm-tags': who.tags }),
    },
  });
  return { status: answer.status, told: (await answer.json()) as Told, answer };
}

const last = (): RecordedRequest | undefined => upstream.requests.at(-1);
const EVERY_WAY = [
  ['GET', ''],
  ['DELETE', ''],
  ['POST', '/cancel'],
  ['GET', '/input_items'],
] as const;

describe('an id', () => {
  test("is ours in the answer, and every other byte is the upstream's", async () => {
    const answer = await gateway.post('/v1/responses', { model: 'g', input: 'Hi', tags: ['blue'] });
    const text = await answer.text();
    const { id } = JSON.parse(text) as Told;
    expect(id).toMatch(/^resp_[A-Za-z0-9_-]{60,200}$/);
    expect(text).toBe(JSON.stringify(responseOf('resp_up1', null)).replace('"id":"resp_up1"', `"id":"${id}"`));
    expect(answer.headers.get('content-length')).toBe(String(text.length));
  });

  test('is ours in every event of a stream, wherever its pieces end', async () => {
    const whole = eventsOf('resp_up1', null).join('');
    for (const size of [1, 3, 50, 10_000]) {
      upstream.reset();
      const pieces = whole.match(new RegExp(`.{1,${size}}`, 'gsu')) ?? [];
      upstream.respondWith(answerChunks(pieces));
      const text = await (await gateway.post('/v1/responses', { model: 'g', input: 'Hi', stream: true })).text();
      const [, id = ''] = /"id":"(resp_w[^"]+)"/.exec(text) ?? [];
      expect(text).toBe(whole.replaceAll('"id":"resp_up1"', `"id":"${id}"`));
      expect(text.match(/"id":"resp_w/g)).toHaveLength(2);
      upstream.reset();
      expect((await ask('GET', `/v1/responses/${id}`)).status).toBe(200);
    }
  });

  test('of a stream that goes on from another: both are ours', async () => {
    const first = await make();
    const answer = await gateway.post('/v1/responses', {
      model: 'g',
      input: 'And?',
      stream: true,
      previous_response_id: first.id,
    });
    const text = await answer.text();
    expect(text.match(new RegExp(`"previous_response_id":"${first.id}"`, 'g'))).toHaveLength(2);
    expect(text).not.toContain('"resp_up1"');
    expect(text).not.toContain('"id":"resp_up2"');
  });

  test('is the same each time', async () => {
    const { id } = await make();
    expect((await ask('GET', `/v1/responses/${id}`)).told.id).toBe(id);
    expect((await ask('DELETE', `/v1/responses/${id}`)).told).toEqual({ id, object: 'response', deleted: true });
  });

  test('of the one before is ours again, and leads to the same deployment', async () => {
    const { id } = await make({ tags: ['blue'] });
    const before = (await ask('GET', `/v1/responses/${id}`)).told.previous_response_id ?? '';
    expect(before).toMatch(/^resp_w1_/);
    await ask('GET', `/v1/responses/${before}`);
    expect(last()?.path).toBe('/v1/responses/resp_before');
    expect(last()?.header('authorization')).toBe('Bearer sk-of-blue-0123');
  });
});

describe('by id', () => {
  test.each(EVERY_WAY)('%s %s goes to the deployment that made it', async (method, part) => {
    for (const prefix of ['/v1', '', '/openai/v1', '/openai']) {
      upstream.reset();
      const { id } = await make({ tags: ['blue'] });
      const { status, answer } = await ask(method, `${prefix}/responses/${id}${part}?limit=2&include[]=a%20b`);
      expect(status).toBe(200);
      expect(last()).toMatchObject({ method, path: `/v1/responses/resp_up1${part}?limit=2&include[]=a%20b` });
      expect(last()?.header('authorization')).toBe('Bearer sk-of-blue-0123');
      expect(last()?.header('content-type')).toBeUndefined();
      expect(last()?.body).toHaveLength(0);
      expect(answer.headers.get('x-litellm-model-id')).toBe('blue-id');
      expect(answer.headers.get('x-litellm-model-group')).toBe('g');
    }
  });

  test('events are told again', async () => {
    const { id } = await make();
    const answer = await gateway.get(`/v1/responses/${id}?stream=true&starting_after=1`);
    expect(answer.headers.get('content-type')).toBe('text/event-stream');
    const text = await answer.text();
    expect(text.match(new RegExp(`"id":"${id}"`, 'g'))).toHaveLength(2);
    expect(text).not.toContain('"id":"resp_up1"');
    expect(await gateway.settled(gateway.calls.length)).toMatchObject({
      stream: true,
      outcome: 'ok',
      deploymentId: 'std-id',
    });
  });

  test.each(EVERY_WAY)("%s %s: the upstream's own 404 names our id", async (method, part) => {
    upstream.respondOnce(answerJson(responseOf('resp_gone', null)));
    const { id } = await make();
    const { status, told } = await ask(method, `/v1/responses/${id}${part}`);
    expect(status).toBe(404);
    expect(told.error?.message).toBe(`Response with id '${id}' not found.`);
  });

  test.each([
    ['PUT', '', 'GET, DELETE'],
    ['POST', '', 'GET, DELETE'],
    ['GET', '/cancel', 'POST'],
    ['DELETE', '/input_items', 'GET'],
  ])('%s %s is refused with Allow', async (method, part, allow) => {
    const { status, answer } = await ask(method, `/v1/responses/resp_x${part}`);
    expect([status, answer.headers.get('allow')]).toEqual([405, allow]);
  });

  test.each(['/v1/responses/a/b', '/v1/responses/', '/v1/responses/compact', '/v1/responses/%ff'])(
    '%s is no endpoint',
    async (path) => {
      expect((await ask('GET', path)).status).toBe(404);
    },
  );
});

describe('another tenant', () => {
  const red = { key: '' };
  const blue = { key: '' };
  beforeAll(() => {
    red.key = tenant({ team: 'red' });
    blue.key = tenant({ team: 'blue' });
  });

  test.each([
    ['red', red, blue],
    ['blue', blue, red],
  ])(
    'cannot reach what %s made, and hears what strangers hear of an id that nobody made',
    async (_name, mine, theirs) => {
      const { id } = await make({}, mine);
      const invented = `${id.slice(0, -1)}${id.endsWith('A') ? 'B' : 'A'}`;
      upstream.reset();
      for (const [method, part] of EVERY_WAY) {
        const answers = [
          await ask(method, `/v1/responses/${id}${part}`, theirs),
          await ask(method, `/v1/responses/${invented}${part}`, theirs),
          await ask(method, `/v1/responses/${invented}${part}`, mine),
        ];
        const texts = answers.map(({ status, told }) =>
          JSON.stringify([status, told]).replaceAll(invented.slice(0, 100), id.slice(0, 100)),
        );
        expect(new Set(texts).size).toBe(1);
        expect(answers[0]).toMatchObject({
          status: 404,
          told: { error: { code: 'response_not_found', param: 'response_id' } },
        });
      }
      const goneOn = await make({ previous_response_id: id }, theirs);
      expect(goneOn.error).toMatchObject({ code: 'response_not_found', param: 'previous_response_id' });
      expect(upstream.started).toBe(0);
      expect((await make({ previous_response_id: id }, mine)).id).toMatch(/^resp_w1_/);
    },
  );

  test('the team is one, whoever of it asks; without a team the user is; without a user the key', async () => {
    const sameTeam = tenant({ team: 'red', user: 'someone' });
    const ofUser = tenant({ user: 'u1', token: 'u1-first' });
    const alsoOfUser = tenant({ user: 'u1' });
    const alone = tenant({ token: 'alone' });
    const sees = async (owner: string, reader: string): Promise<number> => {
      const { id } = await make({}, { key: owner });
      return (await ask('GET', `/v1/responses/${id}`, { key: reader })).status;
    };
    expect(await sees(red.key, sameTeam)).toBe(200);
    expect(await sees(ofUser, alsoOfUser)).toBe(200);
    expect(await sees(alone, alone)).toBe(200);
    expect(await sees(ofUser, alone)).toBe(404);
    expect(await sees(alone, ofUser)).toBe(404);
    expect(await sees(sameTeam, ofUser)).toBe(404);
  });

  test('the master key reaches all, and what it looks at stays whose it was', async () => {
    const { id } = await make({}, red);
    const { told } = await ask('GET', `/v1/responses/${id}`);
    expect(told.id).toBe(id);
    const before = told.previous_response_id ?? '';
    expect((await ask('GET', `/v1/responses/${before}`, red)).status).toBe(200);
    expect((await ask('GET', `/v1/responses/${before}`, blue)).status).toBe(404);
    const ofMaster = await make();
    expect((await ask('GET', `/v1/responses/${ofMaster.id}`, red)).status).toBe(404);
  });
});

describe('going on from a response', () => {
  test('pins the call to the deployment that made it, whatever the tags would choose', async () => {
    const { id } = await make({ tags: ['blue'] });
    for (let count = 0; count < 5; count += 1) {
      const answer = await gateway.post('/v1/responses', { model: 'g', input: 'And?', previous_response_id: id });
      expect(answer.headers.get('x-litellm-model-id')).toBe('blue-id');
      expect(last()?.json()).toEqual({ model: 'blue-model', input: 'And?', previous_response_id: 'resp_up1' });
      expect(((await answer.json()) as Told).previous_response_id).toBe(id);
    }
  });

  test('null is none', async () => {
    expect((await make({ previous_response_id: null })).id).toMatch(/^resp_w1_/);
    expect(last()?.json()['previous_response_id']).toBeNull();
  });

  test.each([
    [7, 'invalid_field'],
    ['', 'invalid_field'],
    [{}, 'invalid_field'],
    ['resp_68b1c2', 'response_not_found'],
    ['resp_w1_AAAA', 'response_not_found'],
  ])('%j is refused, and nothing sent', async (previous, code) => {
    const { error } = await make({ previous_response_id: previous });
    expect(error).toMatchObject({ code, param: 'previous_response_id' });
    expect(upstream.started).toBe(0);
  });

  test('another group than the one that made it cannot', async () => {
    const { id } = await make({ model: 'other' });
    upstream.reset();
    const { error } = await make({ previous_response_id: id });
    expect(error).toMatchObject({ code: 'response_not_found', param: 'previous_response_id' });
    expect(upstream.started).toBe(0);
  });

  test('tags that contradict are refused as for any call by deployment id', async () => {
    const { id } = await make({ tags: ['blue'] });
    upstream.reset();
    expect((await make({ previous_response_id: id, tags: ['red'] })).error?.code).toBe('no_deployment_for_tags');
    expect((await ask('GET', `/v1/responses/${id}`, { tags: 'red' })).told.error?.code).toBe('no_deployment_for_tags');
    expect(upstream.started).toBe(0);
  });

  test('a deployment that cools down is waited for, and nobody else asked', async () => {
    const { id } = await make({ tags: ['blue'] });
    upstream.reset();
    gateway.cooling.add('blue-id', 7);
    const answer = await gateway.post('/v1/responses', { model: 'g', input: 'And?', previous_response_id: id });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '7']);
    expect((await ask('GET', `/v1/responses/${id}`)).status).toBe(503);
    expect(upstream.started).toBe(0);
  });
});

describe('policy stays in force', () => {
  test('a key that is fenced away from the deployment does not reach it any more', async () => {
    const before = tenant({ team: 'moved', token: 'moved-before' });
    const after = tenant({ team: 'moved', policy: { ...OPEN, policyTags: { team: ['red'] } } });
    const { id } = await make({ tags: ['blue'] }, { key: before });
    upstream.reset();
    for (const [method, part] of EVERY_WAY) {
      const { status, told } = await ask(method, `/v1/responses/${id}${part}`, { key: after });
      expect([status, told.error?.code]).toEqual([404, 'response_not_found']);
    }
    expect((await make({ previous_response_id: id }, { key: after })).error?.code).toBe('response_not_found');
    expect(upstream.started).toBe(0);
  });

  test('nor a key whose lists of models leave the group out', async () => {
    const before = tenant({ team: 'listed' });
    const after = tenant({ team: 'listed', models: ['other'] });
    const { id } = await make({}, { key: before });
    upstream.reset();
    expect((await ask('GET', `/v1/responses/${id}`, { key: after })).told.error?.code).toBe('response_not_found');
    expect((await make({ previous_response_id: id }, { key: after })).error?.code).toBe('model_not_permitted');
    expect(upstream.started).toBe(0);
  });

  test('a private deployment needs the tag that opens it, each time', async () => {
    const key = tenant({ team: 'vip', policy: { ...OPEN, allowedTags: ['vip'] } });
    const { id } = await make({ tags: ['vip'] }, { key });
    expect(last()?.header('authorization')).toBe('Bearer sk-of-private-0123');
    expect((await ask('GET', `/v1/responses/${id}`, { key })).status).toBe(404);
    expect((await ask('GET', `/v1/responses/${id}`, { key, tags: 'vip' })).status).toBe(200);
  });
});

describe('raw ids of upstreams', () => {
  test.each(EVERY_WAY)('%s %s: a 404 that says why', async (method, part) => {
    const { status, told } = await ask(method, `/v1/responses/resp_68b1c2${part}`);
    expect(status).toBe(404);
    expect(told.error).toMatchObject({ code: 'response_not_found', param: 'response_id' });
    expect(told.error?.message).toContain('not made through this gateway');
    expect(upstream.started).toBe(0);
  });
});

describe('other processes', () => {
  const other = async (general: object, options: HarnessOptions = {}): Promise<Harness> =>
    startHarness(config(general), options);
  const statusAt = async (harness: Harness, id: string): Promise<number> =>
    (await harness.get(`/v1/responses/${id}`)).status;

  test("with the same master key know each other's ids, with another they do not", async () => {
    const { id } = await make();
    await using same = await other({});
    expect(await statusAt(same, id)).toBe(200);
    await using changed = await other({ master_key: 'sk-another-master-key-0123' });
    expect(await statusAt(changed, id)).toBe(404);
  });

  test('a salt key outlives the master key', async () => {
    const env = { LITELLM_SALT_KEY: 'a salt key of some length' };
    await using first = await other({}, { env });
    await using second = await other({ master_key: 'sk-another-master-key-0123' }, { env });
    const answer = await first.post('/v1/responses', { model: 'g', input: 'Hi' });
    const { id } = (await answer.json()) as Told;
    expect(await statusAt(second, id)).toBe(200);
    expect(await statusAt(gateway, id)).toBe(404);
  });

  test('without a secret ids hold for the life of the process', async () => {
    await using first = await other({}, { keepMasterKey: true });
    await using second = await other({}, { keepMasterKey: true });
    const answer = await first.post('/v1/responses', { model: 'g', input: 'Hi' });
    const { id } = (await answer.json()) as Told;
    expect(await statusAt(first, id)).toBe(200);
    expect(await statusAt(second, id)).toBe(404);
  });

  test('a deployment that is gone', async () => {
    const { id } = await make({ model: 'other' });
    const { model_list, ...rest } = config() as { model_list: { model_name: string }[] };
    await using less = await startHarness({ ...rest, model_list: model_list.filter((one) => one.model_name === 'g') });
    const answer = await less.get(`/v1/responses/${id}`);
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ error: { code: 'response_not_found' } });
  });
});
