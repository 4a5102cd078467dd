/** Generated tag cases: few names, so that everything collides with everything, and the odd shapes of the reference. */
import fc from 'fast-check';
import type { CaseDeclaration, CaseDeployment, CaseRequest, CaseRouter, TagCase } from './tag-case.ts';

const NAMES = ['a', 'b', 'c', 'x:1', 'x:2', 'default', 'teamA', 'zzz', '1'];
const PATTERNS = ['x:*', '*', 'de*', 't*A', '*1', 'a*', '**'];

/** `value` in `weight` of 100 cases, else undefined. */
function sometimes<T>(weight: number, value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight, arbitrary: value }, { weight: 100 - weight, arbitrary: fc.constant(undefined) });
}

function rarely(weight: number): fc.Arbitrary<boolean> {
  return fc.oneof({ weight, arbitrary: fc.constant(true) }, { weight: 100 - weight, arbitrary: fc.constant(false) });
}

/** How a family of cases is weighted: in 100, unless said otherwise. */
interface Profile {
  readonly names: readonly string[];
  readonly private: number;
  readonly failOpen: number;
  readonly cooling: number;
  readonly scope: number;
  /** Deployments with patterns, and calls with a User-Agent. */
  readonly regex: number;
  readonly agent: number;
  /** Markers of caller and policy tags, drawn evenly. */
  readonly markers: readonly string[];
  readonly byId: number;
  readonly allowed: number;
}

/** A bit of everything. */
const BROAD: Profile = {
  names: NAMES,
  private: 15,
  failOpen: 8,
  cooling: 18,
  scope: 30,
  regex: 12,
  agent: 30,
  markers: ['', '', '', '!', '&'],
  byId: 8,
  allowed: 20,
};

/** Where rules meet: several scopes, constraints of both sides, fail-open and privacy at once, on very few names. */
const KNOTTY: Profile = {
  names: ['a', 'b', 'default', 'zzz'],
  private: 25,
  failOpen: 25,
  cooling: 15,
  scope: 45,
  regex: 35,
  agent: 50,
  markers: ['', '', '!', '&', '&'],
  byId: 4,
  allowed: 30,
};

function carriedTag(profile: Profile): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 14, arbitrary: fc.constantFrom(...profile.names) },
    { weight: 2, arbitrary: fc.constantFrom(...PATTERNS) },
    { weight: 1, arbitrary: fc.constantFrom('!a', '&a', 'route:a', 'é', 'A') },
  );
}

const goodRegex = fc.constantFrom('curl', '^User-Agent: cl', '(?i)CURL', '^User-Agent: $', '$', 'é', 'a|b', '[0-9]+');
const badRegex = fc.constantFrom('[', '(?=c)curl', '(c)\\1', '*a', '(?P<n');
const regex = fc.oneof({ weight: 60, arbitrary: goodRegex }, { weight: 1, arbitrary: badRegex });

function deployment(profile: Profile): fc.Arbitrary<Omit<CaseDeployment, 'id'>> {
  return fc
    .record({
      tags: sometimes(75, fc.array(carriedTag(profile), { maxLength: 3 })),
      tag_regex: sometimes(profile.regex, fc.array(regex, { minLength: 1, maxLength: 2 })),
      private: rarely(profile.private),
      allow_fail_open: rarely(profile.failOpen),
      enable_tag_filtering: sometimes(6, fc.boolean()),
      cooled_down: rarely(profile.cooling),
    })
    .map(withoutUndefined);
}

const plainDeployment: fc.Arbitrary<Omit<CaseDeployment, 'id'>> = fc
  .record({ allow_fail_open: rarely(20), cooled_down: rarely(20) })
  .map(withoutUndefined);

function deployments(profile: Profile): fc.Arbitrary<CaseDeployment[]> {
  return fc
    .oneof(
      { weight: 12, arbitrary: fc.array(deployment(profile), { minLength: 1, maxLength: 5 }) },
      { weight: 1, arbitrary: fc.array(plainDeployment, { minLength: 1, maxLength: 2 }) },
    )
    .map((list) => list.map((entry, index): CaseDeployment => ({ id: `d${index}`, ...entry })));
}

