import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startSimulator, type Simulator } from './simulator.ts';

let simulator: Simulator;
let openai: OpenAI;

beforeAll(async () => {
  simulator = await startSimulator({ name: 'paid', answerTokens: { kind: 'fixed', value: 5 } });
  openai = new OpenAI({ apiKey: 'none', baseURL: `${simulator.url}/v1`, maxRetries: 0 });
});
afterAll(async () => simulator.close());

const TEXT = 'Hello from paid. This is';

describe('responses', () => {
  test('answers with its name and usage', async () => {
    const answer = await openai.responses.create({ model: 'gpt-5', input: 'Hi', metadata: { job: '7' } });
    expect(answer.output_text).toBe(TEXT);
    expect(answer).toMatchObject({ status: 'completed', model: 'gpt-5', metadata: { job: '7' } });
    expect(answer.usage).toMatchObject({ output_tokens: 5 });
  });

  test('streams every event in order, ending as it should', async () => {
    const stream = await openai.responses.create({ model: 'gpt-5', input: 'Hi', stream: true });
    const types: string[] = [];
    const numbers: number[] = [];
    let text = '';
    for await (const event of stream) {
      types.push(event.type);
      numbers.push(event.sequence_number);
      if (event.type === 'response.output_text.delta') text += event.delta;
      if (event.type === 'response.completed') expect(event.response.usage?.output_tokens).toBe(5);
    }
    expect(text).toBe(TEXT);
    expect(numbers).toEqual(numbers.map((_, index) => index));
    expect([...new Set(types)]).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ]);
  });

  test("the client's own helper gathers a stream", async () => {
    const final = await openai.responses.stream({ model: 'gpt-5', input: 'Hi' }).finalResponse();
    expect(final.output_text).toBe(TEXT);
  });

  test('max_output_tokens leaves it incomplete', async () => {
    const answer = await openai.responses.create({ model: 'gpt-5', input: 'Hi', max_output_tokens: 2 });
    expect(answer).toMatchObject({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } });
    expect(answer.output_text).toBe('Hello from');
  });

  test('is known by its id until it is deleted', async () => {
    const made = await openai.responses.create({ model: 'gpt-5', input: [{ role: 'user', content: 'Hi' }] });
    expect(await openai.responses.retrieve(made.id)).toMatchObject({ id: made.id, output_text: TEXT });
    const items = await openai.responses.inputItems.list(made.id, { order: 'asc' });
    expect(items.data).toMatchObject([{ role: 'user', content: [{ type: 'input_text', text: 'Hi' }] }]);
    const next = await openai.responses.create({ model: 'gpt-5', input: 'And?', previous_response_id: made.id });
    expect(next.previous_response_id).toBe(made.id);
    await openai.responses.delete(made.id);
    await expect(openai.responses.retrieve(made.id)).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    await expect(
      openai.responses.create({ model: 'gpt-5', input: 'And?', previous_response_id: made.id }),
    ).rejects.toBeInstanceOf(OpenAI.BadRequestError);
  });

  test('what is not to be stored is not', async () => {
    const made = await openai.responses.create({ model: 'gpt-5', input: 'Hi', store: false });
    await expect(openai.responses.retrieve(made.id)).rejects.toBeInstanceOf(OpenAI.NotFoundError);
  });

  test('in the background: queued, then there, or cancelled', async () => {
    const made = await openai.responses.create({ model: 'gpt-5', input: 'Hi', background: true });
    expect(made.status).toBe('queued');
    expect((await openai.responses.retrieve(made.id)).status).toBe('completed');
    expect((await openai.responses.cancel(made.id)).status).toBe('cancelled');
    expect((await openai.responses.retrieve(made.id)).status).toBe('cancelled');
    const other = await openai.responses.create({ model: 'gpt-5', input: 'Hi' });
    await expect(openai.responses.cancel(other.id)).rejects.toBeInstanceOf(OpenAI.BadRequestError);
  });

  test('the events of a stored one are told again, from where one left off', async () => {
    const made = await openai.responses.create({ model: 'gpt-5', input: 'Hi' });
    const stream = await openai.responses.retrieve(made.id, { stream: true, starting_after: 6 });
    const numbers: number[] = [];
    for await (const event of stream) numbers.push(event.sequence_number);
    expect(numbers).toEqual([7, 8, 9, 10, 11, 12]);
  });
});

