import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { startFakeUpstream, type FakeUpstream } from '../support/fake-upstream.ts';
import { field, file, FORM_TYPE, formBytes, readForm } from '../support/forms.ts';
import { startHarness, type Harness } from '../support/harness.ts';

let upstream: FakeUpstream;
let gateway: Harness;
/** The same deployments under `litellm_settings.drop_params`. */
let dropping: Harness;

beforeAll(async () => {
  upstream = await startFakeUpstream();
  const deployment = (group: string, params: Record<string, unknown>): object => ({
    model_name: group,
    litellm_params: { api_key: 'sk-upstream-secret', api_base: `${upstream.url}/v1`, ...params },
  });
  const model_list = [
    deployment('plain', { model: 'openai/m' }),
    deployment('groq', { model: 'groq/m' }),
    deployment('groq-drops', { model: 'groq/m', drop_params: true }),
    deployment('groq-allows', { model: 'groq/m', allowed_openai_params: ['logit_bias'] }),
    deployment('groq-defaults', { model: 'groq/m', logit_bias: { 1: 2 } }),
    deployment('mistral', { model: 'mistral/m' }),
    deployment('mistral-defaults', { model: 'mistral/m', max_completion_tokens: 7, seed: 1, user: 'owner' }),
    deployment('less', {
      model: 'openai/m',
      temperature: 0.5,
      additional_drop_params: [
        'temperature',
        'logit_bias',
        'metadata.user',
        'tools[*].function.strict',
        'messages',
        'messages[0].name',
        'model',
        'stream',
      ],
    }),
    deployment('sound', { model: 'openai/whisper', additional_drop_params: ['prompt'], language: 'en' }),
  ];
  gateway = await startHarness({ model_list });
  dropping = await startHarness({ model_list, litellm_settings: { drop_params: true } });
});

