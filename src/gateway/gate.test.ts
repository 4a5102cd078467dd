import { expect, test } from 'vitest';
import { Gate } from './gate.ts';

test('lets so many in, so many more wait in turn, and turns the rest away', async () => {
  const gate = new Gate({ atOnce: 2, waiting: 2 });
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const works = [0, 1, 2, 3, 4].map((number) =>
    gate.enter(async () => {
      begun.push(number);
      await new Promise<void>((resolve) => {
        ends.push(resolve);
      });
      return number;
    }),
  );
  expect(works[4]).toBeUndefined();
  expect(begun).toEqual([0, 1]);
  ends[1]?.();
  await works[1];
  await Promise.resolve();
  expect(begun).toEqual([0, 1, 2]);
  ends[0]?.();
  ends[2]?.();
  await works[2];
  await expect.poll(() => begun).toEqual([0, 1, 2, 3]);
  ends[3]?.();
  expect(await Promise.all(works.slice(0, 4).map(async (work) => work))).toEqual([0, 1, 2, 3]);
});

test('work that fails gives its place back', async () => {
  const gate = new Gate({ atOnce: 1, waiting: 0 });
  await expect(gate.enter(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await gate.enter(async () => 'room')).toBe('room');
});
