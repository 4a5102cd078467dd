import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { recordedActions, recordedIo } from '../support/cli-io.ts';
import { runCli } from '../../src/surfaces/cli/program.ts';
import { addCheck } from '../../src/surfaces/cli/check/command.ts';

// Whatever stands in the file, `check` ends with findings or clean, with a status of its help, and never with a stack.

const FOLDER = join(import.meta.dirname, '../fixtures/config');
const SEEDS = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => readFileSync(join(FOLDER, name), 'utf8'));

interface Report {
  readonly status: number;
  readonly config_version: string | null;
  readonly problems: readonly { readonly severity: string; readonly line: number | null }[];
}

async function check(text: string): Promise<Report> {
  const files = { '/home/someone/config.yaml': text };
  const { io, out, err } = recordedIo({ files, env: { KEY: 'topsecret-key' } });
  const identity = { version: '1.2.3', litellmVersion: '1.106.2' };
  const context = { io, actions: recordedActions().actions, identity };
  const status = await runCli(['check', 'config.yaml', '--json'], context, [addCheck]);
  expect(err(), text.slice(0, 2000)).toBe('');
  const report = JSON.parse(out()) as Report;
  expect(report.status).toBe(status);
  return report;
}

async function endsProperly(text: string): Promise<Report> {
  const report = await check(text);
  const errors = report.problems.filter(({ severity }) => severity === 'error').length;
  if (report.config_version === null) expect([report.status, errors > 0]).toEqual([2, true]);
  else expect(report.status).toBe(errors > 0 ? 1 : 0);
  const lines = text.split('\n').length;
  for (const { line } of report.problems) if (line !== null) expect(line).toBeLessThanOrEqual(lines);
  return report;
}

type Mutation = (lines: string[], at: number, fresh: string) => void;

/** What happens to files that people edit: by hand, by scripts, by merges. */
const MUTATIONS: readonly Mutation[] = [
  (lines, at) => void lines.splice(at, 1),
  (lines, at) => void lines.splice(at, 3),
  (lines, at) => void lines.splice(at, 0, lines[at] ?? ''),
  (lines, at, fresh) => void lines.splice(at, 0, fresh),
  (lines, at) => void (lines[at] = ` ${lines[at]}`),
  (lines, at) => void (lines[at] = (lines[at] ?? '').replace(/^ {1,2}/, '')),
  (lines, at) => void (lines[at] = (lines[at] ?? '').replace(/^ +/, '\t')),
  (lines, at, fresh) => void (lines[at] = (lines[at] ?? '').replace(/: .*/, `: ${fresh}`)),
  (lines, at) => void (lines[at] = (lines[at] ?? '').replace(/: .*/, ':')),
  (lines, at) => void (lines[at] = (lines[at] ?? '').replace(/(\w+):/, '- $1:')),
  (lines, at) => void (lines[at] = (lines[at] ?? '').replace(/: /, ': &anchor ')),
  (lines, at) => void lines.splice(at, 0, `${/^ */.exec(lines[at] ?? '')?.[0] ?? ''}<<: *anchor`),
  (lines, at) => void (lines[at] = (lines[at] ?? '').replace(/[\]})"']/, '')),
  (lines, at) => void (lines[at] = (lines[at] ?? '').replace(/\w/g, (letter) => letter.toUpperCase())),
  (lines, at) => void (lines[at] = `${lines[at]}\r`),
  (lines, at, fresh) => void (lines[at] = `${lines[at]}${fresh}`),
];

const FRESH = [
  '[]',
  '{}',
  '[[[]]]',
  '{a: {b: {c: [1, {d: e}]}}}',
  'null',
  '~',
  'true',
  '-1',
  '1e400',
  '0x1F',
  '1:30',
  '.nan',
  '2024-01-01',

  '*anchor',
  '&anchor',
  '&anchor [*anchor]',
  '!env X',
  '!!binary aGk=',
  '!!set {a, b}',
  '? [complex]',
  '| ',
  '>-',
  '"',
  "'",
  '%',
  '@x',
  '`x`',

  'os.environ/KEY',
  'os.environ/',
  'os.environ/NOT SET',
  '${KEY:-x}',
  '\u0000',
  '\uFEFF',
  '\u2028',
  '\u0085',
  '\uD800',
  '\x1b[31m',
  '🏷',

  '__proto__: {polluted: true}',
  'constructor: x',
  'toString',
  '<<: {a: 1}',
  '<<: [1, 2]',
  'include: [config.yaml]',
  'include: config.yaml',

  'model_list: {}',
  'model_list: [[]]',
  'tags: [[], {}, null]',
  'router_settings: [x]',
  'fallbacks: [[[x]]]',
  '---',
  '...',
  '\t- x: y',

  'tag_regex: ["(((((a*)*)*)*)*)*b"]',
  'tag_regex: ["(a{999}){999}"]',
  `tags: ["${'x'.repeat(400)}"]`,
  'weight: .inf',
  'rpm: -5',
  'order: 1.5',
];