beforeEach(() => upstream.reset());

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await dropping[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

const START = '{"model":"';
const MESSAGES = '"messages":[{"role":"user","content":"hi","name":"n"}]';

/** Sends a body of this text behind the group's name and before the messages; answers what the upstream got, to the byte. */
async function sent(group: string, text: string, from: Harness = gateway): Promise<string> {
  const answer = await from.post('/v1/chat/completions', `${START}${group}",${text},${MESSAGES}}`);
  expect([answer.status, await answer.text()]).toEqual([200, expect.anything()]);
  return upstream.requests.at(-1)?.body.toString() ?? '';
}

async function refused(group: string, text: string, from: Harness = gateway): Promise<Record<string, unknown>> {
  const answer = await from.post('/v1/chat/completions', `${START}${group}",${text},${MESSAGES}}`);
  expect(answer.status).toBe(400);
  expect(upstream.requests).toEqual([]);
  return ((await answer.json()) as { error: Record<string, unknown> }).error;
}

const upstreamGets = (text: string): string => `{"model":"m",${text}${text === '' ? '' : ','}${MESSAGES}}`;

describe('a parameter that the provider does not support', () => {
  test('is refused: which, where, and what to do', async () => {
    const error = await refused('groq', '"logit_bias":{"5":1},"top_logprobs":2');
    expect(error).toMatchObject({ code: 'unsupported_parameter', type: 'invalid_request_error', param: 'logit_bias' });
    expect(error['message']).toMatch(/groq.*chat.*logit_bias, top_logprobs.*drop_params: true.*allowed_openai_params/);
  });

  test.each<[string, string, string, string]>([
    ['passes where its value asks for nothing', 'groq', '"n" : 1,"logprobs":false', '"n" : 1,"logprobs":false'],
    ['is left out where it is null', 'groq', '"logit_bias":null,"seed":1', '"seed":1'],
    ['is left out where its deployment says so', 'groq-drops', '"logit_bias":{},"seed" : 1.0', '"seed" : 1.0'],
    ['is left out where the caller says so', 'groq', '"logit_bias":{},"drop_params":true', ''],
    ['is left out whatever its value, then', 'groq', '"drop_params":true,"n":1,"seed":2', '"seed":2'],
    ['is sent where its deployment allows it', 'groq-allows', '"logit_bias":{"5": 1}', '"logit_bias":{"5": 1}'],
    ['is sent where the caller allows it', 'groq', '"allowed_openai_params":["n"],"n":2', '"n":2'],
    ['is sent where the provider has it', 'plain', '"logit_bias":{"5": 1},"n":2', '"logit_bias":{"5": 1},"n":2'],
    ['is left out without a word where nothing depends on it', 'mistral', '"user":"u","stop":"x"', '"stop":"x"'],
  ])('%s', async (_name, group, text, expected) => {
    expect(await sent(group, text)).toBe(upstreamGets(expected));
  });

  test('is left out where the config says so, whatever caller and deployment say', async () => {
    expect(await sent('groq', '"logit_bias":{},"drop_params":false', dropping)).toBe(upstreamGets(''));
  });

  test('is sent as a default of the deployment: who wrote the config meant it', async () => {
    expect(await sent('groq-defaults', '"seed":1')).toBe(`{"model":"m","seed":1,${MESSAGES},"logit_bias":{"1":2}}`);
    expect(await sent('groq-defaults', '"seed":1', dropping)).toBe(upstreamGets('"seed":1'));
  });
});

describe('a parameter that the provider knows by another name', () => {
  test.each<[string, string, string, string]>([
    [
      'is sent under it, its value to the byte',
      'mistral',
      '"max_completion_tokens" : 9007199254740993',
      ',"max_tokens":9007199254740993',
    ],
    ['takes the place of the older one', 'mistral', '"max_tokens":1,"max_completion_tokens":2', ''],
    ['is left out where it is null', 'mistral', '"max_completion_tokens":null', ''],
  ])('%s', async (_name, group, text, added) => {
    const body = await sent(group, text);
    expect(body).toBe(
      text.startsWith('"max_tokens"') ? upstreamGets('"max_tokens":2') : `{"model":"m",${MESSAGES}${added}}`,
    );
  });

  test('is renamed as a default too, and gives way to what the caller sends under either name', async () => {
    expect(JSON.parse(await sent('mistral-defaults', '"stop":"x"'))).toMatchObject({ max_tokens: 7, random_seed: 1 });
    expect(upstream.requests.at(-1)?.json()).not.toHaveProperty('user');
    expect(JSON.parse(await sent('mistral-defaults', '"max_completion_tokens":3'))).toMatchObject({ max_tokens: 3 });
    expect(JSON.parse(await sent('mistral-defaults', '"max_tokens":4,"seed":5'))).toMatchObject({
      max_tokens: 4,
      random_seed: 5,
    });
  });
});

describe('additional_drop_params', () => {
  test('of a deployment takes out what it lists, default parameters too, and nothing else', async () => {
    const kept = '"top_p" : 1.0,"seed":9007199254740993';
    expect(await sent('less', `"temperature":1,${kept},"logit_bias":{}`)).toBe(upstreamGets(kept));
  });

  test('of a deployment holds against what the caller allows', async () => {
    expect(await sent('less', '"logit_bias":{},"allowed_openai_params":["logit_bias"]')).toBe(upstreamGets(''));
  });

  test('takes out what lies deeper, and leaves big numbers as they are', async () => {
    const tools = (strict: string): string =>
      `"tools":[{"type":"function","function":{"name":"f"${strict},"parameters":{"maximum":12345678901234567890}}}]`;
    expect(await sent('less', `${tools(',"strict":true')},"seed" : 1`)).toBe(upstreamGets(`${tools('')},"seed" : 1`));
    // Nothing to take out: not a byte changes.
    expect(await sent('less', '"tools" : [ {} ]')).toBe(upstreamGets('"tools" : [ {} ]'));
  });

  test('takes out of the metadata that goes upstream', async () => {
    expect(await sent('less', '"metadata":{"user":"u","kept":"k"},"store":true')).toBe(
      upstreamGets('"metadata":{"kept":"k"},"store":true'),
    );
  });

  test('never takes out the model, the stream or the messages', async () => {
    expect(await sent('less', '"stream":false')).toBe(upstreamGets('"stream":false'));
  });

  test('of a caller takes out names that no config speaks of, and none of the deployment’s defaults', async () => {
    expect(
      await sent('plain', '"made-up_1":[1],"additional_drop_params":["made-up_1","extra.a"],"extra":{"a":1}'),
    ).toBe(upstreamGets('"extra":{}'));
    expect(
      JSON.parse(await sent('mistral-defaults', '"max_tokens":1,"additional_drop_params":["max_tokens"]')),
    ).toMatchObject({ max_tokens: 7 });
  });

  test.each<[string, string, string]>([
    ['additional_drop_params', '"additional_drop_params":"n"', 'invalid_field'],
    ['additional_drop_params', '"additional_drop_params":[1]', 'invalid_field'],
    ['additional_drop_params', '"additional_drop_params":["a..b"]', 'invalid_field'],
    [
      'additional_drop_params',
      `"additional_drop_params":${JSON.stringify(Array.from({ length: 65 }, () => 'a'))}`,
      'invalid_field',
    ],
    ['allowed_openai_params', '"allowed_openai_params":{}', 'invalid_field'],
    ['drop_params', '"drop_params":"yes"', 'invalid_field'],
    ['twice', '"twice":1,"additional_drop_params":["twice"],"twice":2', 'duplicate_field'],
  ])('of a caller is refused where it cannot be read: %s in %s', async (param, text, code) => {
    expect(await refused('plain', text)).toMatchObject({ code, param });
  });

  test('takes text fields out of forms, too', async () => {
    const parts = [field('model', 'sound'), field('prompt', 'p'), field('temperature', '0'), file('sound')];
    const answer = await gateway.post('/v1/audio/transcriptions', formBytes(...parts), {
      headers: { 'content-type': FORM_TYPE },
    });
    expect(answer.status).toBe(200);
    const [got] = upstream.requests;
    expect(got === undefined ? [] : (await readForm(got)).map(([name]) => name)).toEqual([
      'model',
      'temperature',
      'file',
      'language',
    ]);
  });
});
