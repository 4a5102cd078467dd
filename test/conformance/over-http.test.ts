import { describe, expect, it } from 'vitest';
import { chatBehaviour, startFakeUpstream } from '../support/fake-upstream.ts';
import { startHarness } from '../support/harness.ts';
import { readTable } from '../support/tag-case.ts';
import { askRow } from './over-http/ask.ts';
import { configOf } from './over-http/config.ts';
import { sortRows } from './over-http/sets.ts';

const KEY = 'sk-over-http-0123456789';
const { sets, unaskable } = sortRows(readTable());

describe('the rows that any gateway can be asked, asked of this one as of any other', () => {
  it('asks or names every row', () => {
    const asked = sets.flatMap((set) => set.rows.map((row) => row.n));
    const named = unaskable.map(({ row }) => row.n);
    expect(new Set([...asked, ...named])).toEqual(new Set(readTable().map((row) => row.n)));
    expect(asked.length + named.length).toBe(readTable().length);
    expect(asked.length).toBeGreaterThan(100);
  });

  it.each(sets.map((set) => [set.number, set] as const))('set %i', { timeout: 60_000 }, async (_, set) => {
    await using upstream = await startFakeUpstream(() => chatBehaviour());
    await using gateway = await startHarness(configOf(set, upstream.url), { env: { LITELLM_MASTER_KEY: KEY } });
    const target = { baseUrl: gateway.url, key: KEY, upstream };
    for (const row of set.rows) {
      const { ok, expected, found } = await askRow(row, row.waymark ?? {}, target);
      expect({ n: row.n, ok, found }).toEqual({ n: row.n, ok: true, found: expected });
    }
  });

  it('tells a difference', async () => {
    const [set] = sets;
    if (set === undefined) throw new Error('There is no set.');
    await using upstream = await startFakeUpstream(() => chatBehaviour());
    await using gateway = await startHarness(configOf(set, upstream.url), { env: { LITELLM_MASTER_KEY: KEY } });
    const target = { baseUrl: gateway.url, key: KEY, upstream };
    const row = set.rows.find((each) => each.n === 1);
    if (row === undefined) throw new Error('There is no row 1.');
    expect(await askRow(row, { available: ['paid'] }, target)).toMatchObject({ ok: false, found: 'free' });
    expect(await askRow(row, { available: ['free', 'paid'] }, target)).toMatchObject({ ok: false, found: 'free' });
    expect(await askRow(row, { status: 400 }, target)).toMatchObject({ ok: false, found: 'free' });
  });
});
