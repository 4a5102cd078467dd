/** A JSON string literal, quotes included. Lone surrogates come out as `\udXXX` escapes, so the text is always valid UTF-8. */
export function jsonString(text: string): string {
  return JSON.stringify(text);
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Parses JSON that stands in `[start, end)` of a body. Throws a SyntaxError or TypeError when it is none. */
export function parseJsonBytes(bytes: Uint8Array, start: number, end: number): unknown {
  return JSON.parse(utf8.decode(bytes.subarray(start, end)));
}

/** Parses JSON bytes, or answers undefined when they are none. For answers of upstreams, whose shape is never trusted. */
export function tryParseJson(bytes: Uint8Array): unknown {
  try {
    return parseJsonBytes(bytes, 0, bytes.length);
  } catch {
    return undefined;
  }
}

/** Whether a parsed value is an object (neither null nor a list), to be read by keys that the program names. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
