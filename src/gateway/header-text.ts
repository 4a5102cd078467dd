const UNSAFE = /[^\x20-\x7e]/;
const UNSAFE_ALL = /[^\x20-\x7e]+/g;

/**
 * Text as a header value: printable ASCII as it is, anything else percent-encoded UTF-8, at most `limit` characters.
 * Callers and configs choose names freely; a line break in one must not become a header of its own.
 */
export function headerText(text: string, limit = 256): string {
  const safe = UNSAFE.test(text) ? text.replace(UNSAFE_ALL, percentEncoded) : text;
  return safe.length > limit ? safe.slice(0, limit) : safe;
}

function percentEncoded(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Decodes a header value that the server read as Latin-1: UTF-8 where its bytes are, else as it came. */
export function decodeHeader(value: string): string {
  if (!UNSAFE.test(value)) return value;
  try {
    return utf8.decode(Buffer.from(value, 'latin1'));
  } catch {
    return value;
  }
}
