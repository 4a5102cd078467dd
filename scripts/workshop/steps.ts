/** One thing that says yes or no. */
export interface Step {
  readonly name: string;
  /** Never rejects for a plain "no": that is `ok: false` with the reasons in `output`. */
  run(): Promise<StepResult>;
}

export interface StepResult {
  readonly ok: boolean;
  /** What to show when the answer is no. */
  readonly output: string;
  /** A few words for the step's line: `214 files`. */
  readonly note?: string;
}

export interface FinishedStep extends StepResult {
  readonly name: string;
  readonly milliseconds: number;
}

/** Runs the steps, at most `width` at a time, in their order. `report` is called as each one ends. */
export async function runSteps(
  steps: readonly Step[],
  width: number,
  report: (finished: FinishedStep) => void,
): Promise<readonly FinishedStep[]> {
  const queue = [...steps];
  const finished: FinishedStep[] = [];
  const worker = async (): Promise<void> => {
    for (let step = queue.shift(); step !== undefined; step = queue.shift()) {
      const result = await runStep(step);
      finished.push(result);
      report(result);
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  return finished;
}

async function runStep(step: Step): Promise<FinishedStep> {
  const started = performance.now();
  let result: StepResult;
  try {
    result = await step.run();
  } catch (error) {
    result = { ok: false, output: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
  return { ...result, name: step.name, milliseconds: performance.now() - started };
}

/** `ok    types        1.2 s  note` */
export function stepLine(step: FinishedStep): string {
  const seconds = `${(step.milliseconds / 1000).toFixed(1)} s`;
  return `${step.ok ? 'ok  ' : 'FAIL'}  ${step.name.padEnd(12)} ${seconds.padStart(7)}  ${step.note ?? ''}`.trimEnd();
}

/** What the failed steps had to say, under their names; empty when all is well. */
export function failureReport(steps: readonly FinishedStep[]): string {
  const failed = steps.filter((step) => !step.ok);
  return failed.map((step) => `\n${`== ${step.name} `.padEnd(80, '=')}\n${step.output.trim()}\n`).join('');
}
