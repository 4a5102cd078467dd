import { expect, test } from 'vitest';
import type { Sample } from './interleave.ts';
import { compare, reportText } from './report.ts';

/** A slice of 100 requests in one second that cost so many microseconds of CPU each. */
function sample(target: Sample['target'], round: number, figures: { cpu: number; firstByte: number }): Sample {
  return {
    round,
    scenario: 'load',
    target,
    slice: {
      requests: 100,
      seconds: 1,
      p50: 10,
      p99: 20,
      firstByteP50: figures.firstByte,
      firstByteP99: figures.firstByte,
      cpu: [figures.cpu * 100, 0],
      ownCpu: 0,
    },
    targetShare: 0.99,
    benchShare: 0.5,
    foreignShare: 0.01,
  };
}

const SAMPLES = [1, 2, 3].flatMap((round) => [
  // The machine gets slower from round to round; the pairs do not care.
  sample('bare', round, { cpu: 100 * round, firstByte: 300 }),
  sample('waymark', round, { cpu: 150 * round, firstByte: 500 + round }),
  sample('direct', round, { cpu: 20 * round, firstByte: 100 }),
]);

test('ratios are formed pair by pair', () => {
  const verdict = compare(SAMPLES, 'load');
  expect(verdict.cpuRatio).toEqual({ median: 1.5, lower: 1.5, upper: 1.5, count: 3 });
  expect(verdict.addedOverBare.median).toBe(202);
  expect(verdict.addedOverDirect.median).toBe(402);
  expect(verdict.cpuRatioToOther.count).toBe(0);
});

test('the report shows every target, and doubts what deserves it', () => {
  const text = reportText(SAMPLES);
  expect(text).toContain('| load | waymark | 100 (100-100) | 300.0 (225.0-375.0) |');
  expect(text).toContain('| load | 1.50 (1.50-1.50) | - |');
  expect(text).not.toContain('not quiet');
  expect(reportText(SAMPLES.map((one) => ({ ...one, foreignShare: 0.4 })))).toContain('The machine was not quiet');
  const starved = SAMPLES.map((one) => ({ ...one, benchShare: 0.98, targetShare: 0.6 }));
  expect(reportText(starved)).toContain('In 6 slices generator and simulator were the bottleneck');
});
