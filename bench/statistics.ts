/** The value below which `share` (0 to 1) of the numbers lie, linear between neighbours. NaN where there are none. */
export function quantile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const low = sorted[Math.floor(at)] ?? Number.NaN;
  const high = sorted[Math.ceil(at)] ?? Number.NaN;
  return low + (high - low) * (at - Math.floor(at));
}

/** A median with the quartiles around it. */
export interface Summary {
  readonly median: number;
  readonly lower: number;
  readonly upper: number;
  readonly count: number;
}

/** What a row of repeated measurements comes to. */
export function summarise(numbers: readonly number[]): Summary {
  return {
    median: quantile(numbers, 0.5),
    lower: quantile(numbers, 0.25),
    upper: quantile(numbers, 0.75),
    count: numbers.length,
  };
}

/**
 * The interval that holds the median of what the numbers were drawn from with at least 95 % confidence, whatever their
 * distribution: two order statistics, by the binomial law. Under six numbers there is none: the ends are infinite.
 */
export function medianInterval(numbers: readonly number[]): readonly [low: number, high: number] {
  const sorted = numbers.toSorted((a, b) => a - b);
  let below = 0;
  let term = 0.5 ** sorted.length;
  let rank = 0;
  // `below`: the chance that at most `rank - 1` numbers lie under the median.
  while (below + term <= 0.025) {
    below += term;
    rank += 1;
    term *= (sorted.length - rank + 1) / rank;
  }
  return [sorted[rank - 1] ?? -Infinity, rank === 0 ? Infinity : (sorted[sorted.length - rank] ?? Infinity)];
}

/** `12.3 (11.9-12.8)`; `-` where there is nothing to show. */
export function show(summary: Summary, digits = 1): string {
  if (!Number.isFinite(summary.median)) return '-';
  const text = (number: number): string => number.toFixed(digits);
  return `${text(summary.median)} (${text(summary.lower)}-${text(summary.upper)})`;
}
