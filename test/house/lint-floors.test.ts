import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inRoot } from '../../scripts/workshop/root.ts';

/** What each room's lint must reject, and the advice that it must give. */
const REJECTED: readonly (readonly [room: string, line: string, advice: RegExp])[] = [
  ['src/core/base', "export { x } from '../errors/x.ts';", /Floor 0 imports nothing/],
  ['src/core/base', "export { x } from './../errors/x.ts';", /Floor 0 imports nothing/],
  ['src/core/errors', "export { x } from 'node:util';", /Floor 0 imports nothing/],
  ['src/core/base', 'export const now = Date.now();', /clock arrives/],
  ['src/core/base', 'export const r = Math.random();', /Randomness arrives/],
  ['src/core/routing', "export { x } from '../wire/x.ts';", /Floor 1 is pure/],
  ['src/core/routing', "export type { X } from '../../config/x.ts';", /Floor 1 is pure/],
  ['src/core/routing', "export { x } from './../wire/x.ts';", /Floor 1 is pure/],
  ['src/core/wire', "export { x } from 'node:crypto';", /Floor 1 is pure/],
  ['src/core/limits', 'export const p = performance.now();', /clock arrives/],
  ['src/core/limits', 'setTimeout(() => 1, 5);', /never waits/],
  ['src/core/pricing', 'export const e = process.env;', /core is pure/],
  ['src/config', "export { x } from '../providers/x.ts';", /Floor 2 imports core only/],
  ['src/config/check', "export { x } from '../../gateway/x.ts';", /Floor 2 imports core only/],
  ['src/providers', "export { Pool } from 'undici';", /No network, files or databases/],
  ['src/providers', "export { readFileSync } from 'node:fs';", /No network, files or databases/],
  ['src/gateway', "export { x } from '../adapters/upstream/x.ts';", /ports, never their implementations/],
  ['src/gateway/steps', "export { x } from '../../surfaces/http/x.ts';", /ports, never their implementations/],
  ['src/gateway/steps', "export type { IncomingMessage } from 'node:http';", /never a transport/],
  ['src/gateway/steps', "export { x } from 'undici/x.js';", /never a transport/],
  ['src/adapters/upstream', "export { x } from '../../gateway/x.ts';", /implements a port/],
  ['src/adapters/sqlite', "export { x } from '../upstream/x.ts';", /never import each other/],
  ['src/surfaces/http', "export { x } from '../cli/x.ts';", /Surfaces never import each other/],
  ['src/surfaces/http', "export { x } from '../../adapters/upstream/x.ts';", /gets its adapters from compose/],
  ['src/surfaces/http', "export { x } from 'undici';", /do not call out/],
  ['src/adapters/upstream', "export const x = fetch('http://localhost');", /Upstream port/],
  ['src/gateway', "export { readFileSync } from 'fs';", /node:/],
  ['src/gateway', "console.log('x');", /console/],
  ['src/gateway', 'export default 1;', /default/],
  ['src/gateway', 'export const x: any = 1;', /any/],
  ['src/gateway', 'export function f(a: 1, b: 1, c: 1, d: 1) { return [a, b, c, d]; }', /parameters/],
  ['src/gateway', `export function f() {\n${'  f();\n'.repeat(80)}}`, /too many lines/],
  ['src/gateway', `export const x = [\n${'  1,\n'.repeat(400)}];`, /too many lines/],
];

const ACCEPTED: readonly (readonly [room: string, line: string])[] = [
  ['src/core/base', "export { x } from './x.ts';"],
  [
    'src/core/routing',
    "export { x } from '../base/x.ts'; export { y } from '../errors/y.ts'; export { RE2JS } from 're2js';",
  ],
  ['src/config', "export { x } from '../core/routing/x.ts'; export { parse } from 'yaml';"],
  ['src/gateway/steps', "export { x } from '../../config/x.ts'; export { y } from '../exchange.ts';"],
  ['src/adapters/upstream', "export { Pool } from 'undici'; export { x } from '../../providers/x.ts';"],
  ['src/surfaces/http', "export { createServer } from 'node:http'; export { x } from '../../gateway/x.ts';"],
  ['src', "export { a } from './adapters/upstream/a.ts'; export { b } from './surfaces/http/b.ts';"],
];

let folder: string;
let messages: Map<string, string[]>;

function write(name: string, text: string): void {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${text}\n`);
}

const rejectedFile = (index: number): string => `${REJECTED[index]?.[0]}/rejected-${index}.ts`;
const acceptedFile = (index: number): string => `${ACCEPTED[index]?.[0]}/accepted-${index}.ts`;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'waymark-lint-'));
  cpSync(inRoot('.oxlintrc.json'), join(folder, '.oxlintrc.json'));
  REJECTED.forEach(([, line], index) => write(rejectedFile(index), line));
  ACCEPTED.forEach(([, line], index) => write(acceptedFile(index), line));
  const oxlint = inRoot('node_modules', 'oxlint', 'bin', 'oxlint');
  const run = spawnSync(process.execPath, [oxlint, '--format=json', '.'], { cwd: folder, encoding: 'utf8' });
  const report = JSON.parse(run.stdout) as { diagnostics: { filename: string; message: string; help?: string }[] };
  messages = new Map();
  for (const { filename, message, help } of report.diagnostics) {
    const file = filename.replaceAll('\\', '/').replace(/^\.\//, '');
    messages.set(file, [...(messages.get(file) ?? []), `${message} ${help ?? ''}`]);
  }
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the lint', () => {
  test.each(REJECTED.map(([room, line, advice], index) => ({ room, line: line.slice(0, 70), advice, index })))(
    'rejects in $room: $line',
    ({ index, advice }) => {
      expect(messages.get(rejectedFile(index)) ?? []).toContainEqual(expect.stringMatching(advice));
    },
  );

  test.each(ACCEPTED.map(([room, line], index) => ({ room, line, index })))('accepts in $room: $line', ({ index }) => {
    expect(messages.get(acceptedFile(index)) ?? []).toEqual([]);
  });
});
