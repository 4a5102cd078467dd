// A call that is pinned to a deployment (it goes on from what was made there) is a call by that deployment's id, whatever group,
// alias or wildcard name it asks for; and never reaches it through another group.
import fc from 'fast-check';
import { expect, test } from 'vitest';

import type { RoutingConfig } from '../../src/core/routing/settings.ts';
import { compileTable } from '../../src/core/routing/table.ts';
import { caseConfig, caseFacts, caseHealth, caseModel } from '../support/case-to-routing.ts';
import { askTable } from '../support/compiled-routing.ts';
import { tagCase } from '../support/random-cases.ts';
import { normalAnswer, type TagCase } from '../support/tag-case.ts';

const STRANGER = { id: 'stranger', tags: [], tagRegex: [], private: false, allowFailOpen: false };

/** The case's config with a second group; `shadowed`: whose aliases are spelled like the ids of the first one's deployments. */
function configOf(given: TagCase, shadowed = false): RoutingConfig {
  const config = caseConfig(given);
  const groups = [...config.groups, { name: 'group of strangers', deployments: [STRANGER] }];
  const ids = config.groups.flatMap(({ deployments }) => deployments.map(({ id }) => id));
  const shadows = ids.map((name) => ({ name, group: 'group of strangers', hidden: false }));
  return { ...config, groups, aliases: [...config.aliases, ...(shadowed ? shadows : [])] };
}

test('a pinned call is answered as the call by that id is', () => {
  fc.assert(
    fc.property(tagCase, (given) => {
      const { table, problems } = compileTable(configOf(given));
      const shadowed = compileTable(configOf(given, true)).table;
      const facts = caseFacts(given);
      if (facts === undefined || problems.length > 0) return;
      const view = caseHealth(given);
      const group = table.resolve(caseModel(given))?.group;
      for (const { id } of group?.deployments ?? []) {
        const pinned = askTable(table, { facts: { ...facts, model: group?.name ?? '', pinned: id }, view, seed: 1 });
        const itself = askTable(shadowed, { facts: { ...facts, model: id, pinned: id }, view, seed: 1 });
        const byId = askTable(table, { facts: { ...facts, model: id }, view, seed: 1 });
        expect(normalAnswer(pinned)).toEqual(normalAnswer(byId));
        expect(normalAnswer(itself)).toEqual(normalAnswer(byId));
      }
    }),
    { seed: 1, numRuns: 2_000 },
  );
});

test('a deployment of another group, or none, is reached by nobody', () => {
  fc.assert(
    fc.property(tagCase, (given) => {
      const { table, problems } = compileTable(configOf(given));
      const facts = caseFacts(given);
      if (facts === undefined || problems.length > 0) return;
      const view = caseHealth(given);
      const model = table.resolve(caseModel(given))?.group.name ?? '';
      const elsewhere = askTable(table, { facts: { ...facts, model, pinned: 'stranger' }, view, seed: 1 });
      expect(['fenced_out', 'tag_not_permitted', 'model_not_found']).toContain(elsewhere.code);
      const nowhere = askTable(table, { facts: { ...facts, model, pinned: 'no such id' }, view, seed: 1 });
      expect(nowhere.code).toBe('model_not_found');
    }),
    { seed: 1, numRuns: 2_000 },
  );
});
