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

const name = fc.constantFrom(...NAMES);
const carriedTag = fc.oneof(
  { weight: 12, arbitrary: name },
  { weight: 3, arbitrary: fc.constantFrom(...PATTERNS) },
  { weight: 1, arbitrary: fc.constantFrom('!a', '&a', 'route:a', 'é', 'A') },
);

const goodRegex = fc.constantFrom('curl', '^User-Agent: cl', '(?i)CURL', '^User-Agent: $', '$', 'é', 'a|b', '[0-9]+');
const badRegex = fc.constantFrom('[', '(?=c)curl', '(c)\\1', '*a', '(?P<n');
const regex = fc.oneof({ weight: 60, arbitrary: goodRegex }, { weight: 1, arbitrary: badRegex });

const deployment: fc.Arbitrary<Omit<CaseDeployment, 'id'>> = fc
  .record({
    tags: sometimes(75, fc.array(carriedTag, { maxLength: 3 })),
    tag_regex: sometimes(15, fc.array(regex, { minLength: 1, maxLength: 2 })),
    private: rarely(15),
    allow_fail_open: rarely(8),
    enable_tag_filtering: sometimes(6, fc.boolean()),
    cooled_down: rarely(18),
  })
  .map(withoutUndefined);

const plainDeployment: fc.Arbitrary<Omit<CaseDeployment, 'id'>> = fc
  .record({ allow_fail_open: rarely(20), cooled_down: rarely(20) })
  .map(withoutUndefined);

const deployments = fc
  .oneof(
    { weight: 12, arbitrary: fc.array(deployment, { minLength: 1, maxLength: 5 }) },
    { weight: 1, arbitrary: fc.array(plainDeployment, { minLength: 1, maxLength: 2 }) },
  )
  .map((list) => list.map((entry, index): CaseDeployment => ({ id: `d${index}`, ...entry })));

/** A tag with or without marker and prefix, the prefix before or (wrongly) after the marker. */
const wellFormed = fc
  .record({
    before: fc.constantFrom('', '', '', 'route:'),
    marker: fc.constantFrom('', '', '', '!', '&'),
    after: fc.constantFrom('', '', '', '', '', '', 'route:'),
    name,
  })
  .map((part) => `${part.before}${part.marker}${part.after}${part.name}`);

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

const callerTag = fc.oneof({ weight: 30, arbitrary: wellFormed }, { weight: 3, arbitrary: oddButFine });

/** What a body field may hold. */
const tagField: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 120, arbitrary: fc.array(callerTag, { maxLength: 3 }) },
  { weight: 10, arbitrary: callerTag },
  { weight: 2, arbitrary: fc.constant(null) },
  { weight: 2, arbitrary: fc.array(fc.oneof(callerTag, badShape), { minLength: 1, maxLength: 3 }) },
  { weight: 1, arbitrary: badShape },
  { weight: 1, arbitrary: fc.constantFrom(64, 65).map((count) => Array.from({ length: count }, () => 'a')) },
  { weight: 1, arbitrary: fc.constantFrom(63, 64).map((count) => Array.from({ length: count }, (_, n) => `a${n}`)) },
);

const headerTag = fc.oneof(
  { weight: 12, arbitrary: wellFormed },
  { weight: 1, arbitrary: fc.constantFrom('', ' ', '\t', ' a ', 'b\t', '!', 'a b') },
);

const policyTag = fc
  .record({ before: fc.constantFrom('', '', '', '', 'route:'), marker: fc.constantFrom('', '', '', '!', '&'), name })
  .map((part) => `${part.before}${part.marker}${part.name}`);
const scope = sometimes(30, fc.array(policyTag, { maxLength: 3 }));
const policy = sometimes(
  60,
  fc.record({ key: scope, team: scope, project: sometimes(10, fc.array(policyTag, { maxLength: 2 })) }),
);

const vocabulary = fc.oneof({ weight: 3, arbitrary: name }, { weight: 1, arbitrary: fc.constantFrom(...PATTERNS) });

const request = fc.record({
  tags: sometimes(85, tagField),
  header: sometimes(
    15,
    fc.array(headerTag, { maxLength: 3 }).map((tags) => tags.join(',')),
  ),
  metadata_tags: sometimes(10, tagField),
  litellm_metadata_tags: sometimes(5, tagField),
  user_agent: sometimes(35, fc.constantFrom('curl/8', 'claude/1.2', 'Mozilla', '')),
  policy_tags: policy.map((scopes) => (scopes === undefined ? undefined : withoutUndefined(scopes))),
  virtual_key: fc.boolean(),
  allowed_tags: sometimes(20, fc.array(vocabulary, { maxLength: 3 })),
  on_unpermitted_tag: sometimes(20, fc.constantFrom<'reject' | 'ignore'>('reject', 'ignore', 'ignore')),
  enable_tag_filtering: sometimes(8, fc.boolean()),
  call_by: fc.constantFrom<CaseRequest['call_by']>('group', 'group', 'group', 'alias', 'wildcard'),
  by_id: sometimes(8, fc.nat({ max: 4 })),
});

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
const declared = sometimes(
  25,
  fc
    .array(fc.tuple(vocabulary, declaration), { minLength: 1, maxLength: 2 })
    .map((entries) => Object.fromEntries(entries)),
);

/** Any case that a config and a key could hold: whatever is refused when saved does not occur. */
export const tagCase: fc.Arbitrary<TagCase> = fc
  .record({ deployments, request, router, declared })
  .map(({ deployments: group, request: asked, router: settings, declared: tags }) => {
    const prefix = settings.tag_routing_prefix ?? '';
    const savable = (text: string) => prefix === '' || !text.startsWith(prefix);
    const { by_id: index, ...rest } = asked;
    const named = index === undefined ? undefined : group[index % group.length]?.id;
    return withoutUndefined({
      deployments: group,
      request: withoutUndefined({
        ...rest,
        allowed_tags: rest.allowed_tags?.filter(savable),
        deployment_id: named,
      }) as CaseRequest,
      router: settings,
      tags_declared: tags && Object.fromEntries(Object.entries(tags).filter(([pattern]) => savable(pattern))),
    }) as TagCase;
  });

function withoutUndefined<T extends object>(record: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}

/** `count` cases that depend on `seed` only. */
export function sampleCases(seed: number, count: number): TagCase[] {
  return fc.sample(tagCase, { seed, numRuns: count });
}
