import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keyRecord, projectRecord, teamRecord, tokenOf, userRecord } from '../../test/support/account-records.ts';
import { MemoryAccountStore } from '../../test/support/memory-account-store.ts';
import type { AccountChange, KeyContext } from '../accounts/contract.ts';
import { PrincipalCache, type PrincipalCacheOptions } from './principal-cache.ts';

/** A cache whose clocks stand still until they are moved. */
function make(options: Partial<PrincipalCacheOptions> = {}) {
  const store = new MemoryAccountStore();
  const clock = { ms: 1_000_000 };
  const cache = new PrincipalCache({ store, now: () => clock.ms, wallNow: () => clock.ms, ...options });
  const put = async (change: NonNullable<AccountChange['put']>) => store.apply({ put: change, audit: [] });
  /** What a call with the key gets: its policy tags, or the code of the refusal. */
  const ask = async (name: string): Promise<unknown> => {
    try {
      const principal = await cache.find(tokenOf(name));
      return principal === undefined ? 'unknown' : Object.values(principal.policy.policyTags).flat();
    } catch (error) {
      return (error as { code?: string }).code;
    }
  };
  return { store, clock, cache, put, ask };
}

const SCOPES: NonNullable<AccountChange['put']> = {
  users: [userRecord('u')],
  teams: [teamRecord('t', { tags: ['teamA'] })],
  projects: [projectRecord('p', 't')],
  keys: [keyRecord('k', { teamId: 't', projectId: 'p', userId: 'u' }), keyRecord('other')],
};

test('a known key costs no look-up and is the same object, also after being read again', async () => {
  const { store, clock, cache, put } = make();
  await put(SCOPES);
  const first = await cache.find(tokenOf('k'));
  expect(await cache.find(tokenOf('k'))).toBe(first);
  expect(store.findKeyCalls).toBe(1);
  clock.ms += 61_000;
  expect(await cache.find(tokenOf('k'))).toBe(first);
  await expect.poll(() => store.findKeyCalls).toBe(2);
  expect(await cache.find(tokenOf('k'))).toBe(first);
  expect(store.findKeyCalls).toBe(2);
});

describe('a change holds from the next call on', () => {
  test.each<[string, AccountChange, unknown]>([
    ['blocked', { put: { keys: [keyRecord('k', { teamId: 't', blocked: true })] }, audit: [] }, 'key_blocked'],
    ['deleted', { remove: { key: [tokenOf('k')] }, audit: [] }, 'unknown'],
    ['another tag', { put: { keys: [keyRecord('k', { teamId: 't', tags: ['x'] })] }, audit: [] }, ['x', 'teamA']],
    ['team blocked', { put: { teams: [teamRecord('t', { blocked: true })] }, audit: [] }, 'key_blocked'],
    ['tag of the team', { put: { teams: [teamRecord('t', { tags: ['teamB'] })] }, audit: [] }, ['teamB']],
    ['team deleted', { remove: { team: ['t'] }, audit: [] }, 'unknown'],
    ['project blocked', { put: { projects: [projectRecord('p', 't', { blocked: true })] }, audit: [] }, 'key_blocked'],
    ['user blocked', { put: { users: [userRecord('u', { blocked: true })] }, audit: [] }, 'key_blocked'],
    ['expired', { put: { keys: [keyRecord('k', { teamId: 't', expiresAt: 1_000_000 })] }, audit: [] }, 'key_expired'],
  ])('%s', async (_name, change, expected) => {
    const { store, put, ask } = make();
    await put(SCOPES);
    expect(await ask('k')).toEqual(['teamA']);
    await ask('other');
    await store.apply(change);
    const before = store.findKeyCalls;
    expect(await ask('k')).toEqual(expected);
    await ask('other');
    expect(store.findKeyCalls).toBe(before + 1);
  });
});

test('a key expires by the clock alone', async () => {
  const { store, clock, put, ask } = make();
  await put({ keys: [keyRecord('k', { expiresAt: 1_005_000 })] });
  expect(await ask('k')).toEqual([]);
  clock.ms += 5000;
  store.setAway(true);
  expect(await ask('k')).toBe('key_expired');
  expect(store.findKeyCalls).toBe(1);
});

test('a key whose team is gone from the database is not freer for it', async () => {
  const { store, cache } = make();
  const context: KeyContext = { key: keyRecord('k', { teamId: 'gone' }), team: null, project: null, user: null };
  store.findKey = async () => context;
  await expect(cache.find(tokenOf('k'))).rejects.toMatchObject({ code: 'key_blocked', status: 401 });
});

