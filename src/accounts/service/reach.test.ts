import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { keyRecord, teamRecord } from '../../../test/support/account-records.ts';
import { MemoryAccountStore } from '../../../test/support/memory-account-store.ts';
import { compileTable } from '../../core/routing/table.ts';
import { reachOfKey, reachOfTeam, type ReachParts } from './reach.ts';

const deployment = { tagRegex: [], allowFailOpen: false };
const { table } = compileTable({
  settings: { enableTagFiltering: true, matchAny: true, prefix: '', authority: 'fence', declared: [] },
  groups: [
    {
      name: 'chat',
      deployments: [
        { ...deployment, id: 'open', tags: [], private: false },
        { ...deployment, id: 'vip', tags: ['vip'], private: true },
      ],
    },
  ],
  aliases: [],
  fallbacks: { general: new Map(), contextWindow: new Map(), contentPolicy: new Map() },
  version: 'v',
});

function partsWith(banned: boolean): ReachParts {
  return {
    store: new MemoryAccountStore(),
    now: Date.now,
    newId: () => 'id',
    randomBytes,
    table: () => table,
    accessGroups: () => new Map(),
    callerTagsBanned: () => banned,
  };
}

describe('reach', () => {
  const team = teamRecord('t', { allowedTags: ['vip'] });
  const context = { key: keyRecord('k', { teamId: 't', allowedTags: ['vip'] }), team, project: null, user: null };
  const view = { everything: false };

  it.each([
    [false, ['open', 'vip']],
    [true, ['open']],
  ])('counts what a grant of a tag opens only where callers may send tags (banned: %s)', (banned, wanted) => {
    const ids = (report: ReturnType<typeof reachOfKey>): string[] =>
      report.groups.flatMap((group) => group.deployments.filter((each) => each.reachable).map((each) => each.id));
    expect(ids(reachOfKey(context, view, partsWith(banned)))).toEqual(wanted);
    expect(ids(reachOfTeam(team, view, partsWith(banned)))).toEqual(wanted);
  });
});
