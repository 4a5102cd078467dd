import { expect, test } from 'vitest';

import { Sweep } from './sweep.ts';

test.each([
  [0, 1],
  [0.05, 2],
  [0.1, 2],
  [0.11, 3],
  [60, 601],
])('%f s from now are over at tick %i, when they have passed for certain', (seconds, ticks) => {
  const sweep = new Sweep();
  expect(sweep.after(seconds)).toBe(ticks);
  sweep.tick();
  expect(sweep.after(seconds)).toBe(ticks + 1);
});

test('who leaves during a tick, or was there before, hears of it no more', () => {
  const sweep = new Sweep();
  const heard: string[] = [];
  const second = { onTick: () => heard.push('second') };
  const first = {
    onTick: (now: number) => {
      heard.push(`first ${now}`);
      sweep.delete(first);
      sweep.delete(second);
    },
  };
  sweep.add(first);
  sweep.add(second);
  sweep.tick();
  sweep.tick();
  expect(heard).toEqual(['first 1']);
});
