import { describe, expect, test } from 'vitest';
import { recordedActions, recordedIo } from '../../../../test/support/cli-io.ts';
import { StoreConflict, StoreUnavailable } from '../../../accounts/contract.ts';
import { ReportBuilder, type ImportReport } from '../../../accounts/import/report.ts';
import { LitellmUnreadable } from '../../../accounts/import/source.ts';
import type { CliActions, ImportRequest } from '../actions.ts';
import type { ImportFlags } from './command.ts';
import { runImport } from './run.ts';

const FROM = 'postgresql://reader@db.example/litellm';

interface World {
  readonly env?: Record<string, string>;
  readonly files?: Record<string, string>;
  readonly report?: ImportReport;
  readonly failWith?: Error;
}

async function run(flags: ImportFlags, { env = {}, files = {}, report, failWith }: World = {}) {
  const { io, out } = recordedIo({ env, files });
  const requests: ImportRequest[] = [];
  const runs: boolean[] = [];
  let closed = 0;
  const actions: CliActions = {
    ...recordedActions().actions,
    async openImport(request) {
      if (failWith instanceof LitellmUnreadable) throw failWith;
      requests.push(request);
      return {
        run: async ({ dryRun }) => {
          runs.push(dryRun);
          if (!dryRun && failWith !== undefined) throw failWith;
          return report ?? new ReportBuilder().build([]);
        },
        close: async () => void (closed += 1),
      };
    },
  };
  const result = await runImport(flags, actions, io).catch((error: Error) => error);
  return { result, request: requests[0], runs, out: out(), closed };
}

describe('what is asked for', () => {
  test.each<[ImportFlags, World, Partial<ImportRequest>]>([
    [{ databaseUrl: FROM }, {}, { from: FROM, to: { kind: 'sqlite', path: '/home/someone/waymark.db' }, prefix: '' }],
    [{}, { env: { LITELLM_DATABASE_URL: FROM } }, { from: FROM }],
    [{ databaseUrl: FROM, dataDir: 'data' }, {}, { to: { kind: 'sqlite', path: '/home/someone/data/waymark.db' } }],
    [
      { databaseUrl: FROM },
      { env: { DATABASE_URL: 'postgres://x/y' } },
      { to: { kind: 'postgres', url: 'postgres://x/y' } },
    ],
    [{ databaseUrl: FROM }, {}, { litellmSaltKey: undefined, saltKey: undefined }],
    [{ databaseUrl: FROM }, { env: { LITELLM_SALT_KEY: 'l' } }, { litellmSaltKey: 'l', saltKey: 'l' }],
    [
      { databaseUrl: FROM },
      { env: { LITELLM_SALT_KEY: 'l', WAYMARK_SALT_KEY: 'w' } },
      { litellmSaltKey: 'l', saltKey: 'w' },
    ],
    [{ databaseUrl: FROM }, { env: { LITELLM_MASTER_KEY: 'm' } }, { litellmSaltKey: 'm', saltKey: undefined }],
    [
      { databaseUrl: FROM, litellmSaltKeyFile: 'salt' },
      { env: { LITELLM_SALT_KEY: 'l' }, files: { '/home/someone/salt': 'f\n' } },
      { litellmSaltKey: 'f', saltKey: 'l' },
    ],
    [
      { databaseUrl: FROM, config: 'c.yaml' },
      { files: { '/home/someone/c.yaml': 'router_settings: {tag_routing_prefix: "route:"}\nmodel_list: []\n' } },
      { prefix: 'route:', litellmSaltKey: undefined },
    ],
    [
      { databaseUrl: FROM, config: 'c.yaml' },
      { files: { '/home/someone/c.yaml': 'general_settings: {master_key: sk-1234}\nmodel_list: []\n' } },
      { litellmSaltKey: 'sk-1234', saltKey: undefined },
    ],
  ])('%j in %j', async (flags, world, request) => {
    expect((await run(flags, world)).request).toMatchObject(request);
  });

  test('a dry run runs once, an import after it', async () => {
    expect((await run({ databaseUrl: FROM, dryRun: true })).runs).toEqual([true]);
    expect((await run({ databaseUrl: FROM })).runs).toEqual([true, false]);
  });
});

describe('its exit status', () => {
  const builder = new ReportBuilder();
  builder.refuse({ type: 'key', id: '\u001b[2J', name: null, message: 'No.' });
  const refused = builder.build([]);

  test('is 0 where all is well, 1 where a row was refused', async () => {
    expect((await run({ databaseUrl: FROM })).result).toBe(0);
    expect((await run({ databaseUrl: FROM }, { report: refused })).result).toBe(1);
  });

  test('and no name of the other database steers the terminal', async () => {
    expect((await run({ databaseUrl: FROM }, { report: refused })).out).toContain('?[2J');
  });

  test.each<[ImportFlags, World, object]>([
    [{}, {}, { status: 2, message: "LiteLLM's database was not named." }],
    [{ databaseUrl: FROM, litellmSaltKeyFile: 'no' }, {}, { status: 2 }],
    [{ databaseUrl: FROM, litellmSaltKeyFile: 'e' }, { files: { '/home/someone/e': ' \n' } }, { status: 2 }],
    [{ databaseUrl: FROM }, { failWith: new LitellmUnreadable('Gone.') }, { status: 2 }],
    [{ databaseUrl: FROM }, { failWith: new StoreUnavailable('Away.') }, { status: 2 }],
    [{ databaseUrl: FROM }, { failWith: new StoreConflict('key.alias', 'Taken.') }, { status: 1 }],
  ])('of %j in %j', async (flags, world, failure) => {
    const { result, request, closed } = await run(flags, world);
    expect(result).toMatchObject(failure);
    expect(closed).toBe(request === undefined ? 0 : 1);
  });

  test('as JSON the report stands alone', async () => {
    const { out } = await run({ databaseUrl: FROM, json: true }, { report: refused });
    expect(JSON.parse(out)).toEqual({ applied: true, ...refused });
  });
});
