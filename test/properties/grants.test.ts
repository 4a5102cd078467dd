import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KeyContext, KeyRecord, ProjectRecord, TagGrant, TeamRecord } from '../../src/accounts/contract.ts';
import { excessiveChange, excessiveGrants, excessiveTags } from '../../src/accounts/grants.ts';
import { modelAccess, coversModels } from '../../src/accounts/model-access.ts';
import { policyOf, policyOfScopes } from '../../src/accounts/principal-of.ts';
import { decide } from '../../src/core/routing/decide.ts';
import { explain } from '../../src/core/routing/explain.ts';
import type { CallerTag, TagPolicy } from '../../src/core/routing/facts.ts';
import { ALL_AVAILABLE } from '../../src/core/routing/health.ts';
import type { DeclaredTag, RoutingConfig, RoutingDeployment } from '../../src/core/routing/settings.ts';
import { compileTable, type RoutingTable } from '../../src/core/routing/table.ts';
import { keyRecord, projectRecord, teamRecord } from '../support/account-records.ts';

const LONG = 120_000;
const CONTEXT = { view: ALL_AVAILABLE, random: () => 0 };

// Few names, so that everything collides with everything.
const NAMES = ['a', 'b', 'ab', 'x:1', 'default', 'zz'];
const PATTERNS = ['a*', '*b', 'x:*', '*', 'd*t'];
/** One text at least for whatever the patterns can have in common. */
const WITNESSES = [...NAMES, 'aa', 'bb', 'a1', '1b', 'x:', 'x:2', 'x:b', 'dt', 'q', 'a*', '*', 'd1t'];

const name = fc.constantFrom(...NAMES);
const policyTag = fc.tuple(fc.constantFrom('', '', '', '&', '!'), name).map(([marker, tag]) => marker + tag);
const permitted = fc.oneof({ weight: 3, arbitrary: name }, { weight: 1, arbitrary: fc.constantFrom(...PATTERNS) });
const carried = fc.oneof({ weight: 5, arbitrary: name }, { weight: 1, arbitrary: fc.constantFrom(...PATTERNS) });

const grant: fc.Arbitrary<TagGrant> = fc.record({
  tags: fc.array(policyTag, { maxLength: 2 }),
  allowedTags: fc.option(fc.array(permitted, { maxLength: 3 }), { freq: 2 }),
  onUnpermittedTag: fc.constantFrom(null, 'reject' as const, 'ignore' as const),
  enableTagFiltering: fc.constantFrom(null, null, true, false),
});

interface Scopes {
  readonly key: TagGrant;
  readonly team?: TagGrant;
  readonly project?: TagGrant;
}

const scopes: fc.Arbitrary<Scopes> = fc
  .record({ key: grant, team: fc.option(grant, { freq: 1 }), project: fc.option(grant, { freq: 3 }) })
  .map(({ key, team, project }) => ({
    key,
    ...(team === null ? {} : { team }),
    ...(project === null ? {} : { project }),
  }));

/** The granter, and a key that is mostly a small step away from it: what is refused outright teaches nothing. */
const pair: fc.Arbitrary<{ granter: Scopes; next: Scopes }> = fc
  .record({ granter: scopes, other: scopes, step: fc.constantFrom('own', 'key', 'narrower', 'other') })
  .map(({ granter, other, step }) => ({ granter, next: stepFrom(granter, { other, step }) }));

function stepFrom(granter: Scopes, { other, step }: { other: Scopes; step: string }): Scopes {
  if (step === 'other') return other;
  if (step === 'own') return granter;
  if (step === 'key') return { ...granter, key: other.key };
  const tags = [...granter.key.tags, ...other.key.tags];
  return { ...granter, key: { ...granter.key, tags, allowedTags: granter.key.allowedTags ?? other.key.allowedTags } };
}

const deployment: fc.Arbitrary<Omit<RoutingDeployment, 'id'>> = fc.record(
  {
    tags: fc.array(carried, { maxLength: 2 }),
    tagRegex: fc.constant([]),
    private: fc.constantFrom(false, false, true),
    allowFailOpen: fc.constantFrom(false, false, false, true),
    enableTagFiltering: fc.constantFrom(true, false),
  },
  { requiredKeys: ['tags', 'tagRegex', 'private', 'allowFailOpen'] },
);

