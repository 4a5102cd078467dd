import { describe, expect, it } from 'vitest';
import type { TagPolicy } from '../core/routing/facts.ts';
import type { RoutingDeployment, RoutingSettings } from '../core/routing/settings.ts';
import { compileTable, type RoutingTable } from '../core/routing/table.ts';
import { modelAccess } from './model-access.ts';
import { groupIsOpen, reachReport, type ReachReport } from './reach-report.ts';
import { tagWarnings } from './warnings.ts';

function deployment(id: string, tags: readonly string[], isPrivate = false): RoutingDeployment {
  return { id, tags, tagRegex: [], private: isPrivate, allowFailOpen: false };
}

function tableWith(settings: Partial<RoutingSettings> = {}, groupFlag?: boolean): RoutingTable {
  const fallbacks = { general: new Map(), contextWindow: new Map(), contentPolicy: new Map() };
  const flag = groupFlag === undefined ? {} : { enableTagFiltering: groupFlag };
  return compileTable({
    settings: {
      enableTagFiltering: true,
      matchAny: true,
      prefix: '',
      authority: 'fence',
      declared: [{ pattern: 'cost:*', routing: false }],
      ...settings,
    },
    groups: [
      {
        name: 'gpt',
        deployments: [
          deployment('a', ['teamA']),
          deployment('b', ['teamB']),
          deployment('any', ['default']),
          deployment('vip', ['teamA', 'vip'], true),
        ],
      },
      { name: 'wild/*', deployments: [{ ...deployment('w', ['env-*']), ...flag }] },
    ],
    aliases: [{ name: 'other', group: 'gpt', hidden: false }],
    fallbacks,
    version: 'v',
  }).table;
}

function policy(policyTags: TagPolicy['policyTags'], more: Partial<TagPolicy> = {}): TagPolicy {
  return { master: false, policyTags, onUnpermittedTag: 'reject', enableTagFiltering: false, ...more };
}

function warn(
  added: readonly string[],
  table: RoutingTable,
  more: { policy?: TagPolicy; asker?: TagPolicy } = {},
): string {
  return tagWarnings({ scope: 'team', added, policy: policy({ team: added }), ...more }, table).join('\n');
}

