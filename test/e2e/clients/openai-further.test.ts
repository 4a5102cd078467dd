// The official client on everything that is no chat: responses and what is asked of them later, moderations, images, speech.
import OpenAI, { AzureOpenAI } from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startClientStage, type ClientStage } from '../../support/client-stage.ts';
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

type ResponseParams = OpenAI.Responses.ResponseCreateParamsNonStreaming;
const ASK: ResponseParams = { model: 'gpt-4', input: 'Hello' };
const HELLO = /^Hello from (free|paid|default)\./;

describe('responses', () => {
  test.each([
    ['free', { ...ASK, tags: ['free'] } as ResponseParams, {}],
    ['paid', ASK, { 'x-litellm-tags': 'paid' }],
    ['default', ASK, {}],
  ])('are routed to %s, and found again by their id', async (upstream, params, headers) => {
    const { data, response } = await client.responses.create(params, { headers }).withResponse();
    expect(data.output_text).toContain(`Hello from ${upstream}.`);
    expect(data.usage?.output_tokens).toBe(12);
    expect(response.headers.get('x-litellm-model-id')).toBe(`gpt-4-${upstream}`);
    const again = await client.responses.retrieve(data.id);
    expect(again).toMatchObject({ id: data.id, output_text: data.output_text });
    const items = await client.responses.inputItems.list(data.id);
    expect(items.data).toMatchObject([{ type: 'message', role: 'user' }]);
    await client.responses.delete(data.id);
    await expect(client.responses.retrieve(data.id)).rejects.toBeInstanceOf(OpenAI.NotFoundError);
  });

  test('go on where they were made', async () => {
    const first = await client.responses.create({ ...ASK, tags: ['paid'] } as ResponseParams);
    for (let count = 0; count < 4; count += 1) {
      const next = await client.responses.create({ ...ASK, previous_response_id: first.id });
      expect(next.output_text).toContain('Hello from paid.');
      expect(next.previous_response_id).toBe(first.id);
    }
  });

  test('stream', async () => {
    const stream = await client.responses.create({ ...ASK, stream: true });
    let text = '';
    const ids = new Set<string>();
    let last = '';
    for await (const event of stream) {
      if (event.type === 'response.output_text.delta') text += event.delta;
      if ('response' in event) ids.add(event.response.id);
      last = event.type;
    }
    expect(text).toMatch(HELLO);
    expect(last).toBe('response.completed');
    expect(ids.size).toBe(1);
    const [id = ''] = ids;
    expect((await client.responses.retrieve(id)).output_text).toBe(text);
    const again = await client.responses.retrieve(id, { stream: true, starting_after: 3 });
    const numbers: number[] = [];
    for await (const event of again) numbers.push(event.sequence_number);
    expect(numbers[0]).toBe(4);
  });

  test("the client's own helper gathers a stream", async () => {
    const final = await client.responses.stream({ model: 'gpt-4', input: 'Hello' }).finalResponse();
    expect(final.output_text).toMatch(HELLO);
    expect(final.id).toMatch(/^resp_w1_/);
  });

  test('a stream that breaks off is an error for the client, never an end', async () => {
    const stream = await client.responses.create({ ...ASK, model: 'cut', stream: true });
    const read = async (): Promise<void> => {
      for await (const event of stream) expect(event.type).not.toBe('response.completed');
    };
    await expect(read()).rejects.toMatchObject({ code: 'upstream_failed' });
  });

  test('in the background: polled, cancelled', async () => {
    const made = await client.responses.create({ ...ASK, background: true });
    expect(made.status).toBe('queued');
    expect((await client.responses.retrieve(made.id)).status).toBe('completed');
    expect((await client.responses.cancel(made.id)).status).toBe('cancelled');
  });

  test('an id of somewhere else is the error that the client has for it', async () => {
    const error: unknown = await client.responses.retrieve('resp_68b1c2').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OpenAI.NotFoundError);
    expect(error).toMatchObject({ code: 'response_not_found', param: 'response_id' });
  });

  test.each(['2025-04-01-preview', 'preview'])('by the client for Azure, version %s', async (apiVersion) => {
    const baseURL = apiVersion === 'preview' ? `${stage.gateway.url}/openai/v1` : `${stage.gateway.url}/openai`;
    const azure = new AzureOpenAI({ apiKey: MASTER_KEY, baseURL, apiVersion, maxRetries: 0 });
    const made = await azure.responses.create(ASK);
    expect((await azure.responses.retrieve(made.id)).output_text).toMatch(HELLO);
  });
});

test('moderations', async () => {
  const { results } = await client.moderations.create({ model: 'gpt-4', input: ['I kill you', 'hi'] });
  expect(results.map(({ flagged }) => flagged)).toEqual([true, false]);
});

describe('images', () => {
  test.each([
    ['base64', {}, 'b64_json'],
    ['addresses', { response_format: 'url' as const }, 'url'],
  ] as const)('as %s', async (_name, more, field) => {
    const made = await client.images.generate({ model: 'gpt-4', prompt: 'A cat', n: 2, ...more });
    expect(made.data?.map((image) => typeof image[field])).toEqual(['string', 'string']);
  });

  test('streamed', async () => {
    const stream = await client.images.generate({ model: 'gpt-4', prompt: 'A cat', stream: true, partial_images: 1 });
    const types: string[] = [];
    for await (const event of stream) types.push(event.type);
    expect(types).toEqual(['image_generation.partial_image', 'image_generation.completed']);
  });
});

test('speech, as bytes and as events', async () => {
  const ask = { model: 'gpt-4', voice: 'alloy', input: 'Hello there' };
  const sound = await client.audio.speech.create(ask);
  expect(sound.headers.get('content-type')).toBe('audio/mpeg');
  const bytes = Buffer.from(await sound.arrayBuffer());
  expect(bytes).toHaveLength(11 * 128);
  const text = await (await client.audio.speech.create({ ...ask, stream_format: 'sse' })).text();
  const audio = [...text.matchAll(/"audio":"([^"]+)"/g)].map(([, piece = '']) => Buffer.from(piece, 'base64'));
  expect(Buffer.concat(audio).equals(bytes)).toBe(true);
  expect(text).toContain('event: speech.audio.done');
});

test.each([
  ['responses', () => client.responses.create({ ...ASK, model: 'limited' }), OpenAI.RateLimitError],
  ['moderations', () => client.moderations.create({ model: 'broken', input: 'x' }), OpenAI.InternalServerError],
  ['images', () => client.images.generate({ model: 'gpt-44', prompt: 'x' }), OpenAI.NotFoundError],
  ['speech', () => client.audio.speech.create({ model: 'limited', voice: 'alloy', input: 'x' }), OpenAI.RateLimitError],
])('errors of %s are the classes that the client has for them', async (_name, call, kind) => {
  await expect(call()).rejects.toBeInstanceOf(kind);
});
