import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSimulator, type Simulator } from './simulator.ts';

let simulator: Simulator;
let openai: OpenAI;
beforeAll(async () => {
  simulator = await startSimulator({ name: 'paid', models: ['gpt-4', 'org/small'] });
  openai = new OpenAI({ apiKey: 'none', baseURL: `${simulator.url}/v1`, maxRetries: 0 });
});
afterAll(async () => simulator.close());

const messages = [{ role: 'user' as const, content: 'What is the weather in Bern?' }];
const tools = [
  {
    type: 'function' as const,
    function: {
      name: 'get_weather',
      parameters: {
        type: 'object',
        properties: {
          city: { type: 'string' },
          unit: { enum: ['c', 'f'] },
          days: { type: 'integer' },
          note: { type: 'string' },
        },
        required: ['city', 'unit', 'days'],
      },
    },
  },
  { type: 'function' as const, function: { name: 'other', parameters: {} } },
];

describe('chat', () => {
  test('answers with its name and usage', async () => {
    const answer = await openai.chat.completions.create({ model: 'gpt-4', messages });
    expect(answer.choices[0]?.message.content).toMatch(/^Hello from paid\. /);
    expect(answer).toMatchObject({ model: 'gpt-4', system_fingerprint: 'paid', usage: { completion_tokens: 24 } });
  });

  test('max_tokens and n', async () => {
    const answer = await openai.chat.completions.create({ model: 'gpt-4', messages, max_tokens: 3, n: 2, stop: ['x'] });
    expect(answer.choices.map((choice) => [choice.index, choice.message.content, choice.finish_reason])).toEqual([
      [0, 'Hello from paid.', 'length'],
      [1, 'Hello from paid.', 'length'],
    ]);
    expect(answer.usage?.completion_tokens).toBe(6);
  });

  test('response_format gets JSON', async () => {
    const answer = await openai.chat.completions.create({
      model: 'gpt-4',
      messages,
      response_format: { type: 'json_object' },
    });
    expect(JSON.parse(answer.choices[0]?.message.content ?? '')).toEqual({
      answer: expect.stringMatching(/^Hello from paid\./),
    });
  });

  test('streams, with usage where asked', async () => {
    const stream = await openai.chat.completions.create({
      model: 'gpt-4',
      messages,
      stream: true,
      stream_options: { include_usage: true },
    });
    const usages: unknown[] = [];
    let said = '';
    for await (const event of stream) {
      usages.push(event.usage);
      said += event.choices[0]?.delta.content ?? '';
    }
    expect(said).toMatch(/^Hello from paid\. /);
    expect(usages.slice(0, -1)).toEqual(usages.slice(0, -1).map(() => null));
    expect(usages.at(-1)).toMatchObject({ completion_tokens: 24 });
  });
});

describe('tools', () => {
  const expected = { city: 'What is the weather in Bern?', unit: 'c', days: 1 };

  test('calls the first function with what its schema requires', async () => {
    const answer = await openai.chat.completions.create({ model: 'gpt-4', messages, tools });
    const [call] = answer.choices[0]?.message.tool_calls ?? [];
    expect(answer.choices[0]).toMatchObject({ finish_reason: 'tool_calls', message: { content: null } });
    expect(call).toMatchObject({ type: 'function', function: { name: 'get_weather' } });
    expect(call?.type === 'function' && JSON.parse(call.function.arguments)).toEqual(expected);
  });

  test('calls the function that tool_choice names', async () => {
    const chosen = { type: 'function' as const, function: { name: 'other' } };
    const answer = await openai.chat.completions.create({ model: 'gpt-4', messages, tools, tool_choice: chosen });
    expect(answer.choices[0]?.message.tool_calls).toMatchObject([{ function: { name: 'other', arguments: '{}' } }]);
  });

  test('says something after a tool has answered, and where tools are off', async () => {
    const result = [...messages, { role: 'tool' as const, tool_call_id: 'call_1', content: 'sunny' }];
    const after = await openai.chat.completions.create({ model: 'gpt-4', messages: result, tools });
    const off = await openai.chat.completions.create({ model: 'gpt-4', messages, tools, tool_choice: 'none' });
    expect([after.choices[0]?.finish_reason, off.choices[0]?.finish_reason]).toEqual(['stop', 'stop']);
  });

  test('streams the arguments in pieces that the client puts together', async () => {
    const runner = openai.chat.completions.stream({ model: 'gpt-4', messages, tools });
    const final = await runner.finalChatCompletion();
    const [call] = final.choices[0]?.message.tool_calls ?? [];
    expect(call?.type === 'function' && JSON.parse(call.function.arguments)).toEqual(expected);
  });
});

describe('the other endpoints', () => {
  test('completions, one choice for each prompt', async () => {
    const answer = await openai.completions.create({ model: 'gpt-4', prompt: ['a', 'b'], max_tokens: 3 });
    expect(answer).toMatchObject({ object: 'text_completion', usage: { completion_tokens: 6 } });
    expect(answer.choices.map((choice) => choice.text)).toEqual(['Hello from paid.', 'Hello from paid.']);
  });

  test('completions as a stream', async () => {
    const stream = await openai.completions.create({ model: 'gpt-4', prompt: 'a', max_tokens: 3, stream: true });
    const parts: unknown[] = [];
    for await (const event of stream) parts.push([event.choices[0]?.text, event.choices[0]?.finish_reason]);
    expect(parts).toEqual([
      ['Hello', null],
      [' from', null],
      [' paid.', 'length'],
    ]);
  });

  test('embeddings: unit vectors, equal for equal texts, the same in both encodings', async () => {
    const input = ['one', 'two', 'one'];
    const packed = await openai.embeddings.create({ model: 'e', input });
    const plain = await openai.embeddings.create({ model: 'e', input, encoding_format: 'float' });
    const [one = [], two = [], again = []] = packed.data.map((entry) => entry.embedding);
    expect([one.length, again]).toEqual([1536, one]);
    expect(two).not.toEqual(one);
    expect(plain.data.map((entry) => entry.embedding)).toEqual([one, two, again]);
    expect(Math.hypot(...one)).toBeCloseTo(1, 4);
    const short = await openai.embeddings.create({ model: 'e', input: [1, 2, 3], dimensions: 8 });
    expect(short.data.map((entry) => entry.embedding.length)).toEqual([8]);
  });

  test('models', async () => {
    const listed = await openai.models.list();
    expect(listed.data.map((model) => model.id)).toEqual(['gpt-4', 'org/small']);
    expect(await openai.models.retrieve('org/small')).toMatchObject({ id: 'org/small', owned_by: 'paid' });
  });
});

test.each([
  [401, OpenAI.AuthenticationError, 'invalid_api_key'],
  [404, OpenAI.NotFoundError, 'model_not_found'],
  [429, OpenAI.RateLimitError, 'rate_limit_exceeded'],
  [500, OpenAI.InternalServerError, null],
])('status %i is the error that the client knows', async (status, kind, code) => {
  const failing = await startSimulator({ errors: new Map([[status, 1]]) });
  const client = new OpenAI({ apiKey: 'none', baseURL: `${failing.url}/v1`, maxRetries: 0 });
  const failed = await client.chat.completions.create({ model: 'm', messages }).catch((error: unknown) => error);
  await failing.close();
  expect(failed).toBeInstanceOf(kind);
  expect(failed).toMatchObject({ status, code });
});
