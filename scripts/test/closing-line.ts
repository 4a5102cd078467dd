import type { TestCount } from '../workshop/vitest-run.ts';

/** The sum of several counts. */
export function addCounts(counts: readonly TestCount[]): TestCount {
  return counts.reduce(
    (sum, each) => ({
      passed: sum.passed + each.passed,
      failed: sum.failed + each.failed,
      skipped: sum.skipped + each.skipped,
    }),
    { passed: 0, failed: 0, skipped: 0 },
  );
}

/** `412 passed, 0 failed`, with `, 3 skipped` only where there are any. */
export function closingLine(count: TestCount): string {
  const skipped = count.skipped === 0 ? '' : `, ${count.skipped} skipped`;
  return `${count.passed} passed, ${count.failed} failed${skipped}`;
}
