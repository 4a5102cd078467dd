import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { MemoryAccountStore } from '../../test/support/memory-account-store.ts';
import { StoreUnavailable, type ChangeNotice } from './contract.ts';
import { LateStore, type OpenedStore } from './late-store.ts';

const TAG = {
  name: 'a',
  description: null,
  models: [],
  extra: {},
  maxBudgetNano: null,
  softBudgetNano: null,
  budgetDuration: null,
  tpmLimit: null,
  rpmLimit: null,
  maxParallelRequests: null,
  createdAt: 1,
  createdBy: 'master',
  updatedAt: 1,
  updatedBy: 'master',
} as const;

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** A database that cannot be opened so many times, and then can. */
function failing(times: number, error: Error = new StoreUnavailable('away')) {
  const store = new MemoryAccountStore();
  const log: string[] = [];
  const open = async (): Promise<OpenedStore> => {
    log.push('open');
    if (log.length <= times) throw error;
    return { store, dispose: async () => void log.push('dispose') };
  };
  return { store, log, late: new LateStore(open, () => Date.now()) };
}

describe('a store that opens late', () => {
  test('is opened once by all who ask, and answers as the store does', async () => {
    const { late, log } = failing(0);
    await Promise.all([late.start(), late.ping(), late.findKey('x')]);
    await late.apply({ put: { tags: [TAG] }, audit: [] });
    expect(await late.getTag('a')).toEqual(TAG);
    expect(await Promise.all([late.getTeam('x'), late.getUser('x'), late.getProject('x'), late.getModel('x')])).toEqual(
      Array.from({ length: 4 }, () => undefined),
    );
    expect((await late.listTags({ size: 5 })).total).toBe(1);
    expect(log).toEqual(['open']);
    await late.close();
    expect(log).toEqual(['open', 'dispose']);
    await expect(late.ping()).rejects.toThrow(StoreUnavailable);
  });

  test('rejects at start, says so to all for a second, and opens when the database is back', async () => {
    const { late, log } = failing(2);
    const heard: ChangeNotice[] = [];
    late.watch((notices) => heard.push(...notices));
    await expect(late.start()).rejects.toThrow('away');
    await expect(late.findKey('x')).rejects.toThrow(StoreUnavailable);
    expect(log).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1000);
    expect(log).toHaveLength(2);
    expect(heard).toEqual([]);
    await vi.advanceTimersByTimeAsync(1000);
    // Whoever watched from the start has missed what the store holds.
    expect(heard).toEqual(['all']);
    await late.apply({ put: { tags: [TAG] }, audit: [] });
    expect(heard).toEqual(['all', 'tag:a']);
    await late.close();
  });

  test('hands on at start what is no outage, and is away for all others', async () => {
    const { late } = failing(9, new RangeError('a newer schema'));
    await expect(late.start()).rejects.toThrow(RangeError);
    await expect(late.ping()).rejects.toThrow(StoreUnavailable);
    await late.close();
  });

  test('that is closed while it opens is closed', async () => {
    const { late, log } = failing(0);
    const started = late.start();
    await Promise.all([late.close(), expect(started).rejects.toThrow('closed')]);
    expect(log).toEqual(['open', 'dispose']);
  });
});
