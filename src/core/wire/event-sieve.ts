import { COLON, isSpace, LETTER_N } from './bytes.ts';

/** Something that makes an event worth a closer look. */
interface Needle {
  /** Eight bytes that stand side by side in it, each as the characters it may be. */
  readonly window: readonly string[];
  /** The key that starts at the window's first quote; absent when the window itself is all there is to see. */
  readonly key?: Uint8Array;
}

/** What may stand before a key. */
const BEFORE_KEY = '{, \t\r\n';

const NEEDLES: readonly Needle[] = [
  { window: [BEFORE_KEY, ...'"usage"'], key: new TextEncoder().encode('"usage"') },
  { window: [BEFORE_KEY, ...'"error"'], key: new TextEncoder().encode('"error"') },
  { window: [...'"finish_'], key: new TextEncoder().encode('"finish_reason"') },
  { window: [...': [DONE]'] },
  { window: [...'ta:[DONE'] },
];

/** Bit `4 * needle + phase`: FIRST by a byte at `phase` of the needle's window, SECOND by a byte at `phase + 4`. */
const FIRST = bitTable(0);
const SECOND = bitTable(4);

function bitTable(offset: number): Int32Array {
  const table = new Int32Array(256);
  for (const [index, { window }] of NEEDLES.entries()) {
    for (let phase = 0; phase < 4; phase += 1) {
      for (const character of window[phase + offset] as string) {
        const byte = character.charCodeAt(0);
        table[byte] = (table[byte] as number) | (1 << (4 * index + phase));
      }
    }
  }
  return table;
}

/**
 * Whether `[start, end)` of an event stream may hold `[DONE]`, or a `usage`, `error` or `finish_reason` that is not null. It may
 * say yes for nothing (the key can lie deeper in the event), never no for one that is there, unless its key is written with escapes.
 *
 * Nearly every event of a stream holds none, so this must be cheap: a window is eight bytes long, hence of the bytes at every
 * fourth offset two neighbours lie inside it, four apart. Only those are looked at. Two table look-ups and an AND tell whether
 * they could be such a pair, and of which needle; about a third of the time of looking at every byte.
 */
export function mayMatter(bytes: Uint8Array, start: number, end: number): boolean {
  let first = start < end ? (FIRST[bytes[start] as number] as number) : 0;
  for (let at = start + 4; at < end; at += 4) {
    const byte = bytes[at] as number;
    const pairs = first & (SECOND[byte] as number);
    if (pairs !== 0 && anyNeedleAt(bytes, at - 4, pairs)) return true;
    first = FIRST[byte] as number;
  }
  return false;
}

/** `pairs` says which needles, in which phase, may cover the sampled offset. */
function anyNeedleAt(bytes: Uint8Array, sampled: number, pairs: number): boolean {
  for (let left = pairs; left !== 0; left &= left - 1) {
    const bit = 31 - Math.clz32(left & -left);
    if (matches(bytes, sampled - (bit & 3), NEEDLES[bit >> 2] as Needle)) return true;
  }
  return false;
}

function matches(bytes: Uint8Array, windowStart: number, { window, key }: Needle): boolean {
  if (key === undefined) return windowMatches(bytes, windowStart, window);
  const keyStart = windowStart + (window[0] === BEFORE_KEY ? 1 : 0);
  for (let index = 0; index < key.length; index += 1) {
    if (bytes[keyStart + index] !== key[index]) return false;
  }
  const colon = skipSpace(bytes, keyStart + key.length);
  return bytes[colon] === COLON && !isNull(bytes, skipSpace(bytes, colon + 1));
}

function windowMatches(bytes: Uint8Array, start: number, window: readonly string[]): boolean {
  return window.every((character, index) => bytes[start + index] === character.charCodeAt(0));
}

function skipSpace(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && isSpace(bytes[at] as number)) at += 1;
  return at;
}

/** Of all JSON values only null starts with an n. */
function isNull(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === LETTER_N;
}