const declared: fc.Arbitrary<DeclaredTag[]> = fc.array(
  fc.record({ pattern: permitted, routing: fc.boolean(), restricted: fc.boolean() }),
  { maxLength: 2 },
);

const config: fc.Arbitrary<RoutingConfig> = fc
  .record({
    enableTagFiltering: fc.constantFrom(true, true, true, false),
    matchAny: fc.boolean(),
    prefix: fc.constantFrom('', '', 'r:'),
    authority: fc.constantFrom('fence' as const, 'fence' as const, 'union' as const),
    declared,
    groups: fc.array(fc.array(deployment, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 2 }),
  })
  .map(({ groups, ...settings }) => ({
    settings,
    groups: groups.map((deployments, at) => ({
      // The second is reached by a name that its wildcard covers.
      name: at === 0 ? 'plain' : 'wild/*',
      deployments: deployments.map((each, index) => ({ id: `${at}-${index}`, ...each })),
    })),
    aliases: [{ name: 'alias', group: 'plain', hidden: false }],
    fallbacks: { general: new Map(), contextWindow: new Map(), contentPolicy: new Map() },
    version: 'generated',
  }));

/** Every call worth making: by group, alias, wildcard and id; untagged, and with each name, marked, and each two of them. */
function calls(table: RoutingTable): { model: string; tags: readonly CallerTag[] }[] {
  const { prefix } = table.config.settings;
  const ids = table.config.groups.flatMap((group) => group.deployments.map((each) => each.id));
  const models = ['plain', 'alias', 'wild/one', ...ids];
  const singles = WITNESSES.flatMap((each) => [[prefix + each], [`${prefix}&${each}`]]);
  const doubles = NAMES.map((each, index) => [prefix + each, prefix + (NAMES[index + 1] ?? 'a')]);
  return [[], ...singles, ...doubles, [`${prefix}!a`]].flatMap((texts) =>
    models.map((model) => ({ model, tags: texts.map((text) => ({ text, sources: ['body.tags'] as const })) })),
  );
}

/** Every deployment that some call of the principal's reaches. */
function closure(policy: TagPolicy, table: RoutingTable): ReadonlySet<string> {
  const reached = new Set<string>();
  for (const call of calls(table)) {
    const facts = { ...call, policy };
    const decision = decide(facts, table, CONTEXT);
    if (decision.kind === 'send') explain(facts, table, CONTEXT).available.forEach((id) => reached.add(id));
  }
  return reached;
}

function isWithin(inner: ReadonlySet<string>, outer: ReadonlySet<string>): boolean {
  return [...inner].every((id) => outer.has(id));
}

describe('a grant never exceeds its granter', () => {
  it('in the deployments that any call reaches, and in the tags that it may send', { timeout: LONG }, () => {
    let accepted = 0;
    fc.assert(
      fc.property(config, pair, (given, { granter, next }) => {
        const { table } = compileTable(given);
        const [outer, inner] = [policyOfScopes(granter), policyOfScopes(next)];
        if (excessiveTags(outer, inner, table).length > 0) return;
        accepted += 1;
        const [may, mayNext] = [table.policyOf(outer), table.policyOf(inner)];
        expect(WITNESSES.filter((each) => mayNext.permits(each) && !may.permits(each))).toEqual([]);
        expect([...closure(inner, table)].filter((id) => !closure(outer, table).has(id))).toEqual([]);
      }),
      { seed: 31, numRuns: 3000 },
    );
    // Were everything refused, nothing would have been looked at.
    expect(accepted).toBeGreaterThan(1000);
  });

  it('and what is refused for its reach does reach further', { timeout: LONG }, () => {
    let refused = 0;
    fc.assert(
      fc.property(config, pair, (given, { granter, next }) => {
        const { table } = compileTable({ ...given, settings: { ...given.settings, declared: [], authority: 'fence' } });
        const [outer, inner] = [policyOfScopes(granter), policyOfScopes(next)];
        const byReach = excessiveTags(outer, inner, table).some((each) => each.message.includes('would reach'));
        if (byReach) refused += 1;
        if (byReach) expect(isWithin(closure(inner, table), closure(outer, table))).toBe(false);
      }),
      { seed: 32, numRuns: 2000 },
    );
    expect(refused).toBeGreaterThan(200);
  });
});

