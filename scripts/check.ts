// `npm run check`: the gate. Says yes (exit status 0) or no (1) in about a minute; `npm test` runs the rest as well.
import { availableParallelism } from 'node:os';
import { CHECKS, tests } from './check/tools.ts';
import { failureReport, runSteps, stepLine } from './workshop/steps.ts';

const STEPS = [tests('unit'), ...CHECKS, tests('house')];

const started = performance.now();
const finished = await runSteps(STEPS, Math.min(3, Math.max(2, availableParallelism())), (step) => {
  process.stdout.write(`${stepLine(step)}\n`);
});
process.stdout.write(failureReport(finished));
const failed = finished.filter((step) => !step.ok).map((step) => step.name);
const seconds = ((performance.now() - started) / 1000).toFixed(0);
process.stdout.write(
  failed.length === 0
    ? `\nThe gate is open (${seconds} s).\n`
    : `\nThe gate is shut: ${failed.join(', ')} (${seconds} s).\n`,
);
process.exitCode = failed.length === 0 ? 0 : 1;
