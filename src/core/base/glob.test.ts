import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileGlob, globCovered, globsOverlap } from './glob.ts';

const alphabet = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 6 });
const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 6 });

function asRegex(pattern: string): RegExp {
  return new RegExp(`^${pattern.split('*').join('.*')}$`, 's');
}

describe('compileGlob', () => {
  it.each([
    ['team-*', 'team-7', ['7']],
    ['team-*', 'team-', ['']],
    ['team-*', 'teams', undefined],
    ['*', '', ['']],
    ['openai/*', 'openai/gpt-4o/x', ['gpt-4o/x']],
    ['a*b*c', 'a1b2c', ['1', '2']],
    ['a*a', 'a', undefined],
    ['plain', 'plain', []],
  ])('captures what the stars of %s stand for in %s', (pattern, name, captured) => {
    expect(compileGlob(pattern).capture(name)).toEqual(captured);
  });

  it('matches as the equivalent regular expression does', () => {
    fc.assert(
      fc.property(alphabet, text, (pattern, name) => {
        expect(compileGlob(pattern).matches(name)).toBe(asRegex(pattern).test(name));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('globsOverlap', () => {
  const texts = ['', ...words(5)];

  it('is true exactly when some text matches both', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 4 }), alphabet, (left, right) => {
        const [a, b] = [compileGlob(left), compileGlob(right.slice(0, 4))];
        const shared = texts.some((each) => a.matches(each) && b.matches(each));
        // A shortest common text is never longer than both patterns' plain characters together.
        const enough = a.literalLength + b.literalLength <= 5;
        if (enough || shared) expect(globsOverlap(left, right.slice(0, 4))).toBe(shared);
      }),
      { numRuns: 3000 },
    );
  });
});

describe('globCovered', () => {
  // With a letter that no pattern has: what a star stands for may be anything.
  const texts = ['', ...words(5)];
  const short = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 3 });

  it.each([
    ['team-1', ['team-*'], true],
    ['team-*', ['team-1', 'team-2'], false],
    ['a*b', ['a*', '*c'], true],
    ['*', ['a*', '*'], true],
    ['*', ['a*', 'b*'], false],
    ['a*', ['ab*', 'a'], false],
    ['ab', [], false],
  ])('%s by %j is %s', (pattern, covers, wanted) => {
    expect(globCovered(pattern, covers)).toBe(wanted);
  });

  it('never says yes where a text shows no', () => {
    fc.assert(
      fc.property(short, fc.array(short, { maxLength: 3 }), (pattern, covers) => {
        const counterexample = texts.find(
          (each) => compileGlob(pattern).matches(each) && !covers.some((cover) => compileGlob(cover).matches(each)),
        );
        expect(globCovered(pattern, covers)).toBe(counterexample === undefined);
      }),
      { numRuns: 3000 },
    );
  });
});

function words(length: number): string[] {
  if (length === 0) return [];
  const shorter = words(length - 1);
  const stems = ['', ...shorter];
  return [...new Set([...shorter, ...stems.flatMap((stem) => [`${stem}a`, `${stem}b`, `${stem}z`])])];
}
