import { seededRandom, type Random } from '../../../src/core/base/random.ts';

/** Chances that depend on a seed alone. */
export class Dice {
  readonly roll: Random;

  constructor(seed: number) {
    this.roll = seededRandom(seed);
  }

  /** True in `percent` of 100 rolls. */
  chance(percent: number): boolean {
    return this.roll() * 100 < percent;
  }

  /** A whole number from `least` to `most`. */
  between(least: number, most: number): number {
    return least + Math.floor(this.roll() * (most - least + 1));
  }

  one<T>(of: readonly T[]): T {
    const chosen = of[this.between(0, of.length - 1)];
    if (chosen === undefined) throw new Error('There is nothing to choose from.');
    return chosen;
  }

  /** Up to `most` different ones, in no order. */
  some<T>(of: readonly T[], most: number): T[] {
    const rest = [...of];
    const count = Math.min(this.between(0, most), rest.length);
    return Array.from({ length: count }, () => rest.splice(this.between(0, rest.length - 1), 1)).flat();
  }

  /** A name that nothing else in the world has: ten letters and digits behind a word for people. */
  name(kind: string): string {
    const letters = Array.from({ length: 10 }, () => this.between(0, 35).toString(36)).join('');
    return `${kind}-${letters}`;
  }
}
