import { describe, expect, it } from 'vitest';
import { plainDecide } from './plain-routing.ts';
import { normalAnswer, readTable } from './tag-case.ts';

describe('the plain second implementation answers the table of tag cases', () => {
  it.each(readTable().map((given) => [`${given.n}: ${given.why}`, given] as const))('%s', (_, given) => {
    const { eligible, ...expected } = normalAnswer(given.waymark ?? {});
    const { eligible: found, ...answer } = normalAnswer(plainDecide(given));
    expect(answer).toEqual(expected);
    // A 503 after fail-open names no eligible deployments in the table.
    if (eligible !== undefined) expect(found).toEqual(eligible);
  });
});
