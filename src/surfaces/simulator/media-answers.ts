import { CREATED } from './answers.ts';
import { asText, positive, type Fields } from './asked.ts';
import { ID_MARK, type TypedEvent } from './template.ts';
import { roughTokens } from './text.ts';

/** A picture of one pixel: the smallest thing that decoders take for a PNG. */
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const MOST_IMAGES = 10;
const MOST_PARTIAL = 3;

/** Images: as base64 unless `response_format` is `url`. Source of the shapes: OpenAI's API reference. */
export function imagesBody(fields: Fields): Fields {
  const count = Math.min(MOST_IMAGES, positive(fields['n']) ?? 1);
  const asUrl = fields['response_format'] === 'url';
  const data = Array.from({ length: count }, (_, index) =>
    asUrl ? { url: `https://images.example/${ID_MARK}/${index}.png` } : { b64_json: PIXEL },
  );
  return { created: CREATED, data, ...lookOf(fields), usage: imageUsage(fields, count) };
}

/** The events of a streamed image: `partial_images` of them, then the whole. */
export function imageEvents(fields: Fields): readonly TypedEvent[] {
  const look = { b64_json: PIXEL, created_at: CREATED, ...lookOf(fields) };
  const partial = Math.min(MOST_PARTIAL, positive(fields['partial_images']) ?? 0);
  const partials = Array.from({ length: partial }, (_, partial_image_index) => ({
    type: 'image_generation.partial_image',
    ...look,
    partial_image_index,
  }));
  return [...partials, { type: 'image_generation.completed', ...look, usage: imageUsage(fields, 1) }];
}

function lookOf(fields: Fields): Fields {
  return {
    background: fields['background'] ?? 'opaque',
    output_format: fields['output_format'] ?? 'png',
    quality: fields['quality'] ?? 'low',
    size: fields['size'] ?? '1024x1024',
  };
}

function imageUsage(fields: Fields, count: number): Fields {
  const input = roughTokens(asText(fields['prompt']).length);
  const output = 272 * count;
  return {
    input_tokens: input,
    input_tokens_details: { text_tokens: input, image_tokens: 0 },
    output_tokens: output,
    total_tokens: input + output,
  };
}

/** Bytes of sound for each character of the text. */
const BYTES_PER_CHARACTER = 128;
/** OpenAI's own limit. */
const MOST_CHARACTERS = 4096;
/** Bytes of sound in one piece of a stream. */
export const SOUND_PIECE = 1024;

const SOUND_TYPES: ReadonlyMap<unknown, string> = new Map([
  ['opus', 'audio/ogg'],
  ['aac', 'audio/aac'],
  ['flac', 'audio/flac'],
  ['wav', 'audio/wav'],
  ['pcm', 'audio/pcm'],
]);

export function soundType(fields: Fields): string {
  return SOUND_TYPES.get(fields['response_format']) ?? 'audio/mpeg';
}

/** Bytes that stand for sound. No decoder takes them, and they depend on the text and the seed alone. */
export function soundOf(fields: Fields, seed: number): Buffer {
  const text = asText(fields['input']).slice(0, MOST_CHARACTERS);
  const sound = Buffer.alloc(Math.max(1, text.length) * BYTES_PER_CHARACTER);
  let state = seed >>> 0;
  for (let index = 0; index < sound.length; index += 1) {
    const character = text.charCodeAt(Math.floor(index / BYTES_PER_CHARACTER)) || 0;
    state = (Math.imul(state ^ character, 0x9e3779b1) + index) >>> 0;
    sound[index] = state >>> 24;
  }
  return sound;
}

/** The same sound as events in base64, for `stream_format: "sse"`. */
export function soundEvents(fields: Fields, seed: number): readonly TypedEvent[] {
  const sound = soundOf(fields, seed);
  const events: TypedEvent[] = [];
  for (let at = 0; at < sound.length; at += SOUND_PIECE) {
    const audio = sound.subarray(at, at + SOUND_PIECE).toString('base64');
    events.push({ type: 'speech.audio.delta', audio });
  }
  const input = roughTokens(asText(fields['input']).length);
  const usage = { input_tokens: input, output_tokens: events.length, total_tokens: input + events.length };
  return [...events, { type: 'speech.audio.done', usage }];
}
