import { describe, expect, test } from 'vitest';

import { MAX_EVENT_BYTES, SseScanner } from './sse.ts';
import { TYPED_EVENTS } from './stream-dialect.ts';
import { usageOfAnswer } from './usage.ts';

function event(data: Record<string, unknown>, named = true): string {
  return `${named ? `event: ${String(data['type'])}\n` : ''}data: ${JSON.stringify(data)}\n\n`;
}

interface Told {
  readonly complete: boolean;
  readonly failed: boolean;
  readonly total: number | undefined;
}

function told(text: string, cut: number): Told {
  const scanner = new SseScanner(TYPED_EVENTS);
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += cut) scanner.feed(bytes.subarray(at, at + cut));
  scanner.end();
  const { complete, failed, usage } = scanner;
  return { complete, failed, total: usage === undefined ? undefined : usageOfAnswer(usage)?.totalTokens };
}

const USAGE = { input_tokens: 3, output_tokens: 4, total_tokens: 7 };
const response = (status: string, more: object = {}) => ({
  response: { id: 'resp_1', object: 'response', status, error: null, usage: null, ...more },
});
const CREATED = event({ type: 'response.created', sequence_number: 0, ...response('in_progress') });
const DELTA = event({ type: 'response.output_text.delta', delta: 'It is .complete and "error": done' });
const TEXT_DONE = event({ type: 'response.output_text.done', text: 'It is' });
const PARTIAL = event({ type: 'image_generation.partial_image', b64_json: 'aGk=' });
const LARGE = 'A'.repeat(MAX_EVENT_BYTES + 10);

describe.each([1, 7, 64, 1_000_000])('a stream of typed events in pieces of %i', (cut) => {
  test.each<[string, string, Partial<Told>]>([
    ['nothing', '', {}],
    ['a response in the middle', CREATED + DELTA + TEXT_DONE, {}],
    [
      'a response',
      CREATED + DELTA + event({ type: 'response.completed', ...response('completed', { usage: USAGE }) }),
      { complete: true, total: 7 },
    ],
    ['without event lines', event({ type: 'response.completed', ...response('completed') }, false), { complete: true }],
    ['cut short', CREATED + event({ type: 'response.incomplete', ...response('incomplete') }), { complete: true }],
    [
      'a failed response',
      CREATED + event({ type: 'response.failed', ...response('failed', { error: { code: 'server_error' } }) }),
      { complete: true, failed: true },
    ],
    [
      'an error event',
      CREATED + event({ type: 'error', code: 'server_error', message: 'no', param: null, sequence_number: 1 }),
      { complete: true, failed: true },
    ],
    ['an error object', CREATED + event({ error: { message: 'no' } }, false), { complete: true, failed: true }],
    [
      'an image',
      PARTIAL + event({ type: 'image_generation.completed', b64_json: 'aGk=', usage: USAGE }),
      { complete: true, total: 7 },
    ],
    ['an edited image', event({ type: 'image_edit.completed', b64_json: 'aGk=' }), { complete: true }],
    ['a part of an image', PARTIAL, {}],
    ['speech', event({ type: 'speech.audio.done', usage: USAGE }), { complete: true, total: 7 }],
    ['a piece of speech', event({ type: 'speech.audio.delta', audio: 'aGk=' }), {}],
    ['a transcript', event({ type: 'transcript.text.done', text: 'hi', usage: USAGE }), { complete: true, total: 7 }],
    ['[DONE] all the same', `${DELTA}data: [DONE]\n\n`, { complete: true }],
    ['[DONE] with CRLF', `${DELTA}data:[DONE]\r\n\r\n`, { complete: true }],
    ['text that talks of ends', event({ type: 'response.output_text.delta', delta: 'response.completed' }), {}],
  ])('%s', (_name, text, wanted) => {
    expect(told(text, cut)).toEqual({ complete: false, failed: false, total: undefined, ...wanted });
  });
});

describe.each([4096, 10_000_000])('events too large to be read, in pieces of %i', (cut) => {
  const completed = event({ type: 'image_generation.completed', b64_json: LARGE });
  test.each<[string, string, boolean]>([
    ['as the last', PARTIAL + completed, true],
    ['with something behind', event({ type: 'image_generation.partial_image', b64_json: LARGE }) + PARTIAL, false],
    ['cut', PARTIAL + completed.slice(0, -100), false],
    ['without its blank line', completed.slice(0, -2), false],
  ])('%s', (_name, text, complete) => {
    expect(told(text, cut).complete).toBe(complete);
  });
});
