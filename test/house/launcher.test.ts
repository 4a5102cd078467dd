import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { inRoot } from '../../scripts/workshop/root.ts';

const OLD = ['-r', inRoot('test', 'house', 'fixtures', 'old-node.cjs')];
const SAY_ARGUMENTS = 'process.stdout.write(JSON.stringify([process.execPath, ...process.argv.slice(2)]));\n';
let checkout: string;

/** A small checkout: the real launchers, and a program that says what it was called with. */
beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), 'waymark-launcher-'));
  cpSync(inRoot('bin'), join(checkout, 'bin'), { recursive: true });
  cpSync(inRoot('tools'), join(checkout, 'tools'), { recursive: true });
});

afterEach(() => rmSync(checkout, { recursive: true, force: true }));

function bringNode(name: string): string {
  const folder = join(checkout, 'node_modules', name, 'bin');
  mkdirSync(folder, { recursive: true });
  symlinkSync(process.execPath, join(folder, 'node'));
  return join(folder, 'node');
}

function bringProgram(text: string): void {
  mkdirSync(join(checkout, 'dist'), { recursive: true });
  writeFileSync(join(checkout, 'dist', 'waymark.mjs'), text);
}

function run(
  args: readonly string[],
  node = process.execPath,
): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(node, [...args], { cwd: checkout, encoding: 'utf8' });
  return { status, stdout, stderr };
}

/** The machine's own Node: the first in PATH that npm did not bring. */
function machineNode(): string {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'));
  return folders.map((folder) => join(folder, 'node')).find(existsSync) ?? process.execPath;
}

describe('tools/node.cjs', () => {
  test('takes the Node that npm brought, whatever runs it', () => {
    const brought = bringNode('node-any-platform');
    const args = ['tools/node.cjs', '-p', 'JSON.stringify([process.argv0, process.versions.node])'];
    for (const [before, node] of [
      [[], process.execPath],
      [OLD, process.execPath],
      [[], machineNode()],
    ] as const) {
      const { status, stdout } = run([...before, ...args], node);
      expect([status, JSON.parse(stdout)]).toEqual([0, [brought, process.versions.node]]);
    }
  });

  test('takes the running Node when it is new enough and there is no other', () => {
    expect(run(['tools/node.cjs', '-p', '1 + 1'])).toEqual({ status: 0, stdout: '2\n', stderr: '' });
  });

  test('says what is needed when the running Node is too old and there is no other', () => {
    const { status, stderr } = run([...OLD, 'tools/node.cjs', '-p', '1 + 1']);
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(/^Waymark needs Node 24\.11 or newer; this is 20\.1\.0\. Run "npm ci" in .+\n$/),
    ]);
  });

  test.each([0, 1, 7])('ends with status %d as the script does', (status) => {
    bringNode('node-any-platform');
    expect(run([...OLD, 'tools/node.cjs', '-e', `process.exit(${status})`]).status).toBe(status);
  });

  test('hands signals down and ends by them', async () => {
    bringNode('node-any-platform');
    const script =
      "process.on('SIGTERM', () => { console.log('stopping'); process.exit(3); }); setInterval(() => 1, 1000); console.log('ready');";
    const child = spawn(process.execPath, ['tools/node.cjs', '-e', script], { cwd: checkout });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said === 'ready\n') child.kill('SIGTERM');
    });
    const status = await new Promise((resolve) => child.on('close', resolve));
    expect([status, said]).toEqual([3, 'ready\nstopping\n']);
  });

  test('ends by the signal that ended the script', async () => {
    bringNode('node-any-platform');
    const child = spawn(process.execPath, ['tools/node.cjs', '-e', "process.kill(process.pid, 'SIGKILL')"], {
      cwd: checkout,
    });
    const signal = await new Promise((resolve) => child.on('close', (_, by) => resolve(by)));
    expect(signal).toBe('SIGKILL');
  });
});

describe('bin/waymark.cjs', () => {
  test.each([
    ['a new Node', []],
    ['an old Node', OLD],
  ])('hands its arguments to the program under %s', (_, before) => {
    bringNode('node-any-platform');
    bringProgram(SAY_ARGUMENTS);
    const { status, stdout } = run([...before, 'bin/waymark.cjs', 'serve', '--config', 'a b.yaml', '']);
    expect([status, (JSON.parse(stdout) as string[]).slice(1)]).toEqual([0, ['serve', '--config', 'a b.yaml', '']]);
  });

  test('works through a link, as npx calls it', () => {
    bringProgram(SAY_ARGUMENTS);
    symlinkSync(join('bin', 'waymark.cjs'), join(checkout, 'litellm'));
    const { status, stdout } = run(['litellm', '--version']);
    expect([status, JSON.parse(stdout)]).toEqual([0, [process.execPath, '--version']]);
  });

  test('says what to do when nothing is built', () => {
    const { status, stderr } = run(['bin/waymark.cjs', '--version']);
    expect([status, stderr]).toEqual([1, expect.stringMatching(/waymark\.mjs is missing\. Run "npm run build"/)]);
  });
});

describe('tools/start.mjs, the first file of the built program', () => {
  beforeEach(() => {
    mkdirSync(join(checkout, 'built'));
    cpSync(inRoot('tools', 'start.mjs'), join(checkout, 'built', 'waymark.mjs'));
    writeFileSync(join(checkout, 'built', 'main.mjs'), SAY_ARGUMENTS);
  });

  test('says one plain sentence on an old Node', () => {
    const old = run([...OLD, 'built/waymark.mjs', 'serve']);
    expect(old).toEqual({ status: 1, stdout: '', stderr: 'Waymark needs Node 24.11 or newer; this is 20.1.0.\n' });
  });

  test('starts the program and keeps compiled code beside it', () => {
    const { status, stdout } = run(['built/waymark.mjs', 'serve']);
    expect([status, JSON.parse(stdout)]).toEqual([0, [process.execPath, 'serve']]);
    expect(existsSync(join(checkout, 'built', '.compile-cache'))).toBe(true);
  });
});

test('the launchers and the manifests ask for the same Node', () => {
  const require = createRequire(import.meta.url);
  const { MINIMUM } = require('../../tools/node.cjs') as { MINIMUM: readonly number[] };
  const { stderr } = run([...OLD, inRoot('tools', 'start.mjs')]);
  expect(stderr).toContain(`Node ${MINIMUM.join('.')} or newer`);
});
