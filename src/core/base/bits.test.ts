import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addBit,
  allBits,
  and,
  countBits,
  hasBit,
  intersects,
  isEmpty,
  membersOf,
  noBits,
  or,
  without,
} from './bits.ts';

const SIZE = 77;
const members = fc.uniqueArray(fc.integer({ min: 0, max: SIZE - 1 }));

function bitsOf(list: readonly number[]): Uint32Array {
  const bits = noBits(SIZE);
  for (const index of list) addBit(bits, index);
  return bits;
}

describe('bits', () => {
  it('behave as sets of integers', () => {
    fc.assert(
      fc.property(members, members, (left, right) => {
        const [a, b] = [bitsOf(left), bitsOf(right)];
        const sorted = (list: Iterable<number>): number[] => [...list].sort((x, y) => x - y);
        expect([...membersOf(a)]).toEqual(sorted(left));
        expect(countBits(a)).toBe(left.length);
        expect(isEmpty(a)).toBe(left.length === 0);
        expect([...membersOf(and(a, b))]).toEqual(sorted(new Set(left).intersection(new Set(right))));
        expect([...membersOf(or(a, b))]).toEqual(sorted(new Set(left).union(new Set(right))));
        expect([...membersOf(without(a, b))]).toEqual(sorted(new Set(left).difference(new Set(right))));
        expect(intersects(a, b)).toBe(!new Set(left).isDisjointFrom(new Set(right)));
      }),
    );
  });

  it('hold exactly the members of the whole set at every word boundary', () => {
    for (const size of [0, 1, 31, 32, 33, 64, 65]) {
      expect(countBits(allBits(size))).toBe(size);
      expect(hasBit(allBits(size), size)).toBe(false);
    }
  });
});
