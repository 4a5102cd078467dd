import { describe, expect, it } from 'vitest';
import { compiledDecide } from '../support/compiled-routing.ts';
import { normalAnswer, readTable } from '../support/tag-case.ts';

describe('the routing functions answer the table of tag cases', () => {
  it.each(readTable().map((given) => [`${given.n}: ${given.why}`, given] as const))('%s', (_, given) => {
    const { eligible, ...expected } = normalAnswer(given.waymark ?? {});
    const { eligible: found, ...answer } = normalAnswer(compiledDecide(given));
    expect(answer).toEqual(expected);
    // A 503 after fail-open names no eligible deployments in the table.
    if (eligible !== undefined) expect(found).toEqual(eligible);
  });
});
