import { createHash, randomBytes } from 'node:crypto';
import OpenAI, { toFile } from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startSimulator, type Simulator } from '../simulator.ts';

let simulator: Simulator;
let openai: OpenAI;

beforeAll(async () => {
  simulator = await startSimulator({ name: 'ears', answerTokens: { kind: 'fixed', value: 5 } });
  openai = new OpenAI({ apiKey: 'none', baseURL: `${simulator.url}/v1`, maxRetries: 0 });
});
afterAll(async () => simulator.close());

const TEXT = 'Hello from ears. This is';
const SOUND = randomBytes(300_000);
const HASH = createHash('sha256').update(SOUND).digest('hex');
const file = (): Promise<File> => toFile(SOUND, 'a.mp3', { type: 'audio/mpeg' });
const whisper = async (): Promise<{ file: File; model: string }> => ({ file: await file(), model: 'whisper-1' });

describe('transcriptions', () => {
  test.each([
    ['json', undefined],
    ['text', `${TEXT}\n`],
    ['srt', `1\n00:00:00,000 --> 00:00:02,500\n${TEXT}\n\n`],
    ['vtt', `WEBVTT\n\n00:00:00.000 --> 00:00:02.500\n${TEXT}\n\n`],
  ] as const)('as %s', async (response_format, text) => {
    const heard: unknown = await openai.audio.transcriptions.create({ ...(await whisper()), response_format });
    if (text === undefined) expect(heard).toMatchObject({ text: TEXT, usage: { output_tokens: 5 } });
    else expect(heard).toBe(text);
  });

  test('in full words', async () => {
    const heard = await openai.audio.transcriptions.create({ ...(await whisper()), response_format: 'verbose_json' });
    expect(heard).toMatchObject({ text: TEXT, duration: 2.5, segments: [{ start: 0, end: 2.5, text: TEXT }] });
  });

  test('as a stream', async () => {
    const stream = await openai.audio.transcriptions.create({ ...(await whisper()), stream: true });
    const events: string[] = [];
    let text = '';
    for await (const event of stream) {
      events.push(event.type);
      if (event.type === 'transcript.text.delta') text += event.delta;
      if (event.type === 'transcript.text.done') expect(event.text).toBe(TEXT);
    }
    expect([text, events.at(-1)]).toEqual([TEXT, 'transcript.text.done']);
  });

  test('say which bytes came', async () => {
    const { response } = await openai.audio.transcriptions.create(await whisper()).withResponse();
    expect(response.headers.get('x-simulated-file-sha256')).toBe(HASH);
    expect(response.headers.get('x-simulated-file-bytes')).toBe('300000');
  });
});

test('translations', async () => {
  const heard = await openai.audio.translations.create({ ...(await whisper()), response_format: 'verbose_json' });
  expect(heard).toMatchObject({ text: TEXT, language: 'english' });
});

describe('edits of images', () => {
  const ask = { model: 'gpt-image-1', prompt: 'a cat' };

  test('of several files', async () => {
    const image = [await toFile(SOUND, 'a.png'), await toFile(Buffer.from('b'), 'b.png')];
    const { data, response } = await openai.images.edit({ ...ask, image, n: 2 }).withResponse();
    expect(data.data).toHaveLength(2);
    expect(response.headers.get('x-simulated-file-bytes')).toBe('300000, 1');
  });

  test('as a stream', async () => {
    const stream = await openai.images.edit({ ...ask, image: await file(), stream: true, partial_images: 1 });
    const events: string[] = [];
    for await (const event of stream) events.push(event.type);
    expect(events).toEqual(['image_edit.partial_image', 'image_edit.completed']);
  });

  test('of JSON', async () => {
    const answer = await openai.post<{ data: unknown[] }>('/images/edits', {
      body: { ...ask, images: [{ image_url: 'https://images.example/a.png' }] },
    });
    expect(answer.data).toHaveLength(1);
  });
});

describe('what OpenAI would refuse', () => {
  const post = async (body: string | FormData, type?: string): Promise<string> => {
    const answer = await fetch(`${simulator.url}/v1/audio/transcriptions`, {
      method: 'POST',
      body,
      ...(type === undefined ? {} : { headers: { 'content-type': type } }),
    });
    const { error } = (await answer.json()) as { error: { message: string } };
    return `${answer.status} ${error.message}`;
  };

  test('a form without a file, or without an end, or none', async () => {
    const form = new FormData();
    form.set('model', 'whisper-1');
    expect(await post(form)).toContain("400 Missing required parameter: 'file'.");
    expect(await post('--b\r\n', 'multipart/form-data; boundary=b')).toContain('400 it ends before its last boundary');
    expect(await post('x', 'multipart/form-data')).toContain('400 the content type does not name one boundary');
    expect(await post('{}', 'application/json')).toContain('400 The body is not a form.');
  });
});
