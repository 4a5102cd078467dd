import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { eventually, startClientStage, type ClientStage } from '../../support/client-stage.ts';
import { MASTER_KEY } from '../../support/harness.ts';

let stage: ClientStage;
let client: OpenAI;

beforeAll(async () => {
  stage = await startClientStage();
  client = new OpenAI({ apiKey: MASTER_KEY, baseURL: stage.baseURL, maxRetries: 0 });
});

afterAll(async () => {
  await stage[Symbol.asyncDispose]();
});

type ChatParams = OpenAI.ChatCompletionCreateParamsNonStreaming;
const ASK: ChatParams = { model: 'gpt-4', messages: [{ role: 'user', content: 'Hello' }] };
/** A field that OpenAI's types do not know: JavaScript users add it as it is. */
const tagged = (...tags: string[]): ChatParams => ({ ...ASK, tags }) as ChatParams;
const WEATHER: OpenAI.ChatCompletionTool = {
  type: 'function',
  function: {
    name: 'get_weather',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
};

async function failureOf(call: Promise<unknown>): Promise<InstanceType<typeof OpenAI.APIError>> {
  const error: unknown = await call.then(
    () => new Error('The call did not fail.'),
    (thrown: unknown) => thrown,
  );
  if (error instanceof OpenAI.APIError) return error;
  throw error;
}

describe('chat', () => {
  test.each([
    ['free', tagged('free'), {}],
    ['paid', tagged('paid'), {}],
    ['default', ASK, {}],
    ['free', ASK, { 'x-litellm-tags': 'free,my-custom-tag' }],
    ['paid', { ...ASK, metadata: { tags: ['paid'] } } as unknown as ChatParams, {}],
  ])('is routed to %s', async (upstream, params, headers) => {
    const { data, response } = await client.chat.completions.create(params, { headers }).withResponse();
    expect(data.choices[0]?.message).toMatchObject({
      role: 'assistant',
      content: expect.stringContaining(`Hello from ${upstream}.`),
    });
    expect(data.usage?.total_tokens).toBeGreaterThan(0);
    expect(response.headers.get('x-litellm-model-id')).toBe(`gpt-4-${upstream}`);
  });

  test('a tool is called, and its result is answered', async () => {
    const first = await client.chat.completions.create({ ...ASK, tools: [WEATHER] });
    const [choice] = first.choices;
    const [call] = choice?.message.tool_calls ?? [];
    if (choice === undefined || call?.type !== 'function') throw new Error('No tool was called.');
    expect(choice.finish_reason).toBe('tool_calls');
    expect(call.function.name).toBe('get_weather');
    expect(JSON.parse(call.function.arguments)).toHaveProperty('city');
    const second = await client.chat.completions.create({
      ...ASK,
      tools: [WEATHER],
      messages: [...ASK.messages, choice.message, { role: 'tool', tool_call_id: call.id, content: 'sunny' }],
    });
    expect(second.choices[0]?.finish_reason).toBe('stop');
  });
});

describe('streaming', () => {
  test('chunks add up to the answer, the last one tells the usage', async () => {
    const stream = await client.chat.completions.create({
      ...ASK,
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = '';
    const finishes: unknown[] = [];
    let usage: OpenAI.CompletionUsage | null | undefined;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
      if (chunk.choices[0]?.finish_reason) finishes.push(chunk.choices[0].finish_reason);
      usage = chunk.usage;
    }
    expect(text).toMatch(/^Hello from default\./);
    expect(finishes).toEqual(['stop']);
    expect(usage?.completion_tokens).toBe(12);
  });

  test("the client's own stream helper gathers a tool call", async () => {
    const stream = client.chat.completions.stream({ model: ASK.model, messages: ASK.messages, tools: [WEATHER] });
    const final = await stream.finalChatCompletion();
    expect(final.choices[0]?.message.tool_calls?.[0]).toMatchObject({ function: { name: 'get_weather' } });
  });

  test('a stream that breaks off is an error for the client, never an end', async () => {
    const stream = await client.chat.completions.create({ ...ASK, model: 'cut', stream: true });
    const read = async (): Promise<void> => {
      for await (const chunk of stream) expect(chunk.object).toBe('chat.completion.chunk');
    };
    await expect(read()).rejects.toBeInstanceOf(OpenAI.APIError);
  });

  test('a client that leaves ends the exchange with the upstream', async () => {
    const before = stage.slow.stats().abandoned;
    const stream = await client.chat.completions.create({ ...ASK, model: 'slow', stream: true });
    for await (const chunk of stream) {
      if (chunk.choices.length > 0) break;
    }
    await eventually(() => stage.slow.stats().abandoned === before + 1);
  });
});

test('a call that is aborted before its answer ends the exchange with the upstream', async () => {
  const before = stage.slow.stats();
  const abort = new AbortController();
  const call = client.chat.completions.create({ ...ASK, model: 'slow' }, { signal: abort.signal });
  await eventually(() => stage.slow.stats().modelCalls > before.modelCalls);
  abort.abort();
  await expect(call).rejects.toBeInstanceOf(OpenAI.APIUserAbortError);
  await eventually(() => stage.slow.stats().abandoned === before.abandoned + 1);
});

test.each([
  ['the default encoding', {}],
  ['float', { encoding_format: 'float' as const }],
])('embeddings in %s', async (_, more) => {
  const { data, usage } = await client.embeddings.create({ model: 'embed', input: ['a', 'b'], dimensions: 8, ...more });
  expect(data.map(({ embedding }) => embedding.length)).toEqual([8, 8]);
  expect(data[0]?.embedding[0]).toBeTypeOf('number');
  expect(usage.total_tokens).toBeGreaterThan(0);
});

test('completions', async () => {
  const { choices } = await client.completions.create({ model: 'gpt-4', prompt: 'Once' });
  expect(choices[0]?.text).toContain('Hello from default.');
});

test('models', async () => {
  const ids: string[] = [];
  for await (const model of client.models.list()) ids.push(model.id);
  expect(ids).toEqual(['gpt-4', 'tagged-only', 'embed', 'slow', 'limited', 'broken', 'cut']);
  expect(await client.models.retrieve('gpt-4')).toMatchObject({ id: 'gpt-4', object: 'model' });
});

describe('errors are the classes that the client has for them', () => {
  test.each([
    ['an unknown group', { ...ASK, model: 'gpt-44' }, OpenAI.NotFoundError, 404, 'model_not_found'],
    [
      'tags that match nothing',
      { ...tagged('nobody'), model: 'tagged-only' },
      OpenAI.BadRequestError,
      400,
      'no_deployment_for_tags',
    ],
    ['a tag of a wrong shape', tagged(''), OpenAI.BadRequestError, 400, 'invalid_tags'],
    [
      'a field that callers may not set',
      { ...ASK, api_base: 'http://x' } as ChatParams,
      OpenAI.BadRequestError,
      400,
      'forbidden_field',
    ],
    ['a missing field', { model: 'gpt-4' } as ChatParams, OpenAI.BadRequestError, 400, 'missing_field'],
    ["the upstream's own 429", { ...ASK, model: 'limited' }, OpenAI.RateLimitError, 429, 'rate_limit_exceeded'],
  ])('%s', async (_, params, kind, status, code) => {
    const error = await failureOf(client.chat.completions.create(params));
    expect(error).toBeInstanceOf(kind);
    expect(error).toMatchObject({ status, code });
    expect(error.headers?.get('x-litellm-call-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('a wrong key', async () => {
    const stranger = new OpenAI({ apiKey: 'sk-of-nobody', baseURL: stage.baseURL, maxRetries: 0 });
    const error = await failureOf(stranger.chat.completions.create(ASK));
    expect(error).toBeInstanceOf(OpenAI.AuthenticationError);
    expect(error.message).not.toContain('sk-of-nobody');
  });

  test("the upstream's own 429 is retried by the client as often as it was told to", async () => {
    const patient = new OpenAI({ apiKey: MASTER_KEY, baseURL: stage.baseURL, maxRetries: 1 });
    const before = stage.gateway.calls.length;
    const error = await failureOf(patient.chat.completions.create({ ...ASK, model: 'limited' }));
    expect(error.status).toBe(429);
    expect(stage.gateway.calls.length - before).toBe(2);
  });

  test("the upstream's own 500", async () => {
    const error = await failureOf(client.chat.completions.create({ ...ASK, model: 'broken' }));
    expect(error).toBeInstanceOf(OpenAI.InternalServerError);
  });
});
