import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { APICallError, embedMany, generateText, jsonSchema, streamText, tool, type LanguageModel } from 'ai';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { eventually, startClientStage, type ClientStage } from '../../support/client-stage.ts';
import { MASTER_KEY } from '../../support/harness.ts';

let stage: ClientStage;

beforeAll(async () => {
  stage = await startClientStage();
});

afterAll(async () => {
  await stage[Symbol.asyncDispose]();
});

function provider(headers: Record<string, string> = {}) {
  return createOpenAICompatible({
    name: 'waymark',
    apiKey: MASTER_KEY,
    baseURL: stage.baseURL,
    headers,
    includeUsage: true,
  });
}

const model = (group: string, headers?: Record<string, string>): LanguageModel => provider(headers).chatModel(group);
const prompt = 'Hello';

const weather = tool({
  description: 'The weather of a city.',
  inputSchema: jsonSchema<{ city: string }>({
    type: 'object',
    properties: { city: { type: 'string' } },
    required: ['city'],
  }),
  execute: async ({ city }) => `sunny in ${city}`,
});

test.each([
  ['free', { 'x-litellm-tags': 'free' }],
  ['paid', { 'x-litellm-tags': 'paid' }],
  ['default', {}],
])('generateText is routed to %s', async (upstream, headers) => {
  const { text, usage, finishReason } = await generateText({ model: model('gpt-4', headers), prompt });
  expect(text).toContain(`Hello from ${upstream}.`);
  expect(finishReason).toBe('stop');
  expect(usage.outputTokens).toBe(12);
});

test('tags in the body, as provider options', async () => {
  const { text } = await generateText({
    model: model('gpt-4'),
    prompt,
    providerOptions: { waymark: { tags: ['paid'] } },
  });
  expect(text).toContain('Hello from paid.');
});

test('streamText gives the text and the usage', async () => {
  const result = streamText({ model: model('gpt-4'), prompt });
  let text = '';
  for await (const part of result.textStream) text += part;
  expect(text).toContain('Hello from default.');
  expect((await result.usage).outputTokens).toBe(12);
});

test('a tool is called', async () => {
  const { toolCalls, toolResults } = await generateText({ model: model('gpt-4'), prompt, tools: { weather } });
  expect(toolCalls).toMatchObject([{ toolName: 'weather' }]);
  expect(toolResults).toMatchObject([{ output: expect.stringMatching(/^sunny in /) as string }]);
});

test('embedMany', async () => {
  const { embeddings } = await embedMany({ model: provider().embeddingModel('embed'), values: ['a', 'b'] });
  expect(embeddings.map((embedding) => embedding.length)).toEqual([1536, 1536]);
});

test.each([
  ['model_not_found', 404, 'gpt-44', {}],
  ['no_deployment_for_tags', 400, 'tagged-only', { 'x-litellm-tags': 'nobody' }],
])('%s is an APICallError with the status and our words', async (code, statusCode, group, headers) => {
  const call = generateText({ model: model(group, headers), prompt, maxRetries: 0 });
  const error: unknown = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!APICallError.isInstance(error)) throw error;
  expect(error.statusCode).toBe(statusCode);
  expect(error.isRetryable).toBe(false);
  expect(JSON.parse(error.responseBody ?? '')).toMatchObject({ error: { code } });
});

test('a stream that breaks off is an error part', async () => {
  const errors: unknown[] = [];
  const result = streamText({
    model: model('cut'),
    prompt,
    maxRetries: 0,
    onError: ({ error }) => void errors.push(error),
  });
  await result.consumeStream();
  expect(errors.length).toBeGreaterThan(0);
});

test('an aborted stream ends the exchange with the upstream', async () => {
  const before = stage.slow.stats().abandoned;
  const abort = new AbortController();
  const result = streamText({ model: model('slow'), prompt, abortSignal: abort.signal });
  for await (const part of result.textStream) {
    if (part !== '') abort.abort();
  }
  await eventually(() => stage.slow.stats().abandoned === before + 1);
});
