import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../core/base/random.ts';
import { drawFrom, parseSpread, type Spread } from './spread.ts';

describe('parseSpread', () => {
  const good: [text: string, spread: Spread][] = [
    ['40', { kind: 'fixed', value: 40 }],
    ['fixed:0', { kind: 'fixed', value: 0 }],
    ['uniform:10:100', { kind: 'uniform', low: 10, high: 100 }],
    ['lognormal:80:0.6', { kind: 'lognormal', median: 80, sigma: 0.6 }],
  ];
  test.each(good)('%s', (text, spread) => {
    expect(parseSpread(text)).toEqual(spread);
  });
  test.each(['', 'x', '-1', 'uniform:10', 'uniform:9:3', 'normal:1:2', 'fixed:1:2', 'lognormal:1:', 'uniform:1:2:3'])(
    'refuses "%s" and says what may stand there',
    (text) => {
      expect(() => parseSpread(text)).toThrow(`"${text}" is not a spread. Write 40, uniform:10:100`);
    },
  );
});

describe('drawFrom', () => {
  const draws = (spread: Spread): number[] => {
    const random = seededRandom(7);
    return Array.from({ length: 4000 }, () => drawFrom(spread, random)).sort((a, b) => a - b);
  };

  test('uniform reaches both ends and nothing beyond', () => {
    const seen = new Set(draws({ kind: 'uniform', low: 3, high: 6 }));
    expect([...seen].sort((a, b) => a - b)).toEqual([3, 4, 5, 6]);
  });

  test('lognormal has its median in the middle and its spread around it', () => {
    const sorted = draws({ kind: 'lognormal', median: 100, sigma: 0.5 });
    expect(sorted[2000]).toBeGreaterThan(95);
    expect(sorted[2000]).toBeLessThan(105);
    // One standard deviation up is the 84th of a hundred: 100 * e^0.5 = 165.
    expect(sorted[3365]).toBeGreaterThan(155);
    expect(sorted[3365]).toBeLessThan(175);
  });

  test('fixed draws nothing', () => {
    expect(drawFrom({ kind: 'fixed', value: 12.4 }, () => expect.unreachable())).toBe(12);
  });
});
