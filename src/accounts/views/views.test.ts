import { describe, expect, it } from 'vitest';
import { keyRecord, projectRecord, teamRecord, userRecord } from '../../../test/support/account-records.ts';
import type { KeyRecord, ListQuery, Page } from '../contract.ts';
import { describeKey } from '../mint.ts';
import { generatedKey, keyInfo, keyRow } from './key-views.ts';
import { auditRow, modelRow, tagRow } from './other-views.ts';
import { keyPage, namedPage } from './page-views.ts';
import { projectRow, teamInfo, teamListEntry, teamRow } from './team-views.ts';
import { userInfo } from './user-views.ts';

const MINTED = describeKey('sk-0123456789abcdef');

const KEY: KeyRecord = keyRecord('k', {
  token: MINTED.token,
  keyName: MINTED.keyName,
  alias: 'alias',
  teamId: 'T',
  userId: 'u',
  tags: ['teamA'],
  allowedTags: ['x*'],
  enableTagFiltering: true,
  metadata: { note: 1 },
  extra: { guardrails: ['g'], router_settings: { num_retries: 1 }, config: { a: 1 } },
  maxBudgetNano: 1_500_000_000,
  expiresAt: Date.UTC(2030, 0, 1),
});

describe('a key', () => {
  it('is shown as LiteLLM shows it, its tags in both places', async () => {
    await expect(JSON.stringify(keyRow(KEY), null, 2)).toMatchFileSnapshot('key-row.golden.json');
  });

  it('is shown whole once, and nowhere else', () => {
    const made = generatedKey(KEY, { minted: MINTED, warnings: ['w'] });
    expect(made).toMatchObject({ key: MINTED.key, token: MINTED.token, token_id: MINTED.token, warnings: ['w'] });
    const elsewhere = [
      keyInfo(KEY),
      keyRow(KEY),
      teamInfo(teamRecord('T'), [KEY]),
      teamListEntry(teamRecord('T'), [KEY]),
    ];
    expect(JSON.stringify(elsewhere)).not.toContain(MINTED.key);
  });

  it('never lets a kept field stand in for its own', () => {
    const forged = keyRow({ ...KEY, extra: { token: 'x', spend: 9, tags: ['forged'], blocked: true } });
    expect(forged).toMatchObject({ token: MINTED.token, spend: null, tags: ['teamA'], blocked: false });
  });

  it('shows what was spent where the ledger says so', () => {
    const spent = { spendNano: 250_000_000, budgetResetAt: Date.UTC(2030, 0, 2) };
    expect(keyInfo(KEY, spent)).toMatchObject({
      key: MINTED.token,
      info: { spend: 0.25, max_budget: 1.5, budget_reset_at: '2030-01-02T00:00:00.000Z' },
    });
  });
});

describe('teams, projects, users, tags and models', () => {
  const team = teamRecord('T', {
    members: [
      { userId: 'u', role: 'admin', maxBudgetNano: null },
      { userId: 'v', role: 'user', maxBudgetNano: 2_000_000_000 },
    ],
    tags: ['teamA'],
  });

  it('are shown as LiteLLM shows them', async () => {
    const stamp = { createdAt: 0, createdBy: 'master', updatedAt: 1, updatedBy: 'u' };
    const limits = {
      maxBudgetNano: 1_000_000_000,
      softBudgetNano: null,
      budgetDuration: '30d',
      tpmLimit: 1,
      rpmLimit: 2,
      maxParallelRequests: 3,
    };
    const shown = {
      team: teamRow(team),
      team_info: teamInfo(team, [], { spendNano: 1, budgetResetAt: null }),
      project: projectRow(projectRecord('p', 'T', { extra: { description: 'd' } })),
      user: userInfo(userRecord('u', { email: 'a@b.c' }), { keys: [], teams: [team] }),
      tag: tagRow({ name: 't', description: null, models: ['gpt'], extra: {}, ...limits, ...stamp }),
      model: modelRow({
        id: 'm',
        modelName: 'gpt',
        params: { model: 'openai/gpt-5' },
        modelInfo: { id: 'forged', mode: 'chat' },
        ...stamp,
      }),
      audit: auditRow({
        id: 'a',
        at: 0,
        actor: 'u',
        action: 'denied',
        objectType: 'key',
        objectId: 'k',
        before: null,
        after: { a: 1 },
      }),
    };
    await expect(JSON.stringify(shown, null, 2)).toMatchFileSnapshot('rows.golden.json');
  });

  it('name the members by their part', () => {
    expect(teamListEntry(team, [])).toMatchObject({
      admins: ['u'],
      members: ['v'],
      team_memberships: [
        { user_id: 'u', litellm_budget_table: null },
        { user_id: 'v', litellm_budget_table: { max_budget: 2 } },
      ],
    });
  });
});

describe('pages', () => {
  const page: Page<string> = { entries: ['a'], total: 21, cursor: 'c' };
  it.each<[ListQuery, number, number]>([
    [{ size: 10 }, 1, 3],
    [{ size: 10, page: 3 }, 3, 3],
    [{ size: 21, page: 1 }, 1, 1],
  ])('of %j', (query, current, pages) => {
    expect(keyPage(page, query, ['a'])).toEqual({
      keys: ['a'],
      total_count: 21,
      current_page: current,
      total_pages: pages,
      next_cursor: 'c',
    });
    expect(namedPage(page, query, { teams: [] })).toEqual({
      teams: [],
      total: 21,
      page: current,
      page_size: query.size,
      total_pages: pages,
      next_cursor: 'c',
    });
  });
});
