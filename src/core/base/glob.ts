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

/** True when some text matches both patterns. */
export function globsOverlap(a: string, b: string): boolean {
  // reached[j]: the parts of `a` and `b` read so far can stand for one text, with `j` characters of `b` read.
  let reached = new Set([0]);
  reached = closeOver(b, reached);
  for (const character of a) {
    const next = new Set<number>();
    for (const at of reached) {
      if (character === '*') for (let skip = at; skip <= b.length; skip += 1) next.add(skip);
      else if (b[at] === '*') next.add(at);
      else if (b[at] === character) next.add(at + 1);
    }
    reached = closeOver(b, next);
  }
  return reached.has(b.length);
}

/** A `*` may stand for nothing: every position before one counts as the position behind it too. */
function closeOver(pattern: string, positions: Set<number>): Set<number> {
  for (const at of [...positions].sort((x, y) => x - y)) {
    for (let next = at; pattern[next] === '*'; next += 1) positions.add(next + 1);
  }
  return positions;
}
