// `npm test`: the gate's other checks, then every suite. The last line is the sum: `412 passed, 0 failed`.
// A suite whose part the machine lacks is left out and named; with CI set that is a failure.
import { CHECKS } from './check/tools.ts';
import { addCounts, closingLine } from './test/closing-line.ts';
import { countLeftOut, exitStatus, findLeftOut, renderLeftOut } from './test/left-out.ts';
import { SUITES, type Suite } from './test/suites.ts';
import { failureReport, runSteps, stepLine } from './workshop/steps.ts';
import { runVitestProject, type TestCount } from './workshop/vitest-run.ts';

const inCi = Boolean(process.env['CI']);
const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** The checks of the gate that are not tests: one test each in the sum. */
async function runChecks(): Promise<TestCount> {
  say('Checks');
  const finished = await runSteps(CHECKS, 2, (step) => say(stepLine(step)));
  say(failureReport(finished));
  const passed = finished.filter((step) => step.ok).length;
  return { passed, failed: finished.length - passed, skipped: 0 };
}

async function runSuite(suite: Suite): Promise<TestCount> {
  const started = performance.now();
  const run = await runVitestProject(suite.project);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  say(`${run.ok ? 'ok  ' : 'FAIL'}  ${suite.project.padEnd(12)} ${seconds.padStart(5)} s  ${closingLine(run)}`);
  if (!run.ok) say(run.output.trim());
  return run;
}

const counts = [await runChecks()];
say('Suites');
const leftOut = findLeftOut(SUITES);
for (const suite of SUITES) {
  if (!leftOut.some((each) => each.suite === suite)) counts.push(await runSuite(suite));
}
say(renderLeftOut(leftOut));
const sum = addCounts([...counts, countLeftOut(leftOut, inCi)]);
process.exitCode = exitStatus(sum, inCi);
say(closingLine(sum));
