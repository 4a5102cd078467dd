import { matchesGlob } from 'node:path';
import { describe, expect, test } from 'vitest';
import configuration from '../../vitest.config.ts';
import { projectFiles } from '../workshop/tracked-files.ts';
import { readVitestReport } from '../workshop/vitest-run.ts';
import { addCounts, closingLine } from './closing-line.ts';
import { countLeftOut, exitStatus, findLeftOut, renderLeftOut } from './left-out.ts';
import type { Part } from './parts.ts';
import { SUITES } from './suites.ts';

interface Project {
  readonly test: { readonly name: string; readonly include: readonly string[]; readonly exclude: readonly string[] };
}

const PROJECTS = (configuration.test?.projects ?? []) as readonly unknown[] as readonly Project[];

describe('the suites', () => {
  test('are the projects of the test runner', () => {
    expect(SUITES.map((suite) => suite.project)).toEqual(PROJECTS.map((project) => project.test.name));
  });

  test.each(projectFiles().filter((file) => file.endsWith('.test.ts')))('%s belongs to exactly one', (file) => {
    const homes = PROJECTS.filter(({ test: { include, exclude } }) => {
      const matches = (pattern: string): boolean => matchesGlob(file, pattern);
      return include.some(matches) && !exclude.some(matches);
    });
    expect(homes).toHaveLength(1);
  });
});

describe('the last line of npm test', () => {
  test.each([
    [{ passed: 0, failed: 0, skipped: 0 }, '0 passed, 0 failed'],
    [{ passed: 412, failed: 0, skipped: 0 }, '412 passed, 0 failed'],
    [{ passed: 1, failed: 2, skipped: 3 }, '1 passed, 2 failed, 3 skipped'],
  ])('of %j is %s', (count, line) => expect(closingLine(count)).toBe(line));

  test('is a sum', () => {
    const counts = [
      { passed: 1, failed: 10, skipped: 100 },
      { passed: 2, failed: 20, skipped: 200 },
    ];
    expect(addCounts(counts)).toEqual({ passed: 3, failed: 30, skipped: 300 });
  });
});

describe("vitest's report", () => {
  const file = (status: string, assertionResults: readonly unknown[]): object => ({ status, assertionResults });
  test.each([
    [{ numPassedTests: 5, numFailedTests: 1 }, [file('failed', [{}])], { passed: 5, failed: 1, skipped: 0 }],
    [{ numPendingTests: 2, numTodoTests: 1 }, [file('passed', [{}])], { passed: 0, failed: 0, skipped: 3 }],
    [{ numPassedTests: 5 }, [file('failed', []), file('passed', [{}])], { passed: 5, failed: 1, skipped: 0 }],
  ])('%j', (numbers, testResults, count) => {
    const none = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0 };
    expect(readVitestReport(JSON.stringify({ ...none, ...numbers, testResults }))).toEqual(count);
  });
});

describe('a suite whose part is missing', () => {
  const part = (name: string, there: boolean): Part => ({
    name,
    from: 'machine',
    install: `get ${name}`,
    isThere: () => there,
  });
  const suites = [
    { project: 'plain', needs: [] },
    { project: 'whole', needs: [part('curl', true)] },
    { project: 'half', needs: [part('curl', true), part('redis', false)] },
    { project: 'none', needs: [part('chromium', false), part('redis', false)] },
  ];
  const leftOut = findLeftOut(suites);

  test('is left out, and named with the command that brings the part', () => {
    expect(renderLeftOut(leftOut)).toBe(
      [
        '',
        'The suite "half" did not run: redis missing. To run it:',
        '  get redis',
        '',
        'The suite "none" did not run: chromium and redis missing. To run it:',
        '  get chromium',
        '  get redis',
        '',
      ].join('\n'),
    );
  });

  test("is skipped on a person's machine and failed in CI", () => {
    expect(countLeftOut(leftOut, false)).toEqual({ passed: 0, failed: 0, skipped: 2 });
    expect(countLeftOut(leftOut, true)).toEqual({ passed: 0, failed: 2, skipped: 0 });
  });

  test.each([
    [{ passed: 1, failed: 0, skipped: 0 }, false, 0],
    [{ passed: 1, failed: 0, skipped: 1 }, false, 0],
    [{ passed: 1, failed: 0, skipped: 1 }, true, 1],
    [{ passed: 1, failed: 1, skipped: 0 }, false, 1],
  ] as const)('%j, in CI: %s, ends with status %d', (sum, inCi, status) => {
    expect(exitStatus(sum, inCi)).toBe(status);
  });
});
