import type { Random } from '../../core/base/random.ts';

/** How a number varies from request to request. */
export type Spread =
  | { readonly kind: 'fixed'; readonly value: number }
  /** Every whole number from `low` to `high`, both included, is equally likely. */
  | { readonly kind: 'uniform'; readonly low: number; readonly high: number }
  /** Half lies under `median`; `sigma` is the standard deviation of the logarithm (0.5: two thirds within x0.6 to x1.65). */
  | { readonly kind: 'lognormal'; readonly median: number; readonly sigma: number };

/** One number of a spread, rounded to a whole one. Draws from `random` only where the spread varies. */
export function drawFrom(spread: Spread, random: Random): number {
  switch (spread.kind) {
    case 'fixed':
      return Math.round(spread.value);
    case 'uniform':
      return spread.low + Math.floor(random() * (spread.high - spread.low + 1));
    case 'lognormal':
      return Math.round(spread.median * Math.exp(spread.sigma * standardNormal(random)));
  }
}

/**
 * Reads a spread from a command line: `40` or `fixed:40`, `uniform:LOW:HIGH`, `lognormal:MEDIAN:SIGMA`.
 * Throws an Error whose message says what is wrong and what may stand there.
 */
export function parseSpread(text: string): Spread {
  const [first = '', ...rest] = text.split(':');
  const named = rest.length > 0;
  const kind = named ? first : 'fixed';
  const numbers = (named ? rest : [first]).map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  const [a = Number.NaN, b = Number.NaN] = numbers;
  const allGood = numbers.every((number) => Number.isFinite(number) && number >= 0);
  if (allGood && kind === 'fixed' && numbers.length === 1) return { kind, value: a };
  if (allGood && kind === 'uniform' && numbers.length === 2 && a <= b) return { kind, low: a, high: b };
  if (allGood && kind === 'lognormal' && numbers.length === 2) return { kind, median: a, sigma: b };
  throw new Error(
    `"${text}" is not a spread. Write 40, uniform:10:100 (lowest:highest) or lognormal:80:0.6 (median:sigma).`,
  );
}

/** Box and Muller's method. */
function standardNormal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
