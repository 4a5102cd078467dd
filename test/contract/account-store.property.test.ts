import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  StoreConflict,
  type AccountChange,
  type AccountStore,
  type ChangeNotice,
  type JsonObject,
} from '../../src/accounts/contract.ts';
import { openPostgres } from '../../src/adapters/postgres/open-postgres.ts';
import { KyselyAccountStore } from '../../src/adapters/sql/account-store.ts';
import { openSqlite } from '../../src/adapters/sqlite/open-sqlite.ts';
import { observe } from './account-store.ts';
import {
  keyRecord,
  modelRecord,
  projectRecord,
  tagRecord,
  teamRecord,
  tokenOf,
  userRecord,
} from '../support/account-records.ts';
import { MemoryAccountStore } from '../support/memory-account-store.ts';
import { startPostgres, type PostgresServer } from '../support/postgres.ts';

/** Few names, so that changes meet each other: they conflict, cascade and replace. */
const NAMES = ['a', 'b', 'c'];
const name = fc.constantFrom(...NAMES);
const orNull = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { freq: 2 });
const stamp = fc.record({ createdAt: fc.integer({ min: 1, max: 4 }), updatedAt: fc.integer({ min: 1, max: 3 }) });
const alias = orNull(fc.constantFrom('x', 'Y', 'ü', '\u{1f600}', '\uffee'));
/** As a parser would have it: without prototypes that only a generator makes. */
const metadata = fc
  .dictionary(fc.string({ unit: 'binary', maxLength: 3 }), fc.jsonValue({ maxDepth: 1 }), { maxKeys: 2 })
  .map((value) => JSON.parse(JSON.stringify(value)) as JsonObject);

const key = fc
  .tuple(
    name,
    stamp,
    fc.record({
      alias,
      teamId: fc.option(name, { freq: 1 }),
      userId: orNull(name),
      projectId: fc.option(name, { freq: 1 }),
      replacedBy: fc.option(fc.constant(tokenOf('z')), { freq: 1 }),
      blocked: fc.boolean(),
      metadata,
    }),
  )
  .map(([id, times, fields]) => keyRecord(id, { ...times, ...fields }));
const seats = fc
  .uniqueArray(name, { maxLength: 3 })
  .map((users) => users.map((userId) => ({ userId, role: 'admin' as const, maxBudgetNano: null })));
const team = fc
  .tuple(name, stamp, fc.record({ alias, members: seats }))
  .map(([id, times, fields]) => teamRecord(id, { ...times, ...fields }));
const project = fc.tuple(name, name, stamp).map(([id, teamId, times]) => projectRecord(id, teamId, times));
const user = fc.tuple(name, stamp, alias).map(([id, times, email]) => userRecord(id, { ...times, email }));
const list = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(value, { maxLength: 2 });

const change: fc.Arbitrary<AccountChange> = fc.record(
  {
    put: fc.record({
      keys: list(key),
      teams: list(team),
      projects: list(project),
      users: list(user),
      tags: list(fc.tuple(name, stamp).map(([id, times]) => tagRecord(id, times))),
      models: list(fc.tuple(name, stamp).map(([id, times]) => modelRecord(id, times))),
    }),
    remove: fc.record(
      {
        key: list(name.map(tokenOf)),
        team: list(name),
        project: list(name),
        user: list(name),
        tag: list(name),
        model: list(name),
      },
      { requiredKeys: [] },
    ),
    createOnly: fc.boolean(),
    audit: fc.constant([]),
    expect: list(
      fc.record({
        type: fc.constantFrom('team' as const, 'user' as const),
        id: name,
        updatedAt: fc.integer({ min: 1, max: 3 }),
      }),
    ),
  },
  { requiredKeys: ['audit'] },
);

let server: PostgresServer;
let url: string;
let folder: string;

beforeAll(async () => {
  server = await startPostgres();
  url = await server.createDatabase();
  folder = mkdtempSync(join(tmpdir(), 'waymark-store-'));
}, 120_000);

afterAll(async () => {
  await server.dispose();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

/** What a caller learns of a change: what was removed and told, or which conflict it was. */
async function outcome(store: AccountStore, one: AccountChange): Promise<unknown> {
  const told: ChangeNotice[] = [];
  const stop = store.watch((notices) => told.push(...notices));
  try {
    return { ...(await store.apply(one)), told: told.sort() };
  } catch (error) {
    if (error instanceof StoreConflict) return { conflict: error.field, told };
    throw error;
  } finally {
    stop();
  }
}

async function pointsOf(store: AccountStore): Promise<unknown> {
  const found = [];
  for (const one of NAMES) {
    found.push(await store.findKey(tokenOf(one)), await store.teamsOfUser(one), await store.findKeyByAlias('x'));
  }
  return found;
}

/** Removing all names leaves an empty store: quicker than another database for every case. */
async function clear(store: AccountStore): Promise<void> {
  const key = NAMES.map(tokenOf);
  await store.apply({ remove: { key, team: NAMES, project: NAMES, user: NAMES, tag: NAMES, model: NAMES }, audit: [] });
}

test('any sequence of changes leaves the same state in memory, on SQLite and on PostgreSQL', async () => {
  const sqlite = await KyselyAccountStore.open(openSqlite(join(folder, 'waymark.db')));
  const postgres = await KyselyAccountStore.open(openPostgres(url));
  const conflicts = new Set<unknown>();
  try {
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 2, maxLength: 8 }), async (changes) => {
        const memory = new MemoryAccountStore();
        for (const one of changes) {
          const expected = await outcome(memory, one);
          conflicts.add((expected as { conflict?: string }).conflict ?? 'none');
          expect(await outcome(sqlite, one)).toStrictEqual(expected);
          expect(await outcome(postgres, one)).toStrictEqual(expected);
        }
        const expected = [await observe(memory), await pointsOf(memory)];
        expect([await observe(sqlite), await pointsOf(sqlite)]).toStrictEqual(expected);
        expect([await observe(postgres), await pointsOf(postgres)]).toStrictEqual(expected);
        await clear(sqlite);
        await clear(postgres);
      }),
      { numRuns: 60, endOnFailure: true },
    );
    // Most sorts of conflict were met, and changes that went through: else the names are too many or too few.
    expect(conflicts).toContain('none');
    expect(conflicts.size).toBeGreaterThan(6);
  } finally {
    await sqlite.close();
    await postgres.close();
  }
}, 240_000);
