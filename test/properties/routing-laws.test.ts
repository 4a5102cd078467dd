import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compiledDecide } from '../support/compiled-routing.ts';
import { globMatches, plainDecide } from '../support/plain-routing.ts';
import { tagCase } from '../support/random-cases.ts';
import { normalAnswer, without } from '../support/tag-case.ts';
import type { CaseAnswer, CaseDeployment, TagCase } from '../support/tag-case.ts';

const LONG = 120_000;

describe('what always holds', () => {
  it('the order of deployments never matters to eligibility', { timeout: LONG }, () => {
    const shuffled = tagCase.chain((given) => {
      // The group's own flag is the one thing that the order decides, by definition.
      const group = given.deployments.map((each): CaseDeployment => without(each, 'enable_tag_filtering'));
      const order = fc.shuffledSubarray(group, { minLength: group.length, maxLength: group.length });
      return order.map(
        (other) =>
          [
            { ...given, deployments: group },
            { ...given, deployments: other },
          ] as const,
      );
    });
    fc.assert(
      fc.property(shuffled, ([one, other]) => {
        expect(normalAnswer(compiledDecide(one))).toEqual(normalAnswer(compiledDecide(other)));
      }),
      { seed: 21, numRuns: 2000 },
    );
  });

  it('what a caller sends never widens a fence', { timeout: LONG }, () => {
    const fenced = tagCase.filter((given) => isFence(given) && policyBinds(given, ['plain', '&']));
    fc.assert(
      fc.property(fenced, (given) => {
        const fence = compiledDecide({
          ...given,
          request: without(
            given.request,
            'tags',
            'header',
            'metadata_tags',
            'litellm_metadata_tags',
            'user_agent',
            'deployment_id',
          ),
          // Privacy is another wall: a grant may open it, and only inside the fence.
          deployments: given.deployments.map((deployment) => ({ ...deployment, private: false })),
        });
        const inside = fence.eligible ?? [];
        const answer = compiledDecide(given);
        expect([...(answer.eligible ?? []), ...(answer.available ?? [])].filter((id) => !inside.includes(id))).toEqual(
          [],
        );
      }),
      { seed: 22, numRuns: 2000 },
    );
  });

  it(
    'an unknown, permitted tag never turns a served call into a refused one where policy tags bind',
    { timeout: LONG },
    () => {
      const bound = tagCase.filter(
        (given) =>
          isFence(given) &&
          policyBinds(given, ['plain', '&', '!']) &&
          mayBeAdded(given, EXTRA) &&
          // A tag too many is a matter of shape.
          plainDecide(withExtraTag(given)).code !== 'invalid_tags' &&
          served(plainDecide(given)),
      );
      fc.assert(
        fc.property(bound, (given) => {
          const before = normalAnswer(compiledDecide(given));
          const after = normalAnswer(compiledDecide(withExtraTag(given)));
          expect(after).toEqual(before);
        }),
        { seed: 23, numRuns: 2000 },
      );
    },
  );
});

const EXTRA = 'job:4711';

function isFence(given: TagCase): boolean {
  return given.router.tag_authority !== 'union';
}

/** True where some policy tag of these kinds is neither a lone marker nor declared accounting only. */
function policyBinds(given: TagCase, kinds: readonly string[]): boolean {
  const prefix = given.router.tag_routing_prefix ?? '';
  const texts = Object.values(given.request.policy_tags ?? {}).flat();
  return texts.some((text) => {
    const rest = prefix !== '' && text.startsWith(prefix) ? text.slice(prefix.length) : text;
    const marked = rest.startsWith('!') || rest.startsWith('&');
    const name = marked ? rest.slice(1) : rest;
    const accounting = Object.entries(given.tags_declared ?? {}).some(
      ([pattern, { routing }]) => routing === false && globMatches(pattern, name),
    );
    return name !== '' && !accounting && kinds.includes(marked ? rest.slice(0, 1) : 'plain');
  });
}

/** Permitted, and carried by nobody: an accounting tag. */
function mayBeAdded(given: TagCase, tag: string): boolean {
  const { request, deployments, tags_declared } = given;
  const restricted = Object.entries(tags_declared ?? {}).some(
    ([pattern, flags]) => flags.restricted === true && globMatches(pattern, tag),
  );
  const ordinary = request.virtual_key === true || request.allowed_tags !== undefined;
  const listed = request.allowed_tags?.some((pattern) => globMatches(pattern, tag));
  const permitted = !ordinary || (listed ?? !restricted);
  const carried = deployments.some((deployment) => deployment.tags?.some((pattern) => globMatches(pattern, tag)));
  return permitted && !carried;
}

function served(answer: CaseAnswer): boolean {
  return answer.available !== undefined;
}

function withExtraTag(given: TagCase): TagCase {
  const tags: unknown[] = Array.isArray(given.request.tags) ? given.request.tags : [given.request.tags ?? []].flat();
  return { ...given, request: { ...given.request, tags: [...tags, EXTRA] } };
}
