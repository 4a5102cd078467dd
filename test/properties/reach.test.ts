import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/core/base/random.ts';
import { decide } from '../../src/core/routing/decide.ts';
import { reachableDeployments } from '../../src/core/routing/reach.ts';
import { compileTable } from '../../src/core/routing/table.ts';
import { caseConfig, caseFacts, caseHealth, casePolicy } from '../support/case-to-routing.ts';
import { plainReach } from '../support/plain-reach.ts';
import type { TagCase } from '../support/tag-case.ts';
import { tagCase } from '../support/random-cases.ts';

const LONG = 120_000;

/** Long words of the caller's are cut in a message. */
function shortened(text: string): string {
  return `${text.slice(0, 100)}...`;
}

describe('reach', () => {
  it('is the pool over every call that a principal may make', { timeout: LONG }, () => {
    fc.assert(
      fc.property(tagCase, (given) => {
        const { table, problems } = compileTable(caseConfig(given));
        if (problems.length > 0) return;
        const group = caseConfig(given).groups[0]?.name ?? '';
        const reach = [...reachableDeployments(group, casePolicy(given), table)].sort();
        const expected = plainReach(given);
        expect(reach).toEqual(expect.arrayContaining(expected));
        // Two patterns whose common names are all declared accounting only: reach may name a deployment too many.
        if (given.tags_declared === undefined) expect(reach).toEqual(expected);
      }),
      { seed: 24, numRuns: 3000 },
    );
  });

  it(
    'bounds what a refusal says: the caller hears its own words and tags within its reach only',
    { timeout: LONG },
    () => {
      fc.assert(
        fc.property(tagCase, (given) => {
          const facts = caseFacts(given);
          const { table, problems } = compileTable(caseConfig(given));
          if (facts === undefined || problems.length > 0) return;
          const decision = decide(facts, table, { view: caseHealth(given), random: seededRandom(1) });
          if (decision.kind !== 'refuse') return;
          const reach = plainReach(given);
          const near = given.deployments.filter(({ id }) => reach.includes(id)).flatMap(({ tags }) => tags ?? []);
          const prefix = given.router.tag_routing_prefix ?? '';
          const own = [facts.model, ...facts.tags.map((tag) => tag.text)];
          const sayable = [...own, ...own.map(shortened), ...near, ...near.map((tag) => prefix + tag)];
          const said = [...decision.message.matchAll(/"([^"]*)"/g)].map(([, text = '']) => text);
          const nearest = (decision.details?.['nearest'] ?? []) as string[];
          expect(sayable).toEqual(expect.arrayContaining([...said, ...nearest]));
        }),
        { seed: 25, numRuns: 5000 },
      );
    },
  );
});

describe('found by these properties', () => {
  const hidden = { id: 'hidden', tags: ['team-b'], private: true };
  const router = { enable_tag_filtering: true };

  it('a wildcard within reach does not confirm a tag that only a deployment outside is written with', () => {
    const given: TagCase = {
      deployments: [hidden, { id: 'open', tags: ['team-*'] }, { id: 'other', tags: ['x'] }],
      request: { tags: ['team-c', 'x'], virtual_key: true },
      router: { ...router, tag_filtering_match_any: false },
    };
    const facts = caseFacts(given);
    if (facts === undefined) throw new Error('The tags are well formed.');
    const { table } = compileTable(caseConfig(given));
    const decision = decide(facts, table, { view: caseHealth(given), random: seededRandom(1) });
    expect(decision).toMatchObject({ kind: 'refuse', code: 'no_deployment_for_tags' });
    expect(JSON.stringify(decision)).not.toContain('team-b');
  });

  it('a grant of default reaches no private deployment by its wildcard', () => {
    const given: TagCase = {
      deployments: [{ id: 'hidden', tags: ['*'], private: true }],
      request: { allowed_tags: ['default'] },
      router,
    };
    const { table } = compileTable(caseConfig(given));
    expect(reachableDeployments('group', casePolicy(given), table)).toEqual([]);
  });
});