describe('a list of models never exceeds another that covers it', () => {
  const MODELS = ['gpt-4', 'gpt-5', 'openai/gpt-4', 'openai/x', 'beta', 'secret'];
  const entry = fc.constantFrom(...MODELS, 'openai/*', 'gpt-*', '*-4', 'no-default-models', 'all-team-models', '*');
  const lists = fc.array(fc.array(entry, { maxLength: 3 }), { maxLength: 3 });
  const accessGroups = fc.array(fc.tuple(fc.constantFrom('beta', 'openai/x'), fc.constantFrom(...MODELS)), {
    maxLength: 3,
  });

  it('for any name, group and access group', () => {
    let covered = 0;
    fc.assert(
      fc.property(lists, lists, accessGroups, (outer, inner, members) => {
        const [granter, next] = [modelAccess(outer), modelAccess(inner)];
        if (!coversModels(granter, next)) return;
        covered += 1;
        const groups = new Map(
          members.map(([group]) => [
            group,
            new Set(members.filter(([each]) => each === group).map(([, model]) => model)),
          ]),
        );
        for (const group of MODELS) {
          for (const requested of [undefined, ...MODELS]) {
            const asked = { requested, group };
            if (next.allows(asked, groups)) expect(granter.allows(asked, groups)).toBe(true);
          }
        }
      }),
      { seed: 33, numRuns: 5000 },
    );
    expect(covered).toBeGreaterThan(1000);
  });
});

