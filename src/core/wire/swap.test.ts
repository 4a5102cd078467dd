import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { StringSwap } from './swap.ts';

const TEXTS = new Map([
  ['resp_1', 'resp_w1_long'],
  ['resp_12', 'x'],
]);

function swapped(pieces: readonly (string | Uint8Array)[]): string {
  const swap = new StringSwap(TEXTS);
  const out = pieces.map((piece) => Buffer.from(swap.push(Buffer.from(piece))));
  return Buffer.concat([...out, swap.end()]).toString();
}

describe('StringSwap', () => {
  test.each([
    ['nothing', '', ''],
    ['a value', '{"id":"resp_1"}', '{"id":"resp_w1_long"}'],
    ['several', '"resp_1""resp_12" "resp_1"', '"resp_w1_long""x" "resp_w1_long"'],
    ['the longer one', '["resp_12"]', '["x"]'],
    ['no part of another', '["resp_123","xresp_1","resp_1 "]', '["resp_123","xresp_1","resp_1 "]'],
    ['nor what a text quotes', '{"text":"it is \\"resp_1\\""}', '{"text":"it is \\"resp_1\\""}'],
    ['nor the beginning of one', '{"id":"resp_1', '{"id":"resp_1'],
  ])('%s', (_name, text, wanted) => {
    expect(swapped([text])).toBe(wanted);
    expect(swapped(Array.from(text))).toBe(wanted);
  });

  test('does the same however the stream is cut', () => {
    const words = fc.constantFrom('"', 'resp_', '1', '2', '"resp_1"', '"resp_12"', ' ', 'ü');
    fc.assert(
      fc.property(fc.array(words, { maxLength: 12 }), fc.array(fc.nat(40), { maxLength: 6 }), (texts, cuts) => {
        const bytes = Buffer.from(texts.join(''));
        const at = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length];
        const pieces = at.slice(1).map((end, index) => bytes.subarray(at[index], end));
        expect(swapped(pieces)).toBe(swapped([bytes]));
      }),
    );
  });

  test('holds back no more than the beginning of what it looks for', () => {
    const swap = new StringSwap(TEXTS);
    expect(Buffer.from(swap.push(Buffer.from('data: {"type":"x"}\n\n'))).toString()).toBe('data: {"type":"x"}\n\n');
    expect(Buffer.from(swap.push(Buffer.from('{"id":"resp_'))).toString()).toBe('{"id":');
    expect(Buffer.from(swap.push(Buffer.from('2",'))).toString()).toBe('"resp_2",');
  });
});