describe('tagWarnings', () => {
  const table = tableWith();

  it.each<[string, readonly string[]]>([
    ['a carried tag', ['teamA', '&teamB', '!vip', 'default']],
    ['a tag that a wildcard carries', ['env-prod']],
    ['a tag that is for accounting only', ['cost:1', '&cost:2']],
    ['no tag', []],
  ])('says nothing of %s', (_, added) => {
    expect(warn(added, table)).toBe('');
  });

  it('says what a tag does that nobody carries, what may have been meant, and how to declare it', () => {
    expect(warn(['teamC'], table)).toBe(
      'No deployment carries the tag teamC. Alone, it fences calls to deployments tagged default, and they are refused where there are none; beside another scope (key, team or project) with a tag that is carried, it does not count. The nearest known tag is teamA. If it is for accounting only, declare it in the config: tags: { "teamC": { routing: false } }.',
    );
  });

  it.each([
    ['&far', {}, /requires what no deployment has/],
    ['!far', {}, /excludes nothing/],
    ['far', { matchAny: false }, /no deployment matches the team's other tags together with it/],
    ['far', { authority: 'union' as const }, /joins the tags that callers send/],
  ])('knows %s under %j', (tag, settings, wanted) => {
    expect(warn([tag], tableWith(settings))).toMatch(wanted);
  });

  it('reads prefix and marker before it names the tag', () => {
    expect(warn(['r:&far'], tableWith({ prefix: 'r:' }))).toMatch(/^No deployment carries the tag far\./);
  });

  it('names nothing outside the reach of whoever asks', () => {
    const text = warn(['teamX', 'teamB'], table, { asker: policy({ team: ['teamA'] }) });
    expect(text).toMatch(/^No deployment within your reach carries the tag teamX\./);
    expect(text).toContain('nearest known tag is teamA');
    expect(text).toMatch(/within your reach carries the tag teamB\./);
    expect(text.replaceAll('the tag teamB', '').replaceAll('"teamB"', '')).not.toContain('teamB');
  });

  it('says where tags bind nothing because they do not filter', () => {
    const off = tableWith({ enableTagFiltering: false });
    expect(warn(['teamA'], off)).toMatch(/^Tags do not filter, so these bind nothing\. Set router_settings/);
    expect(warn(['teamA'], off, { policy: policy({ team: ['teamA'] }, { enableTagFiltering: true }) })).toBe('');
    expect(warn(['teamA'], tableWith({}, false))).toMatch(
      /^Tags do not filter in wild\/\*, so these bind nothing there\./,
    );
    expect(warn(['cost:1'], off)).toBe('');
  });
});

describe('reachReport', () => {
  const all = { access: modelAccess([]), accessGroups: new Map(), everything: true };

  function told({ groups }: ReachReport): Record<string, string> {
    return Object.fromEntries(
      groups.flatMap((group) =>
        group.deployments.map((each) => [
          each.id,
          `${each.reachable ? 'yes' : 'no'} ${each.reasons.map(({ code }) => code).join()}`.trim(),
        ]),
      ),
    );
  }

  it.each<[string, TagPolicy, Record<string, string>]>([
    ['no policy', policy({}), { a: 'yes', b: 'yes', any: 'yes', vip: 'no private', w: 'yes' }],
    [
      'a team tag',
      policy({ team: ['teamA'] }),
      { a: 'yes', b: 'no outside_fence', any: 'no outside_fence', vip: 'yes', w: 'no outside_fence' },
    ],
    ['a grant', policy({}, { allowedTags: ['vi*'] }), { a: 'yes', b: 'yes', any: 'yes', vip: 'yes private', w: 'yes' }],
    [
      'an exclusion',
      policy({ key: ['!teamA'] }),
      { a: 'no excluded_by_policy', b: 'yes', any: 'yes', vip: 'no excluded_by_policy', w: 'yes' },
    ],
    [
      'a requirement',
      policy({ key: ['&teamA'] }),
      {
        a: 'yes',
        b: 'no lacks_required_by_policy',
        any: 'no lacks_required_by_policy',
        vip: 'yes',
        w: 'no lacks_required_by_policy',
      },
    ],
    [
      'a tag that nobody carries',
      policy({ key: ['far'] }),
      { a: 'no outside_fence', b: 'no outside_fence', any: 'yes', vip: 'no outside_fence', w: 'no outside_fence' },
    ],
  ])('of %s', (_, given, wanted) => {
    expect(told(reachReport({ ...all, policy: given }, tableWith()))).toEqual(wanted);
  });

  it('says that nobody reaches a private deployment where tags do not filter', () => {
    const { groups } = reachReport(
      { ...all, policy: policy({ team: ['vip'] }) },
      tableWith({ enableTagFiltering: false }),
    );
    expect(groups[0]?.deployments[3]).toEqual({
      id: 'vip',
      reachable: false,
      reasons: [{ code: 'private', text: 'is private, and tags do not filter in this group: nobody reaches it' }],
    });
  });

  it('closes groups that are not among the models', () => {
    const report = reachReport({ ...all, access: modelAccess([['wild/one']]), policy: policy({}) }, tableWith());
    expect(told(report)).toEqual({
      a: 'no model_not_permitted',
      b: 'no model_not_permitted',
      any: 'no model_not_permitted',
      vip: 'no model_not_permitted',
      w: 'yes',
    });
    expect(report.groups.map((group) => group.reachable)).toEqual([false, true]);
  });

  it('names nothing that an ordinary key cannot reach', () => {
    const access = modelAccess([['gpt']]);
    const report = reachReport({ ...all, access, policy: policy({ team: ['teamA'] }), everything: false }, tableWith());
    expect(told(report)).toEqual({ a: 'yes', vip: 'yes' });
    expect(report.config_version).toBe('v');
  });
});

describe('groupIsOpen', () => {
  const accessGroups = new Map([['beta', new Set(['wild/*'])]]);
  it.each<[string, string[][], string, boolean]>([
    ['its name', [['gpt']], 'gpt', true],
    ['an alias of it', [['other']], 'gpt', true],
    ['another name', [['gpt-4']], 'gpt', false],
    ['a name that its wildcard covers', [['wild/one']], 'wild/*', true],
    ['a name that it does not cover', [['tame/one']], 'wild/*', false],
    ['a pattern that meets its own', [['*/one']], 'wild/*', true],
    ['lists that share a name', [['*/one'], ['wild/*e']], 'wild/*', true],
    ['lists that share none', [['wild/one'], ['wild/two']], 'wild/*', false],
    ['an access group and a name', [['beta'], ['wild/two']], 'wild/*', true],
    ['nothing at all', [['no-default-models']], 'wild/*', false],
  ])('%s', (_, lists, group, wanted) => {
    expect(groupIsOpen(group, { access: modelAccess(lists), accessGroups }, tableWith())).toBe(wanted);
  });
});