describe('excessiveGrants', () => {
  const { table } = compileTable({
    settings: {
      enableTagFiltering: true,
      matchAny: true,
      prefix: '',
      authority: 'fence',
      declared: [{ pattern: 'vip', restricted: true }],
    },
    groups: [
      {
        name: 'gpt',
        deployments: [
          { id: 'a', tags: ['teamA'], tagRegex: [], private: true, allowFailOpen: false },
          { id: 'b', tags: ['teamB'], tagRegex: [], private: true, allowFailOpen: false },
          { id: 'open', tags: ['default'], tagRegex: [], private: false, allowFailOpen: false },
        ],
      },
    ],
    aliases: [],
    fallbacks: { general: new Map(), contextWindow: new Map(), contentPolicy: new Map() },
    version: 'fixed',
  });
  const limitedTeam = teamRecord('L', { maxBudgetNano: 5, rpmLimit: 5 });
  const teamA = teamRecord('A', { tags: ['teamA'] });

  function context(
    key: Partial<KeyRecord>,
    team: TeamRecord | null = null,
    project: ProjectRecord | null = null,
  ): KeyContext {
    return { key: keyRecord('k', key), team, project, user: null };
  }

  it.each<[string, KeyContext, KeyContext, string[]]>([
    ['the same', context({ tags: ['teamA'] }), context({ tags: ['teamA'] }), []],
    ['a key of the same team', context({}, teamA), context({}, teamA), []],
    ['the team tag falls off', context({}, teamA), context({}), ['tags']],
    ['another team tag', context({}, teamA), context({ tags: ['teamB'] }), ['tags']],
    [
      'another team tag within the team, which together reach nothing',
      context({}, teamA),
      context({ tags: ['teamB'] }, teamA),
      [],
    ],
    ['a private deployment by a tag', context({}), context({ tags: ['teamA'] }), ['tags']],
    ['a private deployment by a grant', context({}), context({ allowedTags: ['team*'] }), ['tags']],
    ['a restricted tag of its own', context({}), context({ tags: ['vip'] }), ['tags']],
    ['a project narrows', context({}, teamA), context({}, teamA, projectRecord('p', 'A', { tags: ['zz'] })), []],
    ['allowed tags within', context({ allowedTags: ['x*'] }), context({ allowedTags: ['xy', 'xz*'] }), []],
    ['allowed tags beyond', context({ allowedTags: ['x*'] }), context({ allowedTags: ['x*', 'y'] }), ['allowed_tags']],
    ['no list in place of one', context({ allowedTags: ['x*'] }), context({}), ['allowed_tags']],
    ['models beyond', context({ models: ['gpt'] }), context({ models: ['gpt', 'o'] }), ['models']],
    ['all models', context({ models: ['gpt'] }), context({ models: ['all-proxy-models'] }), ['models']],
    ['a larger budget', context({ maxBudgetNano: 5 }), context({ maxBudgetNano: 6 }), ['max_budget']],
    ['no budget', context({ maxBudgetNano: 5 }), context({}), ['max_budget']],
    [
      'a budget that begins again',
      context({ maxBudgetNano: 5 }),
      context({ maxBudgetNano: 5, budgetDuration: '1d' }),
      ['budget_duration'],
    ],
    [
      'a budget that begins again sooner',
      context({ maxBudgetNano: 5, budgetDuration: '1mo' }),
      context({ maxBudgetNano: 5, budgetDuration: '30d' }),
      ['budget_duration'],
    ],
    [
      'a budget that begins again later',
      context({ maxBudgetNano: 5, budgetDuration: '30d' }),
      context({ maxBudgetNano: 5, budgetDuration: '5w' }),
      [],
    ],
    ['requests a minute', context({ rpmLimit: 5 }), context({ rpmLimit: 50 }), ['rpm_limit']],
    ['the limits of the team, in it', context({}, limitedTeam), context({}, limitedTeam), []],
    ['the limits of the team, left behind', context({}, limitedTeam), context({}), ['max_budget', 'rpm_limit']],
    [
      'the limits of the project, left behind',
      context({}, teamRecord('L'), projectRecord('p', 'L', { tpmLimit: 5 })),
      context({ tpmLimit: 6 }, teamRecord('L')),
      ['tpm_limit'],
    ],
    ['the limits of the team, brought along', context({}, limitedTeam), context({ maxBudgetNano: 4, rpmLimit: 5 }), []],
    ['a later end', context({ expiresAt: 5 }), context({ expiresAt: 6 }), ['duration']],
    ['no end', context({ expiresAt: 5 }), context({}), ['duration']],
    ['routes beyond', context({ allowedRoutes: ['/v1/*'] }), context({ allowedRoutes: ['/*'] }), ['allowed_routes']],
    ['all routes', context({ allowedRoutes: ['/v1/*'] }), context({}), ['allowed_routes']],
    ['routes within', context({ allowedRoutes: ['/v1/*'] }), context({ allowedRoutes: ['/v1/chat/*'] }), []],
    ['a permission', context({}), context({ permissions: { get_spend_routes: true } }), ['permissions']],
  ])('%s', (_, granter, next, fields) => {
    expect(excessiveGrants(granter, next, table).map((each) => each.field)).toEqual(fields);
  });

  it('holds a change as a whole: not the models that the key had with the tags that the granter has', () => {
    const granter = context({ models: ['other'] });
    const was = context({ models: ['gpt'], tags: ['teamB'] });
    const changed = (key: Partial<KeyRecord>): string[] =>
      excessiveChange(granter, { was, next: context(key) }, table).map((each) => each.field);
    expect(changed({ models: ['gpt'], tags: ['teamB'], alias: 'new' })).toEqual([]);
    expect(changed({ models: ['gpt'], tags: ['teamB', '&teamB'] })).toEqual([]);
    expect(changed({ models: ['gpt'], tags: [] })).toEqual(['models']);
    expect(changed({ models: ['other'], tags: [] })).toEqual([]);
  });

  it('takes the scopes of a context together', () => {
    expect(policyOf(context({ tags: ['x'] }, teamA)).policyTags).toEqual({ key: ['x'], team: ['teamA'] });
  });
});
