/** `npm run conformance`: runs the rows of the table that any gateway can be asked. README.md beside this file says how. */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { chatBehaviour, startFakeUpstream } from '../support/fake-upstream.ts';
import { readTable } from '../support/tag-case.ts';
import type { CaseAnswer, TagCase } from '../support/tag-case.ts';
import { askRow, checkGateway } from './over-http/ask.ts';
import type { RowResult, Target } from './over-http/ask.ts';
import { configOf } from './over-http/config.ts';
import { sortRows } from './over-http/sets.ts';
import type { CaseSet, UnaskableRow } from './over-http/sets.ts';

const HELP = `Runs the table of tag cases against any gateway.

  npm run conformance -- --list
  npm run conformance -- --settings 1 --write-config FILE
  npm run conformance -- --settings 1 --base-url URL --key KEY

  --settings N       which set of router settings (1 unless given); --list shows them
  --write-config F   writes the config that the gateway under test has to run with
  --upstream-port P  where the config's deployments point, and where the upstream of the run listens (4999)
  --base-url URL     the gateway under test
  --key KEY          its master key
  --expect COLUMN    waymark (unless given) or litellm: the answers to hold it to

Exit status: 0 as expected, 1 differences, 2 could not run.`;

type Column = 'waymark' | 'litellm';

interface Options {
  readonly list: boolean;
  readonly settings: number;
  readonly writeConfig?: string | undefined;
  readonly upstreamPort: number;
  readonly baseUrl?: string | undefined;
  readonly key: string;
  readonly expect: Column;
}

process.exitCode = await main();

async function main(): Promise<number> {
  try {
    const options = readOptions();
    if (options === 'help') {
      console.log(HELP);
      return 0;
    }
    const { sets, unaskable } = sortRows(readTable());
    if (options.list) return list(sets, unaskable);
    const set = sets[options.settings - 1];
    if (set === undefined) throw new Error(`There is no set ${options.settings}; there are ${sets.length}.`);
    if (options.writeConfig !== undefined) return write(set, options.writeConfig, options.upstreamPort);
    if (options.baseUrl === undefined) throw new Error(HELP);
    return await run(set, options, options.baseUrl);
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return 2;
  }
}

function readOptions(): Options | 'help' {
  const { values } = parseArgs({
    options: {
      help: { type: 'boolean' },
      list: { type: 'boolean' },
      settings: { type: 'string', default: '1' },
      'write-config': { type: 'string' },
      'upstream-port': { type: 'string', default: '4999' },
      'base-url': { type: 'string' },
      key: { type: 'string', default: process.env['LITELLM_MASTER_KEY'] ?? '' },
      expect: { type: 'string', default: 'waymark' },
    },
  });
  if (values.help === true) return 'help';
  if (values.expect !== 'waymark' && values.expect !== 'litellm') throw new Error('--expect is waymark or litellm.');
  return {
    list: values.list === true,
    settings: wholeNumber('--settings', values.settings),
    writeConfig: values['write-config'],
    upstreamPort: wholeNumber('--upstream-port', values['upstream-port']),
    baseUrl: values['base-url']?.replace(/\/+$/, ''),
    key: values.key,
    expect: values.expect,
  };
}

function wholeNumber(name: string, text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new Error(`${name} takes a whole number from 1, not ${text}.`);
  return number;
}

function list(sets: readonly CaseSet[], unaskable: readonly UnaskableRow[]): number {
  for (const set of sets) console.log(`${titleOf(set)}\n    rows ${numbersOf(set.rows)}`);
  listUnaskable(unaskable);
  return 0;
}

function titleOf(set: CaseSet): string {
  const settings = Object.entries(set.router).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  const declared = set.declared === undefined ? [] : [`tags: ${JSON.stringify(set.declared)}`];
  return `Set ${set.number}: ${[...settings, ...declared].join(', ')} (${set.rows.length} rows)`;
}

function numbersOf(rows: readonly TagCase[]): string {
  return rows.map((row) => row.n).join(', ');
}

function listUnaskable(unaskable: readonly UnaskableRow[]): void {
  console.log(`Cannot be asked from outside: ${unaskable.length} rows`);
  for (const [reason, entries] of Map.groupBy(unaskable, (entry) => entry.reason)) {
    console.log(`  ${reason}: ${numbersOf(entries.map((entry) => entry.row))}`);
  }
}

function write(set: CaseSet, file: string, port: number): number {
  writeFileSync(file, configOf(set, `http://127.0.0.1:${port}`));
  console.log(
    `${titleOf(set)}\nWrote ${file}. Start the gateway with it and LITELLM_MASTER_KEY, then run with --base-url.`,
  );
  return 0;
}

async function run(set: CaseSet, options: Options, baseUrl: string): Promise<number> {
  await using upstream = await startFakeUpstream(() => chatBehaviour(), { port: options.upstreamPort });
  const target: Target = { baseUrl, key: options.key, upstream };
  await checkGateway(target, set.rows);
  const asked: RowResult[] = [];
  const silent: TagCase[] = [];
  for (const row of set.rows) {
    const expected: CaseAnswer | undefined = options.expect === 'litellm' ? row.litellm : row.waymark;
    if (expected === undefined) silent.push(row);
    else asked.push(await askRow(row, expected, target));
  }
  report(set, asked, silent);
  return asked.every((result) => result.ok) ? 0 : 1;
}

function report(set: CaseSet, asked: readonly RowResult[], silent: readonly TagCase[]): void {
  const wrong = asked.filter((result) => !result.ok);
  console.log(titleOf(set));
  for (const { row, expected, found } of wrong) {
    console.log(`  row ${row.n}: expected ${expected}, got ${found} (${row.section}: ${row.why})`);
  }
  console.log(`${asked.length} rows asked, ${asked.length - wrong.length} as expected, ${wrong.length} different.`);
  if (silent.length > 0) console.log(`The column says nothing about ${silent.length} rows: ${numbersOf(silent)}`);
  listUnaskable(sortRows(readTable()).unaskable);
}
