import { describe, expect, it } from 'vitest';
import { seededRandom } from '../base/random.ts';
import { decide } from './decide.ts';
import { ALL_AVAILABLE } from './health.ts';
import { compileTable } from './table.ts';

describe('the nearest tag of a refusal', () => {
  it.each([
    ['', 'fre', ['free']],
    ['route:', 'route:fre', ['route:free']],
  ])('is written as it must be sent (prefix %j)', (prefix, tag, wanted) => {
    const { table } = compileTable({
      settings: { enableTagFiltering: true, matchAny: true, prefix, authority: 'fence', declared: [] },
      groups: [
        {
          name: 'g',
          deployments: [{ id: 'd', tags: ['free'], tagRegex: [], private: false, allowFailOpen: false }],
        },
      ],
      aliases: [],
      fallbacks: { general: new Map(), contextWindow: new Map(), contentPolicy: new Map() },
      version: 'v',
    });
    const policy = { master: true, policyTags: {}, onUnpermittedTag: 'reject', enableTagFiltering: false } as const;
    const facts = { model: 'g', tags: [{ text: tag, sources: ['body.tags' as const] }], policy };
    const decision = decide(facts, table, { view: ALL_AVAILABLE, random: seededRandom(1) });
    expect(decision).toMatchObject({ kind: 'refuse', code: 'no_deployment_for_tags', details: { nearest: wanted } });
  });
});
