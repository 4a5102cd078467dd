import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CompiledQuery, Kysely } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { StoreUnavailable } from '../../accounts/contract.ts';
import { openSqlite } from './open-sqlite.ts';
import { WorkerLine } from './worker-line.ts';

type Tables = Record<string, Record<string, unknown>>;

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waymark-sqlite-'));
  path = join(folder, 'waymark.db');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Opened {
  readonly writes: Kysely<Tables>;
  readonly points: Kysely<Tables>;
  readonly close: () => Promise<void>;
}

function open(): Opened {
  const engine = openSqlite(path, { busyMs: 50 });
  const [writes, points] = [
    new Kysely<Tables>({ dialect: engine.writes }),
    new Kysely<Tables>({ dialect: engine.points }),
  ];
  return {
    writes,
    points,
    close: async () => {
      await points.destroy();
      await writes.destroy();
    },
  };
}

const run = async (db: Kysely<Tables>, sql: string) => (await db.executeQuery(CompiledQuery.raw(sql))).rows;

describe('openSqlite', () => {
  test('makes the file for its owner alone, with WAL and full synchronisation', async () => {
    const { writes, close } = open();
    expect(existsSync(path)).toBe(false);
    await run(writes, 'create table t (x)');
    for (const file of [path, `${path}-wal`, `${path}-shm`]) expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await run(writes, 'pragma journal_mode')).toEqual([{ journal_mode: 'wal' }]);
    expect(await run(writes, 'pragma synchronous')).toEqual([{ synchronous: 2 }]);
    expect(await run(writes, 'pragma foreign_keys')).toEqual([{ foreign_keys: 1 }]);
    await close();
    expect(existsSync(`${path}-wal`)).toBe(false);
  });

  test('long work on its thread leaves the event loop alone', async () => {
    const { writes, close } = open();
    let turns = 0;
    const ticking = setInterval(() => (turns += 1), 1);
    // Some million steps: a thread that did them here would let no timer run until the end.
    const counting =
      'with recursive c(n) as (select 1 union all select n + 1 from c where n < 2000000) select count(*) as n from c';
    expect(await run(writes, counting)).toEqual([{ n: 2_000_000 }]);
    clearInterval(ticking);
    expect(turns).toBeGreaterThan(5);
    await close();
  });

  test('a transaction has the connection to itself until it ends', async () => {
    const { writes, points, close } = open();
    await run(writes, 'create table t (x)');
    const first = writes.transaction().execute(async (trx) => {
      await trx.insertInto('t').values({ x: 1 }).execute();
      await new Promise((resolve) => setTimeout(resolve, 20));
      // Not committed: nobody else sees it, and no other statement has slipped into the transaction.
      expect(await run(points, 'select count(*) as n from t')).toEqual([{ n: 0 }]);
      throw new Error('changed my mind');
    });
    const second = writes.insertInto('t').values({ x: 2 }).execute();
    await expect(first).rejects.toThrow('changed my mind');
    await second;
    expect(await run(points, 'select x from t')).toEqual([{ x: 2 }]);
    await close();
  });

  test('another program that keeps the write lock is a StoreUnavailable, and readers go on', async () => {
    const mine = open();
    const theirs = open();
    await run(mine.writes, 'create table t (x)');
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const holding = theirs.writes.transaction().execute(async () => {
      begin();
      await held;
    });
    await begun;
    await expect(mine.writes.transaction().execute(async () => {})).rejects.toBeInstanceOf(StoreUnavailable);
    expect(await run(mine.points, 'select count(*) as n from t')).toEqual([{ n: 0 }]);
    release();
    await holding;
    await mine.writes.transaction().execute(async (trx) => await trx.insertInto('t').values({ x: 1 }).execute());
    await mine.close();
    await theirs.close();
  });

  test.each([
    ['a file that is not there, for reading', () => {}],
    [
      'a file of something else',
      () => writeFileSync(path, 'not a database, but long enough to look like a file of something else'),
    ],
  ])('%s is a StoreUnavailable', async (_what, prepare) => {
    prepare();
    const { points, close } = open();
    await expect(run(points, 'select * from sqlite_master')).rejects.toBeInstanceOf(StoreUnavailable);
    await close();
  });

  test('a thread that is gone rejects what it was asked, and is never used again', async () => {
    const line = new WorkerLine({ path, readOnly: false, busyMs: 50 });
    await line.run('create table t (x)', []);
    await line.close();
    expect(line.isBroken).toBe(true);
    await expect(line.run('select 1', [])).rejects.toBeInstanceOf(StoreUnavailable);
    const { points, close } = open();
    expect(await run(points, 'select count(*) as n from t')).toEqual([{ n: 0 }]);
    await close();
  });
});
