/** A compiled pattern in which `*` stands for any text, none included, and every other character for itself. */
export interface Glob {
  readonly pattern: string;
  /** Characters that are not `*`: the more, the more specific. */
  readonly literalLength: number;
  matches(text: string): boolean;
  /** What each `*` stood for in `text`, or undefined when the pattern does not match (leftmost, shortest first). */
  capture(text: string): string[] | undefined;
}

/** Compiles a pattern. Matching takes linear time in practice: each literal part is searched once, left to right. */
export function compileGlob(pattern: string): Glob {
  const parts = pattern.split('*');
  const capture = (text: string): string[] | undefined => captureParts(parts, text);
  return {
    pattern,
    literalLength: pattern.length - (parts.length - 1),
    matches: (text) => capture(text) !== undefined,
    capture,
  };
}

/** True when `pattern` holds a `*`. */
export function isGlob(pattern: string): boolean {
  return pattern.includes('*');
}

function captureParts(parts: readonly string[], text: string): string[] | undefined {
  const first = parts[0] ?? '';
  if (parts.length === 1) return text === first ? [] : undefined;
  const last = parts[parts.length - 1] ?? '';
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return undefined;
  const captured: string[] = [];
  const end = text.length - last.length;
  let position = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, position);
    if (found < 0 || found + part.length > end) return undefined;
    captured.push(text.slice(position, found));
    position = found + part.length;
  }
  captured.push(text.slice(position, end));
  return captured;
}

/** True when some text matches all patterns. */
export function globsOverlap(...patterns: readonly string[]): boolean {
  // Any character that stands in no pattern can be left out of a common text, so only those that do are tried.
  const alphabet = new Set(patterns.join('').replaceAll('*', ''));
  const seen = new Set<string>();
  let states = closeOver(patterns, [patterns.map(() => 0)]);
  while (states.length > 0) {
    if (states.some((state) => state.every((at, index) => at === patterns[index]?.length))) return true;
    const fresh = states.filter((state) => !seen.has(state.join()) && seen.add(state.join()));
    const next = fresh.flatMap((state) =>
      [...alphabet].flatMap((character) => advance(patterns, state, character) ?? []),
    );
    states = closeOver(patterns, next);
    if (fresh.length === 0) return false;
  }
  return false;
}

/** How far each pattern has been read. */
type Positions = readonly number[];

/** The positions after one more character of the common text; undefined where a pattern does not take it. */
function advance(patterns: readonly string[], state: Positions, character: string): Positions[] | undefined {
  const next = state.map((at, index) => {
    const expected = patterns[index]?.[at];
    if (expected === '*') return at;
    return expected === character ? at + 1 : -1;
  });
  return next.includes(-1) ? undefined : [next];
}

/** Adds the positions in which a `*` stands for nothing more. */
function closeOver(patterns: readonly string[], states: readonly Positions[]): Positions[] {
  const closed = new Map(states.map((state) => [state.join(), state]));
  for (const state of closed.values()) {
    state.forEach((at, index) => {
      if (patterns[index]?.[at] !== '*') return;
      const past = state.with(index, at + 1);
      closed.set(past.join(), past);
    });
  }
  return [...closed.values()];
}

/** Positions looked at before `globCovered` gives up and answers no: the safe side for whoever asks about a grant. */
const MOST_WORK = 300_000;
/** Stands for every character that appears in no pattern. */
const OTHER = '\u0000';

/** True when every text that `pattern` matches is matched by one of `covers`. Exact, up to a bound on the work; then false. */
export function globCovered(pattern: string, covers: readonly string[]): boolean {
  if (covers.includes('*') || covers.includes(pattern)) return true;
  if (!isGlob(pattern)) return covers.some((cover) => compileGlob(cover).matches(pattern));
  // One alone mostly does, and is soon found; all of them together may take more states than there is patience for.
  const alone = { left: MOST_WORK };
  if (covers.some((cover) => coveredTogether(pattern, [cover], alone))) return true;
  return covers.length > 1 && coveredTogether(pattern, covers, { left: MOST_WORK });
}

/** `work.left` is spent; none left is a no. */
function coveredTogether(pattern: string, covers: readonly string[], work: { left: number }): boolean {
  const start = { left: reach(pattern, [0]), right: covers.map((cover) => reach(cover, [0])) };
  const queue = [start];
  const seen = new Set([JSON.stringify(start)]);
  for (const state of queue) {
    const accepted = state.right.some((at, index) => at.includes(covers[index]?.length ?? -1));
    if (state.left.includes(pattern.length) && !accepted) return false;
    for (const character of charactersAhead([pattern, ...covers], [state.left, ...state.right])) {
      const left = step(pattern, state.left, character);
      if (left.length === 0) continue;
      const next = { left, right: covers.map((cover, index) => step(cover, state.right[index] ?? [], character)) };
      const key = JSON.stringify(next);
      work.left -= key.length;
      if (work.left < 0) return false;
      if (seen.has(key)) continue;
      seen.add(key);
      queue.push(next);
    }
  }
  return true;
}

/** Characters that some pattern waits for, and one that stands for all others: those do the same. */
function charactersAhead(patterns: readonly string[], positions: readonly (readonly number[])[]): ReadonlySet<string> {
  const ahead = new Set([OTHER]);
  patterns.forEach((pattern, index) => {
    for (const at of positions[index] ?? [])
      if (pattern[at] !== undefined && pattern[at] !== '*') ahead.add(pattern[at]);
  });
  return ahead;
}

/** The positions of one pattern after a character. */
function step(pattern: string, positions: readonly number[], character: string): number[] {
  return reach(
    pattern,
    positions.flatMap((at) => {
      if (pattern[at] === '*') return [at];
      return pattern[at] === character ? [at + 1] : [];
    }),
  );
}

/** Positions with those behind a `*` that stands for nothing more, ascending, without repeats. */
function reach(pattern: string, positions: readonly number[]): number[] {
  const reached = new Set(positions);
  for (const at of reached) if (pattern[at] === '*') reached.add(at + 1);
  return [...reached].sort((a, b) => a - b);
}
