import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { inRoot } from '../../scripts/workshop/root.ts';
import { readConfig } from '../../src/config/read-config.ts';
import { toRoutingConfig } from '../../src/config/to-routing.ts';
import { readCallerTags } from '../../src/core/routing/caller-tags.ts';
import { explain } from '../../src/core/routing/explain.ts';
import { ALL_AVAILABLE } from '../../src/core/routing/health.ts';
import { compileTable } from '../../src/core/routing/table.ts';
import type { Explanation } from '../../src/core/routing/decision.ts';

const PAGE = readFileSync(inRoot('docs', 'reference', 'tag-routing.md'), 'utf8');
const IN_SHORT = PAGE.slice(PAGE.indexOf('## In short'), PAGE.indexOf('## 1. Tags'));
const CONFIG = /```yaml\n([\s\S]+?)```/.exec(IN_SHORT)?.[1] ?? '';
const ROWS = [...IN_SHORT.matchAll(/^\| (.+?) \| (.+?) \|$/gm)].slice(1).filter(([, call]) => call !== '---');

/** Explains one row's call on the page's own config. */
function explained(call: string): Explanation {
  const { config } = readConfig('page.yaml', { readText: () => CONFIG, env: { OPENAI_API_KEY: 'sk-of-the-page' } });
  if (config === undefined) throw new Error('The config of the page cannot be read.');
  const { table } = compileTable(toRoutingConfig(config));
  const body = /"tags": (\[.*?\])/.exec(call)?.[1];
  const header = /x-litellm-tags: ([^`]+)/.exec(call)?.[1];
  const reading = readCallerTags({ header, tags: body === undefined ? undefined : JSON.parse(body) }, '');
  if (!reading.ok) throw new Error(reading.message);
  const policy = { master: true, policyTags: {}, onUnpermittedTag: 'reject', enableTagFiltering: false } as const;
  return explain({ model: 'gpt-4', tags: reading.tags, policy }, table, { view: ALL_AVAILABLE, random: () => 0 });
}

/** The tags that the second column names for the deployments which serve. */
function promised(outcome: string): readonly string[] {
  if (outcome === 'one of the two') return ['free', 'paid'];
  if (outcome.startsWith('the same')) return ['free'];
  return [/`(\w+)`/.exec(outcome)?.[1] ?? 'nothing'];
}

const DEPLOYMENT_OF = new Map([
  ['free', 0],
  ['paid', 1],
  ['default', 2],
]);

describe('docs/reference/tag-routing.md', () => {
  test('has its table of calls', () => expect(ROWS.length).toBe(6));

  test.each(ROWS.map(([, call = '', outcome = '']) => ({ call, outcome })))(
    '$call -> $outcome',
    ({ call, outcome }) => {
      const answer = explained(call);
      const ids = answer.deployments.map((deployment) => deployment.id);
      const wanted = promised(outcome).map((tag) => ids[DEPLOYMENT_OF.get(tag) ?? -1]);
      expect([answer.decision, answer.eligible]).toEqual(['send', wanted]);
    },
  );

  test('names every field of the answer of explain', () => {
    const described = PAGE.slice(PAGE.indexOf('So is the answer:'), PAGE.indexOf('## 8.'));
    const fields = Object.keys(explained('`"tags": ["free"]`'));
    expect(fields.filter((field) => !described.includes(`\`${field}\``))).toEqual([]);
  });
});
