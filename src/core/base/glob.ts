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
