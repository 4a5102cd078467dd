import { expect, test } from 'vitest';
import { recordedActions, recordedIo } from '../../../../test/support/cli-io.ts';
import { StoreUnavailable } from '../../../accounts/contract.ts';
import type { SchemaReport, ServeRequest } from '../actions.ts';
import { EXIT } from '../io.ts';
import { runCli } from '../program.ts';
import { addMigrate } from './command.ts';

const FRESH: SchemaReport = {
  current: 1,
  latest: 2,
  applied: [{ number: 1, name: 'accounts', appliedAt: 0 }],
  pending: [{ number: 2, name: 'more' }],
  tooNew: false,
  script: '-- 2 more\nalter table x;\n',
};

async function migrate(line: string, report: SchemaReport | Error, env: Record<string, string> = {}) {
  const world = recordedIo({ env });
  const asked: [ServeRequest['database'], boolean][] = [];
  const actions = {
    ...recordedActions().actions,
    migrate: async (database: ServeRequest['database'], changes: boolean): Promise<SchemaReport> => {
      asked.push([database, changes]);
      if (report instanceof Error) throw report;
      return report;
    },
  };
  const identity = { version: '1.2.3', litellmVersion: '1.106.2' };
  const status = await runCli(line.split(' '), { io: world.io, actions, identity }, [addMigrate]);
  return { status, asked, out: world.out(), err: world.err() };
}

test.each<[string, Record<string, string>, ServeRequest['database'], boolean]>([
  ['migrate', {}, { kind: 'sqlite', path: '/home/someone/waymark.db' }, true],
  ['migrate --status', { WAYMARK_DATA_DIR: 'data' }, { kind: 'sqlite', path: '/home/someone/data/waymark.db' }, false],
  ['migrate --dry-run --data-dir /d', { WAYMARK_DATA_DIR: 'data' }, { kind: 'sqlite', path: '/d/waymark.db' }, false],
  ['migrate', { DATABASE_URL: 'postgresql://u@h/d' }, { kind: 'postgres', url: 'postgresql://u@h/d' }, true],
])('%s with %j', async (line, env, database, changes) => {
  expect((await migrate(line, FRESH, env)).asked).toEqual([[database, changes]]);
});

test('--status says what is applied and pending, and ends with 1 where something is', async () => {
  const { status, out } = await migrate('migrate --status', FRESH);
  expect([status, out]).toEqual([
    EXIT.failed,
    'Schema 1 of 2.\n  1  accounts  applied 1970-01-01T00:00:00.000Z\n  2  more      pending\n',
  ]);
  expect((await migrate('migrate --status', { ...FRESH, pending: [] })).status).toBe(EXIT.ok);
  const json = await migrate('migrate --status --json', FRESH);
  expect(JSON.parse(json.out)).toMatchObject({ current: 1, latest: 2, pending: [{ number: 2, name: 'more' }] });
});

test('--dry-run prints SQL, or a comment', async () => {
  expect((await migrate('migrate --dry-run', FRESH)).out).toBe(FRESH.script);
  expect((await migrate('migrate --dry-run', { ...FRESH, script: '' })).out).toBe('-- Nothing is pending.\n');
});

test.each<[string, SchemaReport | Error, number, RegExp]>([
  ['migrate', { ...FRESH, current: 3, tooNew: true }, EXIT.failed, /^The database has schema 3 of a newer Waymark/],
  ['migrate', new StoreUnavailable('it is away'), EXIT.unusable, /^The database cannot be used: it is away/],
])('%s fails with a sentence', async (line, report, status, message) => {
  const ran = await migrate(line, report);
  expect([ran.status, ran.out]).toEqual([status, '']);
  expect(ran.err).toMatch(message);
});

test('an address of another kind of database is refused', async () => {
  const { status, err, asked } = await migrate('migrate', FRESH, { DATABASE_URL: 'mysql://u:secret@h/d' });
  expect([status, asked]).toEqual([EXIT.unusable, []]);
  expect(err).toMatch(/^DATABASE_URL is no address of a PostgreSQL database\./);
  expect(err).not.toContain('secret');
});
