import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { recordedActions, recordedIo } from '../../../../test/support/cli-io.ts';
import { CATALOGUE } from '../../../config/check/catalogue.ts';
import type { CliIo } from '../io.ts';
import { runCli } from '../program.ts';
import { addCheck } from './command.ts';

// Every example of a config, through the command itself: what each finds is in test/fixtures/config/*.findings.

const FOLDER = join(import.meta.dirname, '../../../../test/fixtures/config');
const ENV = { KEY: 'topsecret-key', MASTER: 'sk-topsecret-key-of-length', WHOLE_MODEL: 'openai/whole' };
const configs = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'));

interface Finding {
  readonly code: string;
  readonly severity: 'error' | 'warning' | 'note';
  readonly message: string;
  readonly hint: string | null;
  readonly file: string | null;
  readonly line: number | null;
  readonly column: number | null;
}

interface Report {
  readonly status: number;
  readonly errors: number;
  readonly warnings: number;
  readonly config_version: string | null;
  readonly problems: readonly Finding[];
}

async function check(name: string, ...flags: string[]): Promise<{ status: number; out: string; err: string }> {
  const { io, out, err } = recordedIo({ env: ENV });
  const onDisk: CliIo = {
    ...io,
    cwd: FOLDER,
    readText(path) {
      if (!existsSync(path)) throw new Error('no such file');
      return readFileSync(path, 'utf8');
    },
  };
  const context = {
    io: onDisk,
    actions: recordedActions().actions,
    identity: { version: '1.2.3', litellmVersion: '1.106.2' },
  };
  return { status: await runCli(['check', name, ...flags], context, [addCheck]), out: out(), err: err() };
}

async function report(name: string): Promise<Report> {
  return JSON.parse((await check(name, '--json')).out) as Report;
}

/** The rule of the help: 2 where nothing can be read, else 1 for an error (with --strict a warning too), else 0. */
function expected({ config_version: version, errors, warnings }: Report, strict: boolean): number {
  if (version === null) return 2;
  return errors > 0 || (strict && warnings > 0) ? 1 : 0;
}

describe.each(configs)('%s', (name) => {
  test('ends with the status that its findings ask for, whatever is printed', async () => {
    const found = await report(name);
    expect(found.status).toBe(expected(found, false));
    for (const flags of [[], ['--json'], ['--sarif']]) {
      const { status, err } = await check(name, ...flags);
      expect([status, err]).toEqual([expected(found, false), '']);
      expect((await check(name, ...flags, '--strict')).status).toBe(expected(found, true));
    }
  });

  test('has a place, a known code and, where something is to be done, how to mend it, for every finding', async () => {
    const { problems } = await report(name);
    expect(new Set(problems.map((one) => JSON.stringify(one))).size).toBe(problems.length);
    for (const problem of problems) {
      expect(Object.keys(CATALOGUE)).toContain(problem.code);
      expect(problem, JSON.stringify(problem)).toMatchObject({
        file: expect.stringContaining(FOLDER) as string,
        line: expect.any(Number) as number,
        column: expect.any(Number) as number,
      });
      if (problem.severity !== 'note') expect(problem.hint, problem.message).toMatch(/^[^\s].*[.?)]$/);
      expect(problem.message).toMatch(/^\S.*\.$/);
    }
  });

  test('is told in full to a person: places below the working folder, errors first', async () => {
    const [{ out }, { problems }] = await Promise.all([check(name), report(name)]);
    const rank = ['error', 'warning', 'note'];
    const ranks = problems.map(({ severity }) => rank.indexOf(severity));
    expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
    for (const { file, line, column, severity, code, message, hint } of problems) {
      const near = (file ?? '').slice(FOLDER.length + 1);
      expect(out).toContain(`${near}:${line}:${column}  ${severity}  ${code}\n    ${message}`);
      if (hint !== null) expect(out).toContain(`    mend: ${hint}\n`);
    }
    for (const secret of Object.values(ENV)) if (secret.includes('topsecret')) expect(out).not.toContain(secret);
    expect(out.split('\n').at(-2)).toMatch(new RegExp(`^${name.replace('.', '\\.')}: .+ \\(.+\\)$`));
  });
});

test('there are enough examples', () => {
  expect(configs.length).toBeGreaterThanOrEqual(45);
});
