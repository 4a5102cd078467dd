import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CallerTag, Facts, TagPolicy } from '../../core/routing/facts.ts';
import { ALL_AVAILABLE } from '../../core/routing/health.ts';
import { explain } from '../../core/routing/explain.ts';
import { compileTable } from '../../core/routing/table.ts';
import type { GatewayConfig } from '../contract.ts';
import { readConfig } from '../read-config.ts';
import { toRoutingConfig } from '../to-routing.ts';
import { checkReachability } from './reachability.ts';
import { groupViews } from './view.ts';

const TAGS = ['default', 'a', 'b', 'cost:1', '!x', 'a*', '*'];
const DEPLOYMENT = fc.record({
  tags: fc.uniqueArray(fc.constantFrom(...TAGS), { maxLength: 2 }),
  tag_regex: fc.constantFrom<string[]>([], ['claude']),
  private: fc.boolean(),
});

function configOf(deployments: readonly { tags: string[]; tag_regex: string[]; private: boolean }[]): GatewayConfig {
  const text = JSON.stringify({
    model_list: deployments.map((one, index) => ({
      model_name: 'g',
      litellm_params: { model: 'openai/m', mock_response: 'hi', tags: one.tags, tag_regex: one.tag_regex },
      model_info: { id: `d${index}`, private: one.private },
    })),
    router_settings: { enable_tag_filtering: true },
    tags: { 'cost:*': { routing: false } },
  });
  const { config } = readConfig('x.yaml', { readText: () => text, env: {} });
  if (config === undefined) throw new Error('not read');
  return config;
}

const MASTER: TagPolicy = { master: true, policyTags: {}, onUnpermittedTag: 'reject', enableTagFiltering: false };

/** Calls of the master key and of keys with policy tags: each tag alone, with and without a User-Agent, and none. */
function calls(): Facts[] {
  const names = ['default', 'a', 'b', 'cost:1', 'x', '!x', '&a', '!a', '!b', 'ab', 'zzz'];
  const callerTags = (text: string): readonly CallerTag[] => [{ text, sources: ['header'] }];
  const tagged = [[], ...names.map(callerTags)];
  const policies = [
    MASTER,
    ...names.map((name): TagPolicy => ({ ...MASTER, master: false, policyTags: { key: [name] } })),
  ];
  return policies.flatMap((policy) =>
    tagged.flatMap((tags) => [
      { model: 'g', tags, policy },
      { model: 'g', tags, policy, userAgent: 'claude' },
    ]),
  );
}

/** Ids that some call is eligible for. */
function reached(config: GatewayConfig): Set<string> {
  const { table } = compileTable(toRoutingConfig(config));
  const context = { view: ALL_AVAILABLE, random: () => 0 };
  return new Set(calls().flatMap((facts) => explain(facts, table, context).eligible));
}

describe('checkReachability', () => {
  it('names exactly the deployments that no call reaches', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(fc.array(DEPLOYMENT, { minLength: 1, maxLength: 4 }), (deployments) => {
        const config = configOf(deployments);
        const problems = checkReachability(config, groupViews(config));
        const named = config.deployments
          .map((one) => one.id)
          .filter((id) => problems.some((problem) => problem.message.includes(` ${id} `)));
        const seen = reached(config);
        expect(named).toEqual(config.deployments.map((one) => one.id).filter((id) => !seen.has(id)));
      }),
      { numRuns: 200 },
    );
  });
});