/** A tag with or without marker and prefix, the prefix before or (wrongly) after the marker. */
function wellFormed(profile: Profile): fc.Arbitrary<string> {
  return fc
    .record({
      before: fc.constantFrom('', '', '', 'route:'),
      marker: fc.constantFrom(...profile.markers),
      after: fc.constantFrom('', '', '', '', '', '', '', 'route:'),
      name: fc.constantFrom(...profile.names),
    })
    .map((part) => `${part.before}${part.marker}${part.after}${part.name}`);
}

const oddButFine = fc.constantFrom(
  ' a',
  'b\n',
  '\u000Bc\f',
  '!',
  '&',
  'route:!',
  'route:&',
  '&!a',
  '!&a',
  '!!a',
  'é',
  'team-é',
  'A',
  'x:*',
  '*',
  '__proto__',
  'constructor',
  'a b',
  '\u00A0a',
  'route: a',
  'n'.repeat(256),
  ` ${'n'.repeat(256)} `,
  'é'.repeat(128),
);

const badShape = fc.constantFrom<unknown>(
  '',
  '  ',
  'route:',
  ' route: ',
  1,
  null,
  true,
  { a: 1 },
  ['a'],
  'a\u0001b',
  'a\u007Fb',
  'a\tb',
  'n'.repeat(257),
  `${'é'.repeat(128)}n`,
);

/** What a body field may hold. */
function tagField(profile: Profile): fc.Arbitrary<unknown> {
  const tag = fc.oneof({ weight: 30, arbitrary: wellFormed(profile) }, { weight: 2, arbitrary: oddButFine });
  return fc.oneof<fc.MaybeWeightedArbitrary<unknown>[]>(
    { weight: 120, arbitrary: fc.array(tag, { maxLength: 4 }) },
    { weight: 8, arbitrary: tag },
    { weight: 2, arbitrary: fc.constant(null) },
    { weight: 2, arbitrary: fc.array(fc.oneof(tag, badShape), { minLength: 1, maxLength: 3 }) },
    { weight: 1, arbitrary: badShape },
    { weight: 1, arbitrary: fc.constantFrom(64, 65).map((count) => Array.from({ length: count }, () => 'a')) },
    { weight: 1, arbitrary: fc.constantFrom(63, 64).map((count) => Array.from({ length: count }, (_, n) => `a${n}`)) },
  );
}

function headerField(profile: Profile): fc.Arbitrary<string> {
  const odd = fc.constantFrom('', ' ', '\t', ' a ', 'b\t', '!', 'a b');
  const part = fc.oneof({ weight: 12, arbitrary: wellFormed(profile) }, { weight: 1, arbitrary: odd });
  return fc.array(part, { maxLength: 3 }).map((parts) => parts.join(','));
}

function policyTags(profile: Profile): fc.Arbitrary<CaseRequest['policy_tags'] | undefined> {
  const tag = fc
    .record({
      before: fc.constantFrom('', '', '', '', 'route:'),
      marker: fc.constantFrom(...profile.markers),
      name: fc.constantFrom(...profile.names),
    })
    .map((part) => `${part.before}${part.marker}${part.name}`);
  const scope = fc.array(tag, { maxLength: 3 });
  return sometimes(
    60,
    fc
      .record({
        key: sometimes(profile.scope, scope),
        team: sometimes(profile.scope, scope),
        project: sometimes(Math.floor(profile.scope / 2), scope),
      })
      .map(withoutUndefined),
  );
}

function vocabulary(profile: Profile): fc.Arbitrary<string> {
  const name = fc.constantFrom(...profile.names);
  return fc.oneof({ weight: 3, arbitrary: name }, { weight: 1, arbitrary: fc.constantFrom(...PATTERNS) });
}

