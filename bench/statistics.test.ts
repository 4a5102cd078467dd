import { expect, test } from 'vitest';
import { quantile, show, summarise } from './statistics.ts';

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
