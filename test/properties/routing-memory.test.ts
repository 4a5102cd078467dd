import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/core/base/random.ts';
import { decide } from '../../src/core/routing/decide.ts';
import type { Facts, TagPolicy } from '../../src/core/routing/facts.ts';
import { ALL_AVAILABLE } from '../../src/core/routing/health.ts';
import { compileTable } from '../../src/core/routing/table.ts';
import { caseCallerTags, caseConfig, caseHealth, caseModel, casePolicy } from '../support/case-to-routing.ts';
import { askTable } from '../support/compiled-routing.ts';
import { plainDecide } from '../support/plain-routing.ts';
import { sampleCases } from '../support/random-cases.ts';
import { normalAnswer, without } from '../support/tag-case.ts';
import type { CaseAnswer, TagCase } from '../support/tag-case.ts';

/** What of a request hangs on the caller's key, and what on the call. */
const OWNED = ['policy_tags', 'virtual_key', 'allowed_tags', 'on_unpermitted_tag', 'enable_tag_filtering'] as const;
const CALLED = [
  'tags',
  'header',
  'metadata_tags',
  'litellm_metadata_tags',
  'user_agent',
  'call_by',
  'deployment_id',
] as const;

/** One group and its settings, asked by many callers: every other case's request and cooling moved onto the first's config. */
function manyCallersOfOneConfig(seed: number, callers: number): TagCase[] {
  const cases = sampleCases(seed, callers + 1);
  const base = cases.find((given) => plainDecide(given).config_error === undefined && given.deployments.length > 2);
  if (base === undefined) throw new Error(`Seed ${seed} has no case with three deployments.`);
  return cases.map((given, index) => {
    const request = without(given.request, 'call_by', 'deployment_id');
    const named = given.request.deployment_id;
    const first = base.deployments[0]?.id ?? '';
    return {
      ...base,
      request: { ...request, call_by: 'group', ...(named === undefined ? {} : { deployment_id: first }) },
      deployments: base.deployments.map((deployment, at) => ({ ...deployment, cooled_down: (index >> at) % 3 === 1 })),
    };
  });
}

describe('what a table remembers never changes an answer', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('many callers of one table, three rounds, seed %i', (seed) => {
    const cases = manyCallersOfOneConfig(seed, 60);
    const first = cases[0];
    if (first === undefined) throw new Error('No cases.');
    const { table } = compileTable(caseConfig(first));
    // The same policy object for every call of a caller, as the gateway hands it in; and each policy with each call's tags.
    const policies = cases.map((given) => casePolicy(given));
    const random = seededRandom(seed);
    for (let round = 0; round < 3; round += 1) {
      for (const [index, given] of cases.entries()) {
        const other = Math.floor(random() * cases.length);
        for (const owner of [index, other]) {
          const mixed = withOwner(given, cases[owner] ?? given);
          expect(ask(table, mixed, policies[owner])).toEqual(normalAnswer(plainDecide(mixed)));
        }
      }
    }
  });

  function withOwner(given: TagCase, owner: TagCase): TagCase {
    const request = {
      ...without(given.request, ...OWNED),
      ...without(owner.request, ...CALLED),
    };
    return { ...given, request };
  }

  function ask(table: Table, given: TagCase, policy: TagPolicy | undefined): CaseAnswer {
    const tags = caseCallerTags(given);
    if (tags === undefined) return { status: 400, code: 'invalid_tags' };
    const { user_agent } = given.request;
    const facts: Facts = {
      model: caseModel(given),
      tags,
      policy: policy ?? casePolicy(given),
      ...(user_agent === undefined ? {} : { userAgent: user_agent }),
    };
    return normalAnswer(askTable(table, { facts, view: caseHealth(given), seed: 3 }));
  }
});

type Table = ReturnType<typeof compileTable>['table'];

describe('callers do not choose the memory of the gateway', () => {
  it('stays bounded under 100,000 distinct tags and User-Agents', { timeout: 120_000 }, () => {
    const { table } = compileTable(
      caseConfig({
        deployments: [
          { id: 'wild', tags: ['team-*'] },
          { id: 'agent', tag_regex: ['curl'] },
          { id: 'default', tags: ['default'] },
        ],
        request: {},
        router: { enable_tag_filtering: true },
      }),
    );
    const policy: TagPolicy = { master: true, policyTags: {}, onUnpermittedTag: 'reject', enableTagFiltering: false };
    const random = seededRandom(1);
    const call = (text: string): void => {
      const tags = [text, `team-${text}`].map((tag) => ({ text: tag, sources: ['header'] as const }));
      const facts: Facts = { model: 'group', tags, userAgent: `curl/${text}`, policy };
      decide(facts, table, { view: ALL_AVAILABLE, random });
      decide({ ...facts, tags: [] }, table, { view: ALL_AVAILABLE, random });
      decide({ ...facts, policy: { ...policy } }, table, { view: ALL_AVAILABLE, random });
    };
    for (let index = 0; index < 20_000; index += 1) call(`${index}-${'x'.repeat(200)}`);
    const before = usedHeap();
    for (let index = 20_000; index < 120_000; index += 1) call(`${index}-${'x'.repeat(200)}`);
    // 100,000 remembered tags of 200 characters would be 20 MB for the texts alone, three times over.
    expect(usedHeap() - before).toBeLessThan(8 * 1024 * 1024);
  });
});

/** Bytes of live heap, after a collection. */
function usedHeap(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}
