import { expect, test } from 'vitest';
import { medianInterval, quantile, show, summarise } from './statistics.ts';

test.each([
  [[5], 0.99, 5],
  [[1, 2, 3, 4], 0.5, 2.5],
  [[30, 10, 20], 0.5, 20],
  [[0, 100], 0.25, 25],
  [[], 0.5, Number.NaN],
])('quantile of %j at %d', (numbers, share, expected) => {
  expect(quantile(numbers, share)).toBe(expected);
});

test('a summary and how it is shown', () => {
  expect(show(summarise([4, 1, 3, 2, 5]))).toBe('3.0 (2.0-4.0)');
});

// Order statistics of the sign test, as printed in tables: ranks 1 of 6, 2 of 9, 2 of 10, 6 of 20 and 8 of 25.
test.each([
  [6, 1],
  [9, 2],
  [10, 2],
  [20, 6],
  [25, 8],
])('the interval of the median of %i numbers begins at number %i', (count, rank) => {
  const numbers = Array.from({ length: count }, (_, index) => index + 1);
  expect(medianInterval(numbers)).toEqual([rank, count + 1 - rank]);
});

test.each([[[]], [[1, 2, 3, 4, 5]]])('too few numbers bound nothing: %j', (numbers) => {
  expect(medianInterval(numbers)).toEqual([-Infinity, Infinity]);
});
