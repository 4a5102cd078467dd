// `npm test`: the gate's other checks, then every suite. The last line is the sum: `412 passed, 0 failed`.
// A suite whose part the machine lacks is left out and named; with CI set that is a failure.
import { CHECKS } from './check/tools.ts';
import { addCounts, closingLine } from './test/closing-line.ts';
import type { Part } from './test/parts.ts';
import { SUITES, type Suite } from './test/suites.ts';
import { failureReport, runSteps, stepLine, type FinishedStep } from './workshop/steps.ts';
import { runVitestProject, type TestCount, type TestRun } from './workshop/vitest-run.ts';

const inCi = Boolean(process.env['CI']);
const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** The checks of the gate that are not tests: one test each in the sum. */
async function runChecks(): Promise<TestCount> {
  say('Checks');
  const finished = await runSteps(CHECKS, 2, (step: FinishedStep) => say(stepLine(step)));
  say(failureReport(finished));
  const passed = finished.filter((step) => step.ok).length;
  return { passed, failed: finished.length - passed, skipped: 0 };
}

function missingParts(suite: Suite): readonly Part[] {
  return suite.needs.filter((part) => !part.isThere());
}

async function runSuite(suite: Suite): Promise<TestCount> {
  const started = performance.now();
  const run: TestRun = await runVitestProject(suite.project);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  say(`${run.ok ? 'ok  ' : 'FAIL'}  ${suite.project.padEnd(12)} ${seconds.padStart(5)} s  ${closingLine(run)}`);
  if (!run.ok) say(run.output.trim());
  return run;
}

/** Names the suites that were left out. In CI a suite left out is a failed test. */
function nameLeftOut(leftOut: readonly Suite[]): TestCount {
  for (const suite of leftOut) {
    const missing = missingParts(suite);
    say(
      `\nThe suite "${suite.project}" did not run: ${missing.map((part) => part.name).join(' and ')} missing. To run it:`,
    );
    for (const part of missing) say(`  ${part.install}`);
  }
  return inCi ? { passed: 0, failed: leftOut.length, skipped: 0 } : { passed: 0, failed: 0, skipped: leftOut.length };
}

const counts = [await runChecks()];
say('Suites');
const leftOut = SUITES.filter((suite) => missingParts(suite).length > 0);
for (const suite of SUITES) {
  if (!leftOut.includes(suite)) counts.push(await runSuite(suite));
}
counts.push(nameLeftOut(leftOut));
const sum = addCounts(counts);
// A test that skips itself is no test in CI either.
if (sum.failed > 0 || (inCi && sum.skipped > 0)) process.exitCode = 1;
say(`\n${closingLine(sum)}`);
