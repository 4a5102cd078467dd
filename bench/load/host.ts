import { readFileSync } from 'node:fs';
import { cpus, release } from 'node:os';

/** Facts of the machine that a figure means nothing without. */
export interface HostFacts {
  readonly cpu: string;
  readonly cores: number;
  readonly kernel: string;
  readonly node: string;
  readonly date: string;
}

export function hostFacts(): HostFacts {
  const all = cpus();
  return {
    cpu: all[0]?.model ?? 'unknown',
    cores: all.length,
    kernel: release(),
    node: process.versions.node,
    date: new Date().toISOString(),
  };
}

/** Time that one core was busy so far, in microseconds: for whomever, interrupts and stolen time included. */
export function coreBusyMicroseconds(core: number): number {
  const line = new RegExp(`^cpu${core} (.*)$`, 'm').exec(readFileSync('/proc/stat', 'latin1'))?.[1] ?? '';
  const ticks = line.split(' ').map(Number);
  const idle = (ticks[3] ?? 0) + (ticks[4] ?? 0);
  const all = ticks.slice(0, 8).reduce((sum, tick) => sum + tick, 0);
  // A tick is 1/100 s on every Linux that Node runs on.
  return (all - idle) * 10_000;
}