test('moderations', async () => {
  const { results } = await openai.moderations.create({ model: 'omni-moderation-latest', input: ['I kill you', 'hi'] });
  expect(results.map(({ flagged, categories }) => [flagged, categories.violence])).toEqual([
    [true, true],
    [false, false],
  ]);
});

describe('images', () => {
  test('as base64 and as addresses', async () => {
    const made = await openai.images.generate({ model: 'gpt-image-1', prompt: 'A cat', n: 2 });
    expect(made.data).toHaveLength(2);
    expect(Buffer.from(made.data?.[0]?.b64_json ?? '', 'base64').toString('latin1', 1, 4)).toBe('PNG');
    expect(made.usage?.output_tokens).toBe(544);
    const urls = await openai.images.generate({ model: 'dall-e-3', prompt: 'A cat', response_format: 'url' });
    expect(urls.data?.[0]?.url).toMatch(/^https:/);
  });

  test('streamed', async () => {
    const stream = await openai.images.generate({ model: 'm', prompt: 'A cat', stream: true, partial_images: 2 });
    const types: string[] = [];
    for await (const event of stream) types.push(event.type);
    expect(types).toEqual([
      'image_generation.partial_image',
      'image_generation.partial_image',
      'image_generation.completed',
    ]);
  });
});

test('speech: the same bytes for the same text, as sound and as events', async () => {
  const say = async (input: string, more: object = {}): Promise<Response> =>
    openai.audio.speech.create({ model: 'tts-1', voice: 'alloy', input, ...more });
  const first = await say('Hello there');
  expect(first.headers.get('content-type')).toBe('audio/mpeg');
  const sound = Buffer.from(await first.arrayBuffer());
  expect(sound).toHaveLength(11 * 128);
  expect(Buffer.from(await (await say('Hello there')).arrayBuffer()).equals(sound)).toBe(true);
  expect(Buffer.from(await (await say('Hello these')).arrayBuffer()).equals(sound)).toBe(false);
  expect((await say('x', { response_format: 'wav' })).headers.get('content-type')).toBe('audio/wav');
  const text = await (await say('Hello there', { stream_format: 'sse' })).text();
  const events = [...text.matchAll(/^data: (.*)$/gm)].map(([, data = '']) => JSON.parse(data) as { audio?: string });
  const told = Buffer.concat(events.map(({ audio = '' }) => Buffer.from(audio, 'base64')));
  expect(told.equals(sound)).toBe(true);
  expect(text).toMatch(/event: speech\.audio\.done\n[^\n]*\n\n$/);
});

test('rerank', async () => {
  const body = {
    model: 'm',
    query: 'capital of France',
    documents: ['Bern', 'Paris is the capital', 'of France the capital'],
  };
  const ask = async (path: string, more: object): Promise<Record<string, unknown>> => {
    const answer = await fetch(simulator.url + path, { method: 'POST', body: JSON.stringify({ ...body, ...more }) });
    return (await answer.json()) as Record<string, unknown>;
  };
  const { results } = await ask('/v1/rerank', { top_n: 2, return_documents: true });
  expect(results).toEqual([
    { index: 2, relevance_score: 1, document: { text: 'of France the capital' } },
    { index: 1, relevance_score: 0.333, document: { text: 'Paris is the capital' } },
  ]);
  expect(await ask('/v2/rerank', {})).toMatchObject({ results: { length: 3 }, meta: { billed_units: {} } });
});

test.each([
  ['/v1/responses', {}, 'model'],
  ['/v1/audio/speech', { model: 'm', input: 'x' }, 'voice'],
  ['/v1/rerank', { model: 'm', query: 'x' }, 'documents'],
])('%s without a field is refused', async (path, body, param) => {
  const answer = await fetch(simulator.url + path, { method: 'POST', body: JSON.stringify(body) });
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ error: { param } });
});
