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
  return {
    pid: pidOf(child),
    tell: async (order) => {
      const answered = once(child, 'message');
      const ended = once(child, 'exit').then(() => {
        throw new Error('A worker of the bench ended by itself.');
      });
      child.send(order);
      const [answer] = (await Promise.race([answered, ended])) as [WorkerAnswer];
      ended.catch(() => undefined);
      if ('failed' in answer) throw new Error(answer.failed);
      return answer;
    },
    stop: async () => stop(child),
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

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 3000);
  await exited;
  clearTimeout(timer);
}

function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error('taskset could not be started: the bench needs Linux with util-linux.');
  return child.pid;
}
