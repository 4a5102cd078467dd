import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compiledDecide } from '../support/compiled-routing.ts';
import { plainDecide } from '../support/plain-routing.ts';
import { tagCase } from '../support/random-cases.ts';
import { normalAnswer } from '../support/tag-case.ts';
import type { CaseAnswer } from '../support/tag-case.ts';

const LONG = 120_000;

describe('the compiled tables answer as the plain second implementation does', () => {
  // 10 x 10,000 cases; a failure is shrunk and printed with its seed.
  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])('10,000 cases of seed %i', { timeout: LONG }, (seed) => {
    fc.assert(
      fc.property(tagCase, (given) => {
        expectSame(compiledDecide(given), plainDecide(given));
      }),
      { seed, numRuns: 10_000 },
    );
  });
});

/** The texts first: expect costs more than both decisions. */
function expectSame(answer: CaseAnswer, expected: CaseAnswer): void {
  const [found, wanted] = [normalAnswer(answer), normalAnswer(expected)];
  if (JSON.stringify(found) !== JSON.stringify(wanted)) expect(found).toEqual(wanted);
}
