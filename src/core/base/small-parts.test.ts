import { describe, expect, it } from 'vitest';
import { BoundedMap } from './bounded-map.ts';
import { nearest } from './nearest.ts';
import { seededRandom } from './random.ts';

describe('BoundedMap', () => {
  it('never holds more than its limit, and keeps what is asked for', () => {
    const map = new BoundedMap<number, number>(100);
    for (let key = 0; key < 10_000; key += 1) {
      map.set(key, key);
      map.get(0);
      expect(map.size).toBeLessThanOrEqual(100);
    }
    expect(map.get(0)).toBe(0);
    expect(map.get(5)).toBeUndefined();
  });

  it('forgets on delete and clear', () => {
    const map = new BoundedMap<string, number>(4);
    map.set('a', 1);
    map.delete('a');
    expect(map.get('a')).toBeUndefined();
    map.set('b', 2);
    map.clear();
    expect(map.size).toBe(0);
  });
});

describe('nearest', () => {
  it.each([
    ['gpt4', ['gpt-4', 'claude', 'gpt-3'], ['gpt-4']],
    ['teamA', ['team-a', 'teamB', 'default'], ['team-a', 'teamB']],
    ['tagz', ['tags'], ['tags']],
    ['apt', ['pat'], ['pat']],
    ['zzz', ['free', 'paid'], []],
    ['', ['a'], ['a']],
  ])('of %s', (name, candidates, wanted) => {
    expect(nearest(name, candidates)).toEqual(wanted);
  });
});

describe('seededRandom', () => {
  it('repeats itself for a seed, differs between seeds and stays in [0, 1)', () => {
    const numbers = (seed: number): number[] => Array.from({ length: 1000 }, seededRandom(seed));
    expect(numbers(7)).toEqual(numbers(7));
    expect(numbers(7)).not.toEqual(numbers(8));
    expect(numbers(7).every((each) => each >= 0 && each < 1)).toBe(true);
    const mean = numbers(1).reduce((sum, each) => sum + each, 0) / 1000;
    expect(mean).toBeCloseTo(0.5, 1);
  });
});
