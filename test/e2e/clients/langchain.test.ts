import { HumanMessage } from '@langchain/core/messages';
import { tool } from '@langchain/core/tools';
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';

import { startClientStage, type ClientStage } from '../../support/client-stage.ts';
import { MASTER_KEY } from '../../support/harness.ts';

let stage: ClientStage;

beforeAll(async () => {
  stage = await startClientStage();
});

afterAll(async () => {
  await stage[Symbol.asyncDispose]();
});

function chat(model: string, tags: readonly string[] = []): ChatOpenAI {
  return new ChatOpenAI({
    model,
    apiKey: MASTER_KEY,
    maxRetries: 0,
    configuration: { baseURL: stage.baseURL },
    ...(tags.length > 0 ? { modelKwargs: { tags: [...tags] } } : {}),
  });
}

const QUESTION = [new HumanMessage('Hello')];

test.each([
  ['free', ['free']],
  ['paid', ['paid']],
  ['default', []],
])('invoke is routed to %s', async (upstream, tags) => {
  const message = await chat('gpt-4', tags).invoke(QUESTION);
  expect(message.text).toContain(`Hello from ${upstream}.`);
  expect(message.usage_metadata).toMatchObject({ output_tokens: 12 });
});

test('stream gives pieces that add up', async () => {
  let text = '';
  let pieces = 0;
  for await (const chunk of await chat('gpt-4', ['free']).stream(QUESTION)) {
    text += chunk.text;
    pieces += 1;
  }
  expect(text).toContain('Hello from free.');
  expect(pieces).toBeGreaterThan(3);
});

test('a bound tool is called', async () => {
  const weather = tool(async ({ city }) => `sunny in ${city}`, {
    name: 'get_weather',
    description: 'The weather of a city.',
    schema: z.object({ city: z.string() }),
  });
  const message = await chat('gpt-4').bindTools([weather]).invoke(QUESTION);
  expect(message.tool_calls).toMatchObject([{ name: 'get_weather', args: { city: expect.any(String) as string } }]);
});

test('embeddings', async () => {
  const embeddings = new OpenAIEmbeddings({
    model: 'embed',
    apiKey: MASTER_KEY,
    dimensions: 8,
    configuration: { baseURL: stage.baseURL },
  });
  const vectors = await embeddings.embedDocuments(['a', 'b']);
  expect(vectors.map((vector) => vector.length)).toEqual([8, 8]);
});

test.each([
  ['model_not_found', 404, 'gpt-44', []],
  ['no_deployment_for_tags', 400, 'tagged-only', ['nobody']],
])('%s reaches the caller with its status', async (code, status, group, tags) => {
  await expect(chat(group, tags).invoke(QUESTION)).rejects.toMatchObject({ status, code });
});

test('a stream that breaks off is an error', async () => {
  const read = async (): Promise<void> => {
    for await (const chunk of await chat('cut').stream(QUESTION)) expect(chunk).toBeDefined();
  };
  await expect(read()).rejects.toThrow();
});
