import type { TestCount } from '../workshop/vitest-run.ts';
import type { Part } from './parts.ts';
import type { Suite } from './suites.ts';

/** A suite that cannot run here, and what it lacks. */
export interface LeftOut {
  readonly suite: Suite;
  readonly missing: readonly Part[];
}

/** The suites whose parts are not all there. */
export function findLeftOut(suites: readonly Suite[]): readonly LeftOut[] {
  return suites
    .map((suite) => ({ suite, missing: suite.needs.filter((part) => !part.isThere()) }))
    .filter(({ missing }) => missing.length > 0);
}

/** What a person reads at the end: each suite that did not run, and the command that brings what it lacks. */
export function renderLeftOut(leftOut: readonly LeftOut[]): string {
  return leftOut
    .map(({ suite, missing }) => {
      const names = missing.map((part) => part.name).join(' and ');
      const commands = missing.map((part) => `  ${part.install}\n`).join('');
      return `\nThe suite "${suite.project}" did not run: ${names} missing. To run it:\n${commands}`;
    })
    .join('');
}

/** How suites that did not run count: as skipped on a person's machine, as failed in CI. */
export function countLeftOut(leftOut: readonly LeftOut[], inCi: boolean): TestCount {
  const { length } = leftOut;
  return inCi ? { passed: 0, failed: length, skipped: 0 } : { passed: 0, failed: 0, skipped: length };
}

/** The exit status of the whole: 1 where a test failed, and in CI also where one was skipped. */
export function exitStatus(sum: TestCount, inCi: boolean): 0 | 1 {
  return sum.failed > 0 || (inCi && sum.skipped > 0) ? 1 : 0;
}
