import { describe, expect, it } from 'vitest';
import { CaseGateway, WAYS_IN } from '../support/case-calls.ts';
import type { PlacedCase } from '../support/case-gateway.ts';
import { plainReach } from '../support/plain-reach.ts';
import { plainDecide } from '../support/plain-routing.ts';
import { sampleCases } from '../support/random-cases.ts';
import { normalAnswer } from '../support/tag-case.ts';
import type { CaseAnswer, TagCase } from '../support/tag-case.ts';

/** 2,000 cases over 40 gateways: each takes the router settings and declared tags of one case, and 50 cases' groups and calls. */
const GATEWAYS = 40;
const CASES = 50;

describe('explain says what dispatch does, over sockets', () => {
  it.each(Array.from({ length: GATEWAYS }, (_, index) => index + 1))(
    'gateway %i',
    { timeout: 60_000 },
    async (seed) => {
      const placed = casesOfOneGateway(seed).map((given, index) => ({ given, label: `case-${index}` }));
      await using gateway = await CaseGateway.start(placed);
      for (const [index, one] of placed.entries()) {
        const expected = normalAnswer(plainDecide(one.given));
        const where = { seed, label: one.label, request: one.given.request };
        const outcome = await gateway.call(one, gateway.keyOf(one), WAYS_IN[index % WAYS_IN.length]);
        if ('served' in outcome) expect(expected.available, JSON.stringify(where)).toContain(outcome.served);
        else expect({ ...where, ...outcome }).toEqual({ ...where, status: expected.status, code: expected.code });
        if (!onlyBodyTags(one.given)) continue;
        expect({ ...where, ...normalAnswer(await gateway.explain(one)) }).toEqual({ ...where, ...expected });
        if (ordinary(one.given)) await holdCallerExplanation(gateway, one, expected);
      }
    },
  );
});

/** A key hears of its own call what becomes of it, and of no deployment outside its reach. */
async function holdCallerExplanation(gateway: CaseGateway, one: PlacedCase, expected: CaseAnswer): Promise<void> {
  const { named, ...heard } = await gateway.explainAsCaller(one);
  const { status = 200, code = null } = expected;
  expect({ label: one.label, ...heard }).toEqual({
    label: one.label,
    decision: code === null ? 'send' : 'refuse',
    status,
    code,
  });
  expect(sayable(one.given), JSON.stringify(one)).toEqual(expect.arrayContaining([...named]));
}

function casesOfOneGateway(seed: number): TagCase[] {
  const cases = sampleCases(1000 + seed, CASES * 2).filter((given) => loads(plainDecide(given)));
  const settings = cases[0];
  if (settings === undefined) throw new Error(`Seed ${seed} has no case.`);
  const { router, tags_declared } = settings;
  return cases.slice(0, CASES).map(({ deployments, request }) => ({
    deployments,
    request,
    router,
    ...(tags_declared === undefined ? {} : { tags_declared }),
  }));
}

function loads(answer: CaseAnswer): boolean {
  return answer.config_error === undefined;
}

/** What `/route/explain` can be asked: its one `tags` stands for all places of a call. */
function onlyBodyTags({ request }: TagCase): boolean {
  return (
    request.header === undefined && request.metadata_tags === undefined && request.litellm_metadata_tags === undefined
  );
}

function ordinary({ request }: TagCase): boolean {
  return request.virtual_key === true || request.allowed_tags !== undefined;
}

/** Ids that the answer to an ordinary key may hold: those in its reach, and the one that it named itself. */
function sayable(given: TagCase): string[] {
  return [...plainReach(given), given.request.deployment_id ?? ''];
}
