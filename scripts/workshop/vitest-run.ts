import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runScript } from './run-command.ts';

export interface TestCount {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export interface TestRun extends TestCount {
  /** False also where no test failed but the run did: a file that does not load, an unhandled rejection, no test at all. */
  readonly ok: boolean;
  readonly output: string;
}

/**
 * Runs one project of vitest.config.ts and counts its tests. A run that breaks before its report counts as one failure. A golden
 * file that is missing is a failure, never written: it would prove nothing.
 */
export async function runVitestProject(project: string): Promise<TestRun> {
  const folder = mkdtempSync(join(tmpdir(), 'waymark-tests-'));
  const report = join(folder, 'report.json');
  try {
    const args = [
      'run',
      `--project=${project}`,
      '--update=none',
      '--reporter=dot',
      '--reporter=json',
      `--outputFile.json=${report}`,
    ];
    const { code, output } = await runScript('node_modules/vitest/vitest.mjs', args);
    const count = existsSync(report)
      ? readVitestReport(readFileSync(report, 'utf8'))
      : { passed: 0, failed: 0, skipped: 0 };
    // A broken run without a failed test must still be one in the sum.
    const failed = code !== 0 && count.failed === 0 ? 1 : count.failed;
    return { passed: count.passed, failed, skipped: count.skipped, ok: code === 0 && failed === 0, output };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Counts of vitest's JSON report. A test file that failed to load is one failed test: vitest counts it among the suites only. */
export function readVitestReport(text: string): TestCount {
  const report = JSON.parse(text) as {
    numPassedTests: number;
    numFailedTests: number;
    numPendingTests: number;
    numTodoTests: number;
    testResults: readonly { status: string; assertionResults: readonly unknown[] }[];
  };
  const broken = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0);
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}
