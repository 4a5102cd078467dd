import { describe, expect, test } from 'vitest';
import { StoreUnavailable, type ChangeNotice } from '../../accounts/contract.ts';
import { ChangeFeed } from './change-feed.ts';
import type { ChangeRow } from './change-table.ts';

/** A change table in memory. */
class Table {
  rows: ChangeRow[] = [];
  isAway = false;
  reads = 0;

  add(...ids: readonly number[]): void {
    this.rows.push(...ids.map((id) => ({ id, notices: [`user:${id}` as const] })));
  }

  async read(from: number, limit: number): Promise<readonly ChangeRow[]> {
    this.reads += 1;
    if (this.isAway) throw new StoreUnavailable('away');
    return this.rows.filter((row) => row.id >= from).slice(0, limit);
  }

  async last(): Promise<number> {
    return this.rows.at(-1)?.id ?? 0;
  }
}

/** Polls so seldom that only `wake` reads. */
function feedOf(table: Table, position: number): { readonly feed: ChangeFeed; readonly told: ChangeNotice[] } {
  const feed = new ChangeFeed(table, position, 600_000);
  const told: ChangeNotice[] = [];
  feed.watch((notices) => told.push(...notices));
  return { feed, told };
}

/** Wakes the feed and waits for the end of its reading. */
async function readNow(feed: ChangeFeed): Promise<void> {
  feed.wake();
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

describe('ChangeFeed', () => {
  test('tells what is new since its position, in order and once', async () => {
    const table = new Table();
    table.add(1, 2, 3);
    const { feed, told } = feedOf(table, 1);
    await readNow(feed);
    await readNow(feed);
    expect(told).toEqual(['user:2', 'user:3']);
    await feed.close();
  });

  test('an own change is told once, whether the reading comes before or after', async () => {
    const table = new Table();
    const { feed, told } = feedOf(table, 0);
    table.add(1);
    feed.tellOwn(1, ['user:1']);
    expect(told).toEqual(['user:1']);
    await readNow(feed);
    table.add(2);
    await readNow(feed);
    feed.tellOwn(2, ['user:2']);
    expect(told).toEqual(['user:1', 'user:2']);
    await feed.close();
  });

  test.each([
    ['older changes were pruned', 5, [20, 21]],
    ['an older backup was restored', 5, [1, 2]],
    ['a backup without changes was restored', 5, []],
    ['the first changes were pruned', 0, [9]],
  ])('forgets everything when %s, and goes on from there', async (_why, position, ids) => {
    const table = new Table();
    table.add(...ids);
    const { feed, told } = feedOf(table, position);
    await readNow(feed);
    expect(told).toEqual(['all']);
    const next = (ids.at(-1) ?? 0) + 1;
    table.add(next);
    await readNow(feed);
    expect(told).toEqual(['all', `user:${next}`]);
    await feed.close();
  });

  test('goes on from the same place after the database was away', async () => {
    const table = new Table();
    table.add(1);
    const { feed, told } = feedOf(table, 1);
    table.add(2);
    table.isAway = true;
    await readNow(feed);
    expect(told).toEqual([]);
    table.isAway = false;
    await readNow(feed);
    expect(told).toEqual(['user:2']);
    await feed.close();
  });

  test('reads on while there is more than one reading holds', async () => {
    const table = new Table();
    table.add(...Array.from({ length: 1200 }, (_, i) => i + 1));
    const { feed, told } = feedOf(table, 1);
    await readNow(feed);
    expect([told.length, told.at(-1)]).toEqual([1199, 'user:1200']);
    await feed.close();
  });

  test('after it was closed it reads and tells no more', async () => {
    const table = new Table();
    const { feed, told } = feedOf(table, 0);
    await feed.close();
    table.add(1);
    await readNow(feed);
    expect([told, table.reads]).toEqual([[], 0]);
  });
});