function request(profile: Profile): fc.Arbitrary<CaseRequest & { readonly by_id?: number }> {
  return fc
    .record({
      tags: sometimes(85, tagField(profile)),
      header: sometimes(15, headerField(profile)),
      metadata_tags: sometimes(10, tagField(profile)),
      litellm_metadata_tags: sometimes(5, tagField(profile)),
      user_agent: sometimes(profile.agent, fc.constantFrom('curl/8', 'claude/1.2', 'Mozilla', '')),
      policy_tags: policyTags(profile),
      virtual_key: fc.boolean(),
      allowed_tags: sometimes(profile.allowed, fc.array(vocabulary(profile), { maxLength: 3 })),
      on_unpermitted_tag: sometimes(20, fc.constantFrom<'reject' | 'ignore'>('reject', 'ignore', 'ignore')),
      enable_tag_filtering: sometimes(8, fc.boolean()),
      call_by: fc.constantFrom<'group' | 'alias' | 'wildcard'>('group', 'group', 'group', 'alias', 'wildcard'),
      by_id: sometimes(profile.byId, fc.nat({ max: 4 })),
    })
    .map(withoutUndefined);
}

const router: fc.Arbitrary<CaseRouter> = fc.record({
  enable_tag_filtering: fc.oneof(
    { weight: 20, arbitrary: fc.constant(true) },
    { weight: 1, arbitrary: fc.constantFrom(false, null) },
  ),
  tag_filtering_match_any: fc.constantFrom(true, true, false),
  tag_routing_prefix: fc.constantFrom('', '', '', '', 'route:', 'route:', 'x:'),
  tag_authority: fc.constantFrom<'fence' | 'union'>('fence', 'fence', 'union'),
});

const declaration: fc.Arbitrary<CaseDeclaration> = fc
  .record({ routing: sometimes(50, fc.boolean()), restricted: sometimes(40, fc.boolean()) })
  .map(withoutUndefined);

function declared(profile: Profile): fc.Arbitrary<TagCase['tags_declared'] | undefined> {
  const entry = fc.tuple(vocabulary(profile), declaration);
  return sometimes(
    25,
    fc.array(entry, { minLength: 1, maxLength: 2 }).map((entries) => Object.fromEntries(entries)),
  );
}

interface RawCase {
  readonly deployments: readonly CaseDeployment[];
  readonly request: CaseRequest & { readonly by_id?: number };
  readonly router: CaseRouter;
  readonly declarations: TagCase['tags_declared'] | undefined;
}

function casesOf(profile: Profile): fc.Arbitrary<TagCase> {
  return fc
    .record({
      deployments: deployments(profile),
      request: request(profile),
      router,
      declarations: declared(profile),
    })
    .map(savable);
}

/** Leaves out what is refused when it is saved: the prefix in `allowed_tags` or under `tags:`. */
function savable(raw: RawCase): TagCase {
  const prefix = raw.router.tag_routing_prefix ?? '';
  const fits = (text: string): boolean => prefix === '' || !text.startsWith(prefix);
  const { by_id: index, allowed_tags: allowed, ...rest } = raw.request;
  const named = index === undefined ? undefined : raw.deployments[index % raw.deployments.length]?.id;
  const declarations = Object.entries(raw.declarations ?? {}).filter(([pattern]) => fits(pattern));
  return {
    deployments: raw.deployments,
    request: {
      ...rest,
      ...(allowed === undefined ? {} : { allowed_tags: allowed.filter(fits) }),
      ...(named === undefined ? {} : { deployment_id: named }),
    },
    router: raw.router,
    ...(declarations.length === 0 ? {} : { tags_declared: Object.fromEntries(declarations) }),
  };
}

/** Any case that a config and a key could hold. */
export const tagCase: fc.Arbitrary<TagCase> = fc.oneof(casesOf(BROAD), casesOf(KNOTTY));

function withoutUndefined<T extends object>(record: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}

/** `count` cases that depend on `seed` only. */
export function sampleCases(seed: number, count: number): TagCase[] {
  return fc.sample(tagCase, { seed, numRuns: count });
}
