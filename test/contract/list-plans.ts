import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CompiledQuery, type Kysely } from 'kysely';
import type { KeyFilter, ListQuery } from '../../src/accounts/contract.ts';
import { KyselyAccountStore, openTables } from '../../src/adapters/sql/account-store.ts';
import { encodeCursor } from '../../src/adapters/sql/cursor.ts';
import { keyConditions, SORTS } from '../../src/adapters/sql/lists.ts';
import { pageQuery } from '../../src/adapters/sql/page.ts';
import { KEYS, type Database } from '../../src/adapters/sql/tables.ts';
import { keyRecord, teamRecord, tokenOf } from '../support/account-records.ts';
import type { DatabaseUnderTest } from './account-migrations.ts';

const KEY_COUNT = 4000;

/** How a database goes about the lists: by an index, wherever the page lies. Asked of its planner, over some thousand keys. */
export function describeListPlans(name: string, make: () => Promise<DatabaseUnderTest>): void {
  let database: DatabaseUnderTest;
  let db: Kysely<Database>;
  let kind: 'sqlite' | 'postgres';

  beforeAll(async () => {
    database = await make();
    const store = await KyselyAccountStore.open(database.open());
    const teams = Array.from({ length: 40 }, (_, i) => teamRecord(`t${i}`));
    const keys = Array.from({ length: KEY_COUNT }, (_, i) =>
      keyRecord(`${i}`, {
        teamId: `t${i % 40}`,
        userId: `u${i % 500}`,
        createdAt: i,
        updatedAt: KEY_COUNT - i,
        alias: `a${i}`,
      }),
    );
    await store.apply({ put: { teams, keys }, audit: [] });
    await store.close();
    const engine = database.open();
    kind = engine.kind;
    db = openTables(engine.writes, kind);
    await db.executeQuery(CompiledQuery.raw('analyze'));
  }, 120_000);

  afterAll(async () => {
    await db.destroy();
    await database.dispose();
  }, 60_000);

  async function planOf(filter: KeyFilter, query: ListQuery): Promise<string> {
    const plan = { table: KEYS, sorts: SORTS, where: keyConditions(filter), query };
    const compiled = pageQuery(db, plan, query.size).compile();
    const word = kind === 'sqlite' ? 'explain query plan ' : 'explain ';
    const { rows } = await db.executeQuery<Record<string, unknown>>(
      CompiledQuery.raw(word + compiled.sql, [...compiled.parameters]),
    );
    return rows.map((row) => String(row['detail'] ?? row['QUERY PLAN'])).join('\n');
  }

  const middle = (sortBy: 'created_at' | 'updated_at' | 'alias'): string =>
    encodeCursor({ sortBy, sortOrder: 'desc', value: sortBy === 'alias' ? 'a2000' : 2000, id: tokenOf('x') });

  /** Reads in the order of the index from the cursor on: no scan of the table, and nothing sorted afterwards. */
  const seek = { sqlite: /^SEARCH waymark_keys USING INDEX (\w+)/, postgres: /Index Scan.* using (\w+) on/ };
  const cursorIsSought = { sqlite: /\(.*[<>]\(?\?/, postgres: /Index Cond: \(.*ROW/ };
  const sorts = { sqlite: /TEMP B-TREE/, postgres: /\bSort\b/ };

  describe(`${name}: plans of lists`, () => {
    test.each(['created_at', 'updated_at', 'alias'] as const)(
      'a deep page by %s seeks in its index',
      async (sortBy) => {
        const plan = await planOf({}, { size: 50, sortBy, cursor: middle(sortBy) });
        expect(plan).toMatch(seek[kind]);
        expect(plan).toMatch(cursorIsSought[kind]);
        expect(plan).not.toMatch(sorts[kind]);
      },
    );

    test.each([
      ['a team', { teamId: 't3' }, 'waymark_keys_by_team_id_created_at'],
      ['a user', { userId: 'u3' }, 'waymark_keys_by_user_id_created_at'],
    ] as const)('a deep page of %s seeks in its index', async (_what, filter, index) => {
      const plan = await planOf(filter, { size: 5, cursor: middle('created_at') });
      expect(plan).toContain(index);
      expect(plan).not.toMatch(/Seq Scan|SCAN/);
    });

    test('what a member sees is found by index, not by looking at every key', async () => {
      const plan = await planOf({ visibleTo: { userId: 'u3', teamIds: ['t1', 't2'] } }, { size: 5 });
      expect(plan).not.toMatch(/Seq Scan/);
      expect(plan).not.toMatch(/SCAN waymark_keys(?! USING INDEX)/);
    });

    test('the alias and the token are looked up by index', async () => {
      expect(await planOf({ token: tokenOf('1') }, { size: 5 })).not.toMatch(/Seq Scan|SCAN/);
    });
  });
}
