import { COLON, isSpace, LETTER_N } from './bytes.ts';

/** Something that makes an event worth a closer look. */
interface Needle {
  /** Eight bytes that stand side by side in it, each as the characters it may be. */
  readonly window: readonly string[];
  /** The key to look for; absent when the window itself is all there is to see. */
  readonly key: Key | undefined;
}

interface Key {
  /** With its quotes. */
  readonly bytes: Uint8Array;
  /** Where it starts in the window. */
  readonly at: number;
}

/** What may stand before a key. */
const BEFORE_KEY = '{, \t\r\n';

const ERROR_KEY: Needle = {
  window: [BEFORE_KEY, ...'"error"'],
  key: { bytes: new TextEncoder().encode('"error"'), at: 1 },
};

/** What may matter in a stream of chunks, as chat and completions have it. */
const OF_CHUNKS: readonly Needle[] = [
  { window: [BEFORE_KEY, ...'"usage"'], key: { bytes: new TextEncoder().encode('"usage"'), at: 1 } },
  ERROR_KEY,
  { window: [...'"finish_'], key: { bytes: new TextEncoder().encode('"finish_reason"'), at: 0 } },
  { window: [...': [DONE]'], key: undefined },
  { window: [...'ta:[DONE'], key: undefined },
];

/** What may matter in a stream of typed events: the types that end one, and an error as type or as object. */
const OF_TYPED_EVENTS: readonly Needle[] = [
  // image_generation.completed, response.completed
  { window: [...'.complet'], key: undefined },
  { window: [...'e.failed'], key: undefined },
  { window: [...'e.incomp'], key: undefined },
  // speech.audio.done
  { window: [...'io.done"'], key: undefined },
  // transcript.text.done
  { window: [...'xt.done"'], key: undefined },
  { window: [': ', ...'"error"'], key: undefined },
  ERROR_KEY,
  { window: [': ', ...'[DONE]', '\r\n'], key: undefined },
];

/**
 * Where `[start, end)` of an event stream may hold one of the needles whose key, if it has one, is not null: an offset inside the
 * first event that may, or -1. It may point at nothing (the key can lie deeper in the event), but never passes one over that is
 * there, unless its key is written with escapes.
 */
export type Sieve = (bytes: Uint8Array, start: number, end: number) => number;

/** Finds `[DONE]`, or a `usage`, `error` or `finish_reason` that is not null. */
export const CHUNK_SIEVE: Sieve = compileSieve(OF_CHUNKS);
/** Finds the types that end a stream, errors and `[DONE]`. */
export const TYPED_SIEVE: Sieve = compileSieve(OF_TYPED_EVENTS);

/**
 * Nearly every event of a stream holds none, so this must be cheap: a window is eight bytes long, hence of the bytes at every
 * fourth offset two neighbours lie inside it, four apart. Only those are looked at. Two table look-ups and an AND tell whether
 * they could be such a pair, and of which needle; about a third of the time of looking at every byte.
 */
function compileSieve(needles: readonly Needle[]): Sieve {
  const firsts = bitTable(needles, 0);
  const seconds = bitTable(needles, 4);
  return (bytes, start, end) => {
    let first = start < end ? (firsts[bytes[start] as number] as number) : 0;
    for (let at = start + 4; at < end; at += 4) {
      const byte = bytes[at] as number;
      const pairs = first & (seconds[byte] as number);
      if (pairs !== 0 && anyNeedleAt(bytes, at - 4, { pairs, needles })) return at - 4;
      first = firsts[byte] as number;
    }
    return -1;
  };
}

/** Bit `4 * needle + phase`, eight needles at most: set by a byte at `phase + offset` of the needle's window. */
function bitTable(needles: readonly Needle[], offset: number): Int32Array {
  const table = new Int32Array(256);
  for (const [index, { window }] of needles.entries()) {
    for (let phase = 0; phase < 4; phase += 1) {
      for (const character of window[phase + offset] as string) {
        const byte = character.charCodeAt(0);
        table[byte] = (table[byte] as number) | (1 << (4 * index + phase));
      }
    }
  }
  return table;
}

/** `pairs` says which needles, in which phase, may cover the sampled offset. */
function anyNeedleAt(
  bytes: Uint8Array,
  sampled: number,
  { pairs, needles }: { readonly pairs: number; readonly needles: readonly Needle[] },
): boolean {
  for (let left = pairs; left !== 0; left &= left - 1) {
    const bit = 31 - Math.clz32(left & -left);
    const { window, key } = needles[bit >> 2] as Needle;
    const start = sampled - (bit & 3);
    if (key === undefined ? windowMatches(bytes, start, window) : keyMatters(bytes, start + key.at, key)) return true;
  }
  return false;
}

/** Whether the key stands at `start` with a value that is not null. */
function keyMatters(bytes: Uint8Array, start: number, key: Key): boolean {
  const length = key.bytes.length;
  // Were the key there, this would be its null (as in nearly every event); and if it is not, there is nothing to find.
  if (bytes[start + length + 1] === LETTER_N) return false;
  for (let index = 0; index < length; index += 1) {
    if (bytes[start + index] !== key.bytes[index]) return false;
  }
  const colon = skipSpace(bytes, start + length);
  return bytes[colon] === COLON && bytes[skipSpace(bytes, colon + 1)] !== LETTER_N;
}

function windowMatches(bytes: Uint8Array, start: number, window: readonly string[]): boolean {
  return window.every((characters, index) => characters.includes(String.fromCharCode(bytes[start + index] ?? 0)));
}

function skipSpace(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && isSpace(bytes[at] as number)) at += 1;
  return at;
}
