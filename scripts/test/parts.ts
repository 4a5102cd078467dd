import { spawnSync } from 'node:child_process';

/** Something of the machine that a suite needs and npm does not bring. */
export interface Part {
  readonly name: string;
  /** What brings it, for a person. */
  readonly install: string;
  isThere(): boolean;
}

/** True when `program args` can be started and ends with status 0. */
function runs(program: string, args: readonly string[]): boolean {
  return spawnSync(program, [...args], { stdio: 'ignore', timeout: 10_000 }).status === 0;
}

const OPENSSL: Part = {
  name: 'openssl',
  install: 'apt-get install openssl (macOS: brew install openssl)',
  isThere: () => runs('openssl', ['version']),
};

const CURL: Part = {
  name: 'curl',
  install: 'apt-get install curl (macOS has it)',
  isThere: () => runs('curl', ['--version']),
};

export const PARTS = { openssl: OPENSSL, curl: CURL } as const;
