// Stored keys and forms: what a key may not do is refused before a byte goes upstream, wherever the field stands that asks for it.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import type { AccountChange } from '../../src/accounts/contract.ts';
import { PrincipalCache } from '../../src/gateway/principal-cache.ts';
import { keyRecord, teamRecord } from '../support/account-records.ts';
import { eventually } from '../support/client-stage.ts';
import { answerJson, startFakeUpstream, type FakeUpstream } from '../support/fake-upstream.ts';
import { field, file, FORM_TYPE, formBytes, readForm, type FormPart } from '../support/forms.ts';
import { startHarness, type Harness } from '../support/harness.ts';
import { MemoryAccountStore } from '../support/memory-account-store.ts';

let upstream: FakeUpstream;
let gateway: Harness;
let principals: PrincipalCache;

const RECORDS: NonNullable<AccountChange['put']> = {
  teams: [teamRecord('a', { tags: ['teamA'] })],
  keys: [
    keyRecord('plain'),
    keyRecord('few', { models: ['plain'] }),
    keyRecord('alias', { aliases: { mine: 'plain' } }),
    keyRecord('fenced', { teamId: 'a' }),
    keyRecord('routes', { allowedRoutes: ['/v1/chat/completions'] }),
  ],
};

beforeAll(async () => {
  upstream = await startFakeUpstream(() => answerJson({ text: 'Hello' }));
  const store = new MemoryAccountStore();
  await store.apply({ put: RECORDS, audit: [] });
  principals = new PrincipalCache({ store, now: () => performance.now(), wallNow: () => Date.now() });
  const to = (id: string, tags: readonly string[] = []): object => ({
    model: `openai/${id}`,
    api_key: `sk-upstream-${id}`,
    api_base: upstream.url,
    tags,
  });
  gateway = await startHarness(
    {
      model_list: [
        { model_name: 'plain', litellm_params: to('plain'), model_info: { id: 'plain' } },
        { model_name: 'teams', litellm_params: to('a', ['teamA']), model_info: { id: 'a' } },
        { model_name: 'teams', litellm_params: to('b', ['teamB']), model_info: { id: 'b' } },
      ],
      router_settings: { enable_tag_filtering: true },
    },
    { principals },
  );
});
beforeEach(() => upstream.reset());
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  principals.close();
  await upstream[Symbol.asyncDispose]();
});

const post = (key: string, parts: readonly FormPart[]): Promise<Response> =>
  fetch(`${gateway.url}/v1/audio/transcriptions`, {
    method: 'POST',
    headers: { 'content-type': FORM_TYPE, authorization: `Bearer sk-${key}` },
    body: new Uint8Array(formBytes(...parts)),
  });

const LARGE = file(randomBytes(700_000));
const model = (name: string): FormPart => field('model', name);
/** The file in either place, small and large. */
const ways = (...fields: readonly FormPart[]): FormPart[][] => [
  [...fields, LARGE],
  [LARGE, ...fields],
  [...fields, file('small')],
];

describe('what a key may not do', () => {
  test.each([
    ['few', 'another model', [model('teams')], 403, 'model_not_permitted'],
    ['few', 'a model that is not there', [model('nope')], 403, 'model_not_permitted'],
    [
      'few',
      'another model to fall back on',
      [model('plain'), field('fallbacks', '["teams"]')],
      403,
      'model_not_permitted',
    ],
    [
      'few',
      'the same as a list of objects',
      [model('plain'), field('fallbacks', '[{"model":"teams"}]')],
      403,
      'model_not_permitted',
    ],
    [
      'few',
      'the same as a text',
      [model('plain'), field('context_window_fallbacks', 'teams')],
      403,
      'model_not_permitted',
    ],
    ['fenced', 'a tag beyond its fence', [model('teams'), field('tags', 'teamB')], 403, 'tag_not_permitted'],
    ['routes', 'another endpoint', [model('plain')], 403, 'route_not_permitted'],
    ['unknown', 'anything', [model('plain')], 401, 'invalid_api_key'],
  ] as const)('%s: %s', async (key, _, fields, status, code) => {
    for (const parts of ways(...fields)) {
      const answer = await post(key, parts);
      const { error } = (await answer.json()) as { error: { code: string } };
      expect([answer.status, error.code]).toEqual([status, code]);
    }
    expect(upstream.started).toBe(0);
  });

  test('it cannot be had behind a file that is on its way either', async () => {
    const answer = await post('few', [model('plain'), LARGE, field('fallbacks', '["teams"]')]);
    expect(answer.status).toBe(400);
    await eventually(() => upstream.openConnections === 0);
    expect(upstream.requests).toEqual([]);
  });
});

test('a fence leads, and tags behind the file cannot lead out of it', async () => {
  for (const parts of ways(model('teams'))) {
    const answer = await post('fenced', parts);
    expect([answer.status, answer.headers.get('x-litellm-model-id')]).toEqual([200, 'a']);
  }
  const answer = await post('fenced', [model('teams'), LARGE, field('metadata', '{"tags":["teamB"]}')]);
  expect(answer.status).toBe(403);
  expect(upstream.requests.map((request) => request.header('authorization'))).toEqual(
    ways().map(() => 'Bearer sk-upstream-a'),
  );
});

test("an alias of a key's own leads to its group", async () => {
  for (const parts of ways(model('mine'))) {
    expect((await post('alias', parts)).status).toBe(200);
    const sent = await readForm(upstream.requests.at(-1) as (typeof upstream.requests)[number]);
    expect(sent.find(([name]) => name === 'model')).toEqual(['model', 'plain']);
  }
});
