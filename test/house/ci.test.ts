import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { inRoot } from '../../scripts/workshop/root.ts';
import { PARTS } from '../../scripts/test/parts.ts';

/** What the machine has to have, in the order of the registry: `.ci/run` names the same. */
const PARTS_OF_MACHINE = Object.values(PARTS).filter((part) => part.from === 'machine');
const PACKAGES = PARTS_OF_MACHINE.map((part) => part.name);

let folder: string;
let log: string;

/** A machine of its own: only these programs are in PATH, and each of the stand-ins writes down how it was called. */
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waymark-ci-'));
  log = join(folder, 'log');
  for (const name of ['bash', 'dirname', 'cat']) symlinkSync(pathOf(name), join(folder, name));
  standIn('id', 'echo 0');
  standIn('apt-get', '');
  standIn('npm', 'if [ "$1" = test ]; then echo "3 passed, 0 failed"; fi');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function pathOf(program: string): string {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.map((each) => join(each, program)).find(existsSync) ?? program;
}

function standIn(name: string, script: string): void {
  const file = join(folder, name);
  writeFileSync(file, `#!${pathOf('bash')}\necho "${name} $* CI=$CI" >> "${log}"\n${script}\n`);
  chmodSync(file, 0o755);
}

function runCi(): { status: number | null; lastLine: string; calls: readonly string[] } {
  const { status, stdout } = spawnSync(pathOf('bash'), [inRoot('.ci', 'run')], {
    env: { PATH: folder },
    encoding: 'utf8',
  });
  const calls = readFileSync(log, 'utf8').trim().split('\n');
  return {
    status,
    lastLine: stdout.trim().split('\n').at(-1) ?? '',
    calls: calls.filter((call) => !call.startsWith('id ')),
  };
}

describe('.ci/run', () => {
  test('installs what a bare machine lacks, then what npm brings, then tests', () => {
    const { status, lastLine, calls } = runCi();
    expect([status, lastLine]).toEqual([0, '3 passed, 0 failed']);
    expect(calls).toEqual([
      'apt-get update -qq CI=true',
      `apt-get install -y -qq --no-install-recommends ca-certificates ${PACKAGES.join(' ')} CI=true`,
      'npm ci CI=true',
      'npm test --silent CI=true',
    ]);
  });

  test('installs nothing where all parts are there', () => {
    for (const { name, program = name } of PARTS_OF_MACHINE) standIn(program, '');
    const calls = runCi().calls.filter((call) => !call.startsWith('python3 -m pip --version'));
    expect(calls).toEqual(['npm ci CI=true', 'npm test --silent CI=true']);
  });

  test.each([
    ['npm ci', '[ "$1" = test ]'],
    ['npm test', '[ "$1" = ci ]'],
    ['apt-get', ''],
  ])('fails where %s fails', (what, script) => {
    standIn(what.split(' ')[0] ?? '', what === 'apt-get' ? 'exit 100' : script);
    expect(runCi().status).not.toBe(0);
  });
});