const edit = fc.record({
  mutation: fc.constantFrom(...MUTATIONS),
  at: fc.nat({ max: 200 }),
  fresh: fc.constantFrom(...FRESH),
});
const edited = fc
  .record({ seed: fc.constantFrom(...SEEDS), edits: fc.array(edit, { minLength: 1, maxLength: 6 }) })
  .map(({ seed, edits }) => {
    const lines = seed.split('\n');
    for (const { mutation, at, fresh } of edits) mutation(lines, at % lines.length, fresh);
    return lines.join('\n');
  });

/** A file that was cut, or into which bytes were written that are no text: what a reader makes of them is U+FFFD. */
const damaged = fc
  .record({
    seed: fc.constantFrom(...SEEDS.filter((text) => text !== '')),
    at: fc.nat({ max: 2000 }),
    bytes: fc.uint8Array({ maxLength: 12 }),
    cut: fc.boolean(),
  })
  .map(({ seed, at, bytes, cut }) => {
    const whole = Buffer.from(seed);
    const from = at % whole.length;
    const rest = cut ? [] : [whole.subarray(from)];
    return Buffer.concat([whole.subarray(0, from), bytes, ...rest]).toString('utf8');
  });

describe('a config that something happened to', () => {
  test('lines were edited', { timeout: 180_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(edited, async (text) => void (await endsProperly(text))),
      { numRuns: 600 },
    );
  });

  test('bytes were lost or written over', { timeout: 180_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(damaged, async (text) => void (await endsProperly(text))),
      { numRuns: 300 },
    );
  });
});

const deployments = (count: number): string =>
  Array.from({ length: count }, (_, index) =>
    [
      `  - model_name: group-${index % 500}`,
      `    litellm_params: {model: openai/m-${index}, api_key: os.environ/KEY, tags: [tag-${index}, team-${index % 40}]}`,
      `    model_info: {description: ${'told at length '.repeat(60)}}`,
    ].join('\n'),
  ).join('\n');

describe('a config that is too much', () => {
  test.each([
    ['flow lists within each other, 100,000 deep', `a: ${'['.repeat(100_000)}`],
    [
      'maps within each other, 5,000 deep',
      Array.from({ length: 5000 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'),
    ],
    [
      'aliases of aliases that stand for 10^12 values',
      ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]']
        .concat(Array.from({ length: 12 }, (_, n) => `a${n + 1}: &a${n + 1} [${`*a${n}, `.repeat(10)}]`))
        .join('\n'),
    ],
    ['a list of 200,000 items', `a: [${'x, '.repeat(200_000)}]`],
    ['one line of 5 MB', `model_list: "${'x'.repeat(5_000_000)}"`],
    ['5 MB of binary', Buffer.alloc(2_500_000, 'ab\u0000\u0001\xff', 'latin1').toString('utf8')],
    ['6,000 aliases', ['a: &a {b: c}', ...Array.from({ length: 3000 }, (_, n) => `k${n}: {<<: [*a, *a]}`)].join('\n')],
  ])('%s', { timeout: 180_000 }, async (_, text) => {
    await endsProperly(text);
  });

  test('5 MB of deployments are read, and what is wrong with the last is found', { timeout: 180_000 }, async () => {
    const text = `model_list:\n${deployments(5000)}\n  - model_name: last\n    litellm_params: {modle: openai/x}\n`;
    expect(text.length).toBeGreaterThan(5_000_000);
    const { config_version: version, problems } = await endsProperly(text);
    expect(version).not.toBeNull();
    expect(problems.some(({ line }) => line === text.split('\n').length - 1)).toBe(true);
  });
});
