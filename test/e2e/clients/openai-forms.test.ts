import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import OpenAI, { AzureOpenAI, toFile } from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startClientStage, type ClientStage } from '../../support/client-stage.ts';
import { MASTER_KEY } from '../../support/harness.ts';

let stage: ClientStage;
let client: OpenAI;

beforeAll(async () => {
  stage = await startClientStage();
  client = new OpenAI({ apiKey: MASTER_KEY, baseURL: stage.baseURL, maxRetries: 0 });
});
afterAll(() => stage[Symbol.asyncDispose]());

const SOUND = randomBytes(2_000_000);
const HASH = createHash('sha256').update(SOUND).digest('hex');
const sound = async (): Promise<File> => toFile(Readable.from([SOUND.subarray(0, 9), SOUND.subarray(9)]), 'a.mp3');

type Params = OpenAI.Audio.TranscriptionCreateParamsNonStreaming<'json'>;
const FIRST = async (more: object = {}): Promise<Params> => ({ file: await sound(), model: 'gpt-4', ...more });
const LAST = async (more: object = {}): Promise<Params> => ({ model: 'gpt-4', ...more, file: await sound() });

describe('transcriptions', () => {
  test.each([
    ['default', () => FIRST()],
    ['default', () => LAST()],
    ['paid', () => FIRST({ tags: ['paid'] })],
    ['paid', () => LAST({ tags: ['paid'] })],
    ['free', () => FIRST({ metadata: { tags: ['free'], user: 'u' } })],
    ['free', () => LAST({ metadata: { tags: ['free'], user: 'u' } })],
  ])('are routed to %s, %s', async (upstream, params) => {
    const { data, response } = await client.audio.transcriptions.create(await params()).withResponse();
    expect(data.text).toContain(`Hello from ${upstream}.`);
    expect(response.headers.get('x-litellm-model-id')).toBe(`gpt-4-${upstream}`);
    expect(response.headers.get('llm_provider-x-simulated-file-sha256')).toBe(HASH);
  });

  test.each([FIRST, LAST])('stream', async (params) => {
    const stream = await client.audio.transcriptions.create({ ...(await params()), stream: true });
    let text = '';
    let last = '';
    for await (const event of stream) {
      if (event.type === 'transcript.text.delta') text += event.delta;
      last = event.type;
    }
    expect([text, last]).toEqual([expect.stringContaining('Hello from default.'), 'transcript.text.done']);
  });

  test.each(['text', 'srt', 'vtt'] as const)('as %s', async (response_format) => {
    const heard = await client.audio.transcriptions.create({ ...(await FIRST()), response_format });
    expect(heard).toContain('Hello from default.');
  });

  test('with timestamps', async () => {
    const heard = await client.audio.transcriptions.create({
      ...(await FIRST()),
      response_format: 'verbose_json',
      timestamp_granularities: ['word', 'segment'],
    });
    expect(heard.segments?.[0]?.text).toContain('Hello from default.');
  });

  test('through a path that names the group', async () => {
    const azure = new AzureOpenAI({
      apiKey: MASTER_KEY,
      endpoint: stage.gateway.url,
      apiVersion: '2025-02-01-preview',
      deployment: 'gpt-4',
      maxRetries: 0,
    });
    const heard = await azure.audio.transcriptions.create(await FIRST());
    expect(heard.text).toContain('Hello from default.');
  });

  test('of an unknown group fail with its error', async () => {
    const call = client.audio.transcriptions.create({ ...(await FIRST()), model: 'gpt-44' });
    await expect(call).rejects.toMatchObject({ status: 404, code: 'model_not_found' });
  });
});

test('translations', async () => {
  const heard = await client.audio.translations.create(await FIRST());
  expect(heard.text).toContain('Hello from default.');
});

describe('edits of images', () => {
  const ask = { model: 'gpt-4', prompt: 'a cat' };
  test('of several files', async () => {
    const image = [await sound(), await toFile(Buffer.from('b'), 'b.png')];
    const { data, response } = await client.images.edit({ image, ...ask, n: 2 }).withResponse();
    expect(data.data).toHaveLength(2);
    expect(response.headers.get('llm_provider-x-simulated-file-bytes')).toBe('2000000, 1');
  });

  test('as a stream', async () => {
    const stream = await client.images.edit({ ...ask, image: await sound(), stream: true, partial_images: 2 });
    const types: string[] = [];
    for await (const event of stream) types.push(event.type);
    expect(types).toEqual(['image_edit.partial_image', 'image_edit.partial_image', 'image_edit.completed']);
  });
});
