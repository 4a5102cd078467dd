import { describe, expect, it } from 'vitest';
import { keyRecord, projectRecord, teamRecord, userRecord } from '../../test/support/account-records.ts';
import type { KeyContext, KeyRecord, TagGrant } from './contract.ts';
import { accessOf, keyRefusal, policyOfScopes, principalOf, type KeyRefusal } from './principal-of.ts';

const NONE: TagGrant = { tags: [], allowedTags: null, onUnpermittedTag: null, enableTagFiltering: null };

function context(key: Partial<KeyRecord> = {}, scopes: Partial<KeyContext> = {}): KeyContext {
  return { key: keyRecord('k', key), team: null, project: null, user: null, ...scopes };
}

describe('keyRefusal', () => {
  const team = teamRecord('T');
  it.each<[string, KeyContext, KeyRefusal | undefined]>([
    ['nothing', context(), undefined],
    ['an end to come', context({ expiresAt: 101 }), undefined],
    ['an end that has come', context({ expiresAt: 100 }), 'expired'],
    ['a blocked key', context({ blocked: true }), 'blocked'],
    ['a team that is gone', context({ teamId: 'T' }), 'orphaned'],
    ['a project that is gone', context({ teamId: 'T', projectId: 'p' }, { team }), 'orphaned'],
    ['a blocked team', context({ teamId: 'T' }, { team: { ...team, blocked: true } }), 'team_blocked'],
    [
      'a blocked project',
      context({ teamId: 'T', projectId: 'p' }, { team, project: projectRecord('p', 'T', { blocked: true }) }),
      'project_blocked',
    ],
    ['a blocked user', context({ userId: 'u' }, { user: userRecord('u', { blocked: true }) }), 'user_blocked'],
    ['a user that nobody made', context({ userId: 'u' }), undefined],
  ])('for %s', (_, given, wanted) => {
    expect(keyRefusal(given, 100)).toBe(wanted);
  });
});

describe('policyOfScopes', () => {
  it('keeps the tags of each scope apart', () => {
    const policy = policyOfScopes({ key: { ...NONE, tags: ['a'] }, team: { ...NONE, tags: ['b'] }, project: NONE });
    expect(policy).toEqual({
      master: false,
      policyTags: { key: ['a'], team: ['b'], project: [] },
      onUnpermittedTag: 'reject',
      enableTagFiltering: false,
    });
  });

  it.each<[string, (readonly string[] | null)[], object]>([
    ['no list', [null, null, null], {}],
    ['one, of the team', [null, ['x'], null], { allowedTags: ['x'], furtherAllowedTags: [] }],
    ['an empty one', [[], null, null], { allowedTags: [], furtherAllowedTags: [] }],
    ['all', [['x'], ['y'], []], { allowedTags: ['x'], furtherAllowedTags: [['y'], []] }],
  ])('holds every list: %s', (_, [key = null, team = null, project = null], wanted) => {
    const policy = policyOfScopes({
      key: { ...NONE, allowedTags: key },
      team: { ...NONE, allowedTags: team },
      project: { ...NONE, allowedTags: project },
    });
    const { allowedTags, furtherAllowedTags } = policy;
    expect(JSON.parse(JSON.stringify({ allowedTags, furtherAllowedTags }))).toEqual(wanted);
  });

  it.each<[TagGrant['onUnpermittedTag'], TagGrant['onUnpermittedTag'], 'reject' | 'ignore']>([
    [null, null, 'reject'],
    ['ignore', null, 'ignore'],
    [null, 'ignore', 'ignore'],
    ['ignore', 'reject', 'reject'],
    ['reject', 'ignore', 'reject'],
  ])('rejects where one scope says so: %s and %s', (key, team, wanted) => {
    const policy = policyOfScopes({
      key: { ...NONE, onUnpermittedTag: key },
      team: { ...NONE, onUnpermittedTag: team },
    });
    expect(policy.onUnpermittedTag).toBe(wanted);
  });

  it.each([
    [null, null, false],
    [false, null, false],
    [false, true, true],
    [true, false, true],
  ])('filters where one scope says so: %s and %s', (key, team, wanted) => {
    const policy = policyOfScopes({
      key: { ...NONE, enableTagFiltering: key },
      team: { ...NONE, enableTagFiltering: team },
    });
    expect(policy.enableTagFiltering).toBe(wanted);
  });
});

describe('principalOf', () => {
  const team = teamRecord('T', {
    models: ['gpt', 'other'],
    modelAliases: { fast: 'gpt', slow: 'other' },
    tags: ['teamA'],
  });

  it('joins the key with its scopes, and holds nothing of the key itself', () => {
    const given = context({ teamId: 'T', userId: 'u', aliases: { fast: 'other', bad: 1, toString: 'gpt' } }, { team });
    const principal = principalOf(given);
    expect(principal).toMatchObject({ kind: 'key', id: given.key.token.slice(0, 12) });
    expect(principal.account?.aliases).toEqual(
      new Map([
        ['fast', 'other'],
        ['slow', 'other'],
        ['toString', 'gpt'],
      ]),
    );
    expect(Object.isFrozen(principal) && Object.isFrozen(principal.policy)).toBe(true);
  });

  it.each<[string, KeyContext, string[][]]>([
    ['a key and its team', context({ models: ['gpt'] }, { team }), [['gpt'], ['gpt', 'other']]],
    ['all of the team', context({ models: ['all-team-models'] }, { team }), [['gpt', 'other']]],
    ['its user, where it is personal', context({}, { user: userRecord('u', { models: ['mine'] }) }), [['mine']]],
    ['not its user in a team', context({}, { team, user: userRecord('u', { models: ['mine'] }) }), [['gpt', 'other']]],
  ])('may use the models of %s', (_, given, wanted) => {
    expect(accessOf(given).lists).toEqual(wanted);
  });
});
