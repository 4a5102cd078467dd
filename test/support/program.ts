import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');
/** What `npm ci` puts on the path of the scripts: `waymark`, `litellm`. */
const BIN = join(ROOT, 'node_modules', '.bin');
const PATIENCE_MS = 15_000;

/** A program that runs in a shell of its own. */
export interface RunningProgram extends AsyncDisposable {
  readonly pid: number;
  /** Whether anybody reads what it writes; true from the start. */
  listen(isHeard: boolean): void;
  /** What it has written so far, both streams in order of arrival. */
  output(): string;
  /** Waits until its output holds a match. Rejects with the output when it ends first, or never says it. */
  said(pattern: RegExp): Promise<RegExpExecArray>;
  signal(name: 'SIGTERM' | 'SIGINT' | 'SIGHUP'): void;
  /** Its exit status, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
}

export interface ProgramOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs one shell command with only the variables given, HOME, TMPDIR and a path on which `waymark` and `litellm` stand. */
export function startProgram(command: string, { cwd, env = {} }: ProgramOptions = {}): RunningProgram {
  const { HOME = '', TMPDIR, PATH = '' } = process.env;
  const inherited = { HOME, PATH: `${BIN}:${PATH}`, ...(TMPDIR === undefined ? {} : { TMPDIR }) };
  const child = spawn('sh', ['-c', `exec ${command}`], {
    cwd,
    env: { ...inherited, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return watch(child, command);
}

/** Runs one shell command to its end. */
export async function runProgram(
  command: string,
  options: ProgramOptions = {},
): Promise<{ status: number | NodeJS.Signals; output: string }> {
  await using program = startProgram(command, options);
  const status = await program.ended;
  return { status, output: program.output() };
}

function watch(child: ChildProcess, command: string): RunningProgram {
  let output = '';
  const listeners = new Set<() => void>();
  const collect = (chunk: Buffer): void => {
    output += chunk.toString('utf8');
    for (const listener of listeners) listener();
  };
  child.stdout?.on('data', collect);
  child.stderr?.on('data', collect);
  let over = false;
  const ended = new Promise<number | NodeJS.Signals>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      over = true;
      resolve(code ?? signal ?? 1);
      for (const listener of listeners) listener();
    });
  });
  const said = async (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const giveUp = setTimeout(() => finish(new Error(`"${command}" never said ${pattern}:\n${output}`)), PATIENCE_MS);
      const finish = (result: RegExpExecArray | Error): void => {
        clearTimeout(giveUp);
        listeners.delete(look);
        if (result instanceof Error) reject(result);
        else resolve(result);
      };
      const look = (): void => {
        const match = pattern.exec(output);
        if (match !== null) finish(match);
        else if (over) finish(new Error(`"${command}" ended without saying ${pattern}:\n${output}`));
      };
      listeners.add(look);
      look();
    });
  return {
    pid: child.pid ?? 0,
    listen: (isHeard) => void (isHeard ? child.stdout?.resume() : child.stdout?.pause()),
    output: () => output,
    said,
    signal: (name) => void child.kill(name),
    ended,
    async [Symbol.asyncDispose]() {
      if (!over) child.kill('SIGKILL');
      await ended;
    },
  };
}
