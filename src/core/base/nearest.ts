/**
 * Candidates that look like a misspelling of `name`, nearest first, at most `most` of them.
 * Distance is Damerau-Levenshtein on lower-cased text; a candidate counts up to a third of the longer length (at least 1).
 */
export function nearest(name: string, candidates: Iterable<string>, most = 3): string[] {
  const wanted = name.toLowerCase();
  const found: { text: string; distance: number }[] = [];
  for (const text of candidates) {
    const limit = Math.max(1, Math.floor(Math.max(wanted.length, text.length) / 3));
    if (Math.abs(wanted.length - text.length) > limit) continue;
    const distance = editDistance(wanted, text.toLowerCase());
    if (distance <= limit) found.push({ text, distance });
  }
  found.sort((a, b) => a.distance - b.distance || (a.text < b.text ? -1 : 1));
  return found.slice(0, most).map((entry) => entry.text);
}

/** Number of insertions, deletions, substitutions and swaps of neighbours between two texts. */
function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1];
      let cost = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + (same ? 0 : 1),
      );
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) cost = Math.min(cost, (beforePrevious[column - 2] ?? 0) + 1);
      current.push(cost);
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length] ?? 0;
}
