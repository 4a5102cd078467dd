import { spawn } from 'node:child_process';
import { delimiter } from 'node:path';
import { inRoot, ROOT } from './root.ts';

export interface CommandResult {
  readonly code: number;
  /** Standard output and standard error, in the order of arrival. */
  readonly output: string;
}

/** The environment with the project's own programs first in PATH. */
function projectEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${inRoot('node_modules', '.bin')}${delimiter}${process.env['PATH'] ?? ''}` };
}

/** Runs a program in the checkout and collects what it says. Never rejects: a program that cannot be started is code 127. */
export function runCommand(program: string, args: readonly string[]): Promise<CommandResult> {
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(program, [...args], {
      cwd: ROOT,
      env: projectEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const collect = (chunk: string): void => {
      output += chunk;
    };
    child.stdout.setEncoding('utf8').on('data', collect);
    child.stderr.setEncoding('utf8').on('data', collect);
    child.on('error', (error) => resolve({ code: 127, output: `${output}${program}: ${error.message}\n` }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

/** Runs a script of the checkout (a path with `/`) with the Node that runs this one. */
export function runScript(script: string, args: readonly string[]): Promise<CommandResult> {
  return runCommand(process.execPath, [inRoot(...script.split('/')), ...args]);
}
