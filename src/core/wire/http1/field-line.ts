import { malformed } from './http-fault.ts';

const TAB = 0x09;
const SPACE = 0x20;
/** Of a content-length: what a double holds exactly. */
const MOST_DIGITS = 15;

/** For each character: 1 where it may stand in a header's name (RFC 9110, 5.6.2). */
const TOKEN = new Uint8Array(128);
for (const char of "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
  TOKEN[char.charCodeAt(0)] = 1;

/**
 * Reads the header lines of `text` from `at` on, each with its CRLF, as a LineScanner has let them through. Throws an HttpFault for
 * folded lines, spaces before a colon, names that are none (RFC 9112, 5). Names arrive in lower case.
 */
export function readFieldLines(text: string, at: number, onField: (name: string, value: string) => void): void {
  let start = at;
  while (start < text.length) {
    const end = text.indexOf('\r\n', start);
    const colon = text.indexOf(':', start);
    if (colon === -1 || colon >= end) throw malformed('a header without a colon');
    const name = nameOf(text, start, colon);
    let from = colon + 1;
    let to = end;
    while (from < to && isBlank(text.charCodeAt(from))) from += 1;
    while (to > from && isBlank(text.charCodeAt(to - 1))) to -= 1;
    onField(name, text.slice(from, to));
    start = end + 2;
  }
}

/** Digits and nothing else, at least one: Number() takes `+1`, `1e2` and `0x5` as well. */
export function wholeNumber(text: string): number | undefined {
  let number = 0;
  for (let index = 0; index < text.length; index += 1) {
    const digit = text.charCodeAt(index) - 0x30;
    if (digit < 0 || digit > 9) return undefined;
    number = number * 10 + digit;
  }
  return text.length === 0 ? undefined : number;
}

/** The value of a content-length, in bytes. Throws an HttpFault. */
export function lengthOf(value: string): number {
  const length = value.length > MOST_DIGITS ? undefined : wholeNumber(value);
  if (length === undefined) throw malformed('a content-length that is no number');
  return length;
}

function nameOf(text: string, at: number, colon: number): string {
  if (colon === at) throw malformed('a header without a name');
  for (let index = at; index < colon; index += 1) {
    // Spaces before the colon and folded lines end here too.
    if (TOKEN[text.charCodeAt(index)] !== 1)
      throw malformed('a header whose name has a character that names cannot have');
  }
  return text.slice(at, colon).toLowerCase();
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}
