import { readdirSync, readFileSync } from 'node:fs';

/**
 * CPU time of a process with all its threads so far, in microseconds: `se.sum_exec_runtime` of each thread, the first field of
 * `/proc/PID/task/TID/schedstat`, in nanoseconds. Linux only. Threads that have ended are not in it.
 */
export function cpuMicroseconds(pid: number): number {
  let nanoseconds = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const [first = '0'] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1').split(' ');
    nanoseconds += Number(first);
  }
  return nanoseconds / 1000;
}
