import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { WorkerAnswer, WorkerOrder } from './worker.ts';

/** The core of what is measured, and the core of all that measures it. */
export const TARGET_CORE = 0;
export const BENCH_CORE = 1;

const WORKER = fileURLToPath(new URL('worker.ts', import.meta.url));

/** A process of the bench, pinned to one core. */
export interface Pinned {
  readonly pid: number;
  tell(order: WorkerOrder): Promise<WorkerAnswer>;
  stop(): Promise<void>;
}

/** Starts a worker process on one core. */
export function startWorker(core: number): Pinned {
  const child = spawn('taskset', ['-c', String(core), process.execPath, WORKER], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const ended = Promise.withResolvers<never>();
  // Whoever waits for an answer hears of it; where nobody waits it is no failure.
  ended.promise.catch(() => undefined);
  child.once('exit', () => ended.reject(new Error('A worker of the bench ended by itself.')));
  return {
    pid: pidOf(child),
    tell: async (order) => {
      const answered = once(child, 'message');
      child.send(order);
      const [answer] = (await Promise.race([answered, ended.promise])) as [WorkerAnswer];
      if ('failed' in answer) throw new Error(answer.failed);
      return answer;
    },
    stop: async () => {
      // A worker whose channel is closed ends by itself, in order.
      if (child.connected) child.disconnect();
      await stop(child);
    },
  };
}

/** Starts any command on one core, its output into a file, as a service has it: a pipe would make this process part of the work. */
export function startPinned(
  core: number,
  command: readonly string[],
  outputFile: string,
): { pid: number; stop(): Promise<void> } {
  const output = openSync(outputFile, 'w');
  const child = spawn('taskset', ['-c', String(core), ...command], { stdio: ['ignore', output, output] });
  closeSync(output);
  return { pid: pidOf(child), stop: async () => stop(child) };
}

/** Asks once, waits, and ends what does not listen. */
async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  if (child.channel === undefined) child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 3000);
  await exited;
  clearTimeout(timer);
}

function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error('taskset could not be started: the bench needs Linux with util-linux.');
  return child.pid;
}