test('an unknown key is asked for once, until it is made or some time has passed', async () => {
  const { store, clock, put, ask } = make();
  expect([await ask('k'), await ask('k')]).toEqual(['unknown', 'unknown']);
  expect(store.findKeyCalls).toBe(1);
  clock.ms += 11_000;
  expect(await ask('k')).toBe('unknown');
  expect(store.findKeyCalls).toBe(2);
  await put({ keys: [keyRecord('k')] });
  expect(await ask('k')).toEqual([]);
});

test('while the database is away known keys go on up to their limit, and unknown ones are a 503', async () => {
  const { store, clock, put, ask, cache } = make({ staleSeconds: 600 });
  await put(SCOPES);
  await ask('k');
  store.setAway(true);
  clock.ms += 599_000;
  expect(await ask('k')).toEqual(['teamA']);
  expect(await ask('other')).toBe('store_unavailable');
  await expect(cache.find(tokenOf('never-made'))).rejects.toMatchObject({ status: 503, retryAfterSeconds: 5 });
  clock.ms += 1000;
  expect(await ask('k')).toBe('store_unavailable');
  store.setAway(false);
  expect(await ask('k')).toEqual(['teamA']);
});

test('a key that is read again behind its calls is not asked for by each of them', async () => {
  const { store, clock, put, ask } = make();
  await put(SCOPES);
  await ask('k');
  store.setAway(true);
  clock.ms += 61_000;
  for (let call = 0; call < 10; call += 1) await ask('k');
  expect(store.findKeyCalls).toBe(2);
  clock.ms += 2000;
  for (let call = 0; call < 10; call += 1) await ask('k');
  expect(store.findKeyCalls).toBe(3);
});

test('a flood of invented keys asks only so often, and drives no real key out', async () => {
  const { store, cache, put, ask } = make({ keys: 16, lookUps: { atOnce: 2, waiting: 3 } });
  await put(SCOPES);
  await ask('k');
  const real = store.findKey.bind(store);
  let [running, most] = [0, 0];
  store.findKey = async (token) => {
    most = Math.max(most, (running += 1));
    await new Promise(setImmediate);
    running -= 1;
    return real(token);
  };
  const flood = Array.from({ length: 2000 }, (_, index) => cache.find(tokenOf(`invented-${index}`)));
  const known = ask('k');
  const outcomes = await Promise.allSettled(flood);
  expect(most).toBe(2);
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
  const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
  for (const reason of refused) expect(reason).toMatchObject({ code: 'store_unavailable', status: 503 });
  expect(await known).toEqual(['teamA']);
  const before = store.findKeyCalls;
  expect(await ask('k')).toEqual(['teamA']);
  expect(store.findKeyCalls).toBe(before);
});

test('many calls of one unknown key make one look-up', async () => {
  const { store, put, ask } = make({ lookUps: { atOnce: 1, waiting: 0 } });
  await put(SCOPES);
  const answers = await Promise.all(Array.from({ length: 50 }, () => ask('k')));
  expect(answers).toEqual(Array.from({ length: 50 }, () => ['teamA']));
  expect(store.findKeyCalls).toBe(1);
});

test(
  'no answer is older than the last change before its call, whatever overtakes what',
  { timeout: 60_000 },
  async () => {
    const change = fc.record({ kind: fc.constantFrom('key', 'team', 'remove'), tag: fc.constantFrom('x', 'y', 'z') });
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.array(change, { minLength: 1, maxLength: 5 }), async (scheduler, changes) => {
        const { store, put, ask } = make();
        await put(SCOPES);
        /** What the key says, after each change. */
        const states: unknown[] = [['teamA']];
        const read = store.findKey.bind(store);
        // The database answers with what it held when it was asked, and the answer takes its time.
        store.findKey = async (token) => {
          const held = await read(token);
          return scheduler.schedule(Promise.resolve(held));
        };
        const asking: Promise<void>[] = [];
        const call = async (): Promise<void> => {
          const since = states.length - 1;
          const answer = await ask('k');
          expect([...states.slice(since), 'store_unavailable']).toContainEqual(answer);
        };
        const apply = async ({ kind, tag }: { kind: string; tag: string }): Promise<void> => {
          if (kind === 'remove') await store.apply({ remove: { key: [tokenOf('k')] }, audit: [] });
          else if (kind === 'team') await put({ teams: [teamRecord('t', { tags: [tag] })] });
          else await put({ keys: [keyRecord('k', { teamId: 't', tags: [tag] })] });
          const held = await read(tokenOf('k'));
          states.push(held === undefined ? 'unknown' : [...held.key.tags, ...(held.team?.tags ?? [])]);
          asking.push(call());
        };
        asking.push(call());
        scheduler.scheduleSequence(changes.map((one) => ({ label: one.kind, builder: () => apply(one) })));
        await scheduler.waitIdle();
        await Promise.all(asking);
        store.findKey = read;
        expect(await ask('k')).toEqual(states.at(-1));
      }),
      { seed: 6, numRuns: 500 },
    );
  },
);
