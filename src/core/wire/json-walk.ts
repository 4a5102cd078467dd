import * as b from './bytes.ts';
import type { BodyProblem } from './contract.ts';
import { PlainText } from './plain-text.ts';

/** Containers inside containers that a body may have; the top-level object is the first. */
export const MAX_NESTING = 256;

/** What the walk's methods answer when the text is not JSON; `problem` then says why. */
export const FAILED = -1;

const TRUE = [0x74, 0x72, 0x75, 0x65];
const FALSE = [0x66, 0x61, 0x6c, 0x73, 0x65];
const NULL = [0x6e, 0x75, 0x6c, 0x6c];

/**
 * A validating walk over JSON text (RFC 8259): it accepts what JSON.parse accepts and builds nothing. That the bytes are UTF-8 is
 * checked before. Every method takes the offset where its piece starts and answers the offset behind it, or FAILED.
 */
export class JsonWalk {
  readonly bytes: Uint8Array;
  problem: BodyProblem | undefined;
  /** Whether the string walked last holds an escape. */
  escaped = false;
  readonly #plain: PlainText;
  readonly #end: number;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#end = bytes.length;
    this.#plain = new PlainText(bytes);
  }

  /** The byte at an offset; -1 behind the end. */
  byteAt(at: number): number {
    return at < this.#end ? (this.bytes[at] as number) : -1;
  }

  fail(problem: BodyProblem): typeof FAILED {
    this.problem ??= problem;
    return FAILED;
  }

  expected(at: number, what: string): typeof FAILED {
    const reason = at < this.bytes.length ? `expected ${what}` : `the body ends where ${what} is due`;
    return this.fail({ code: 'invalid_json', offset: at, reason });
  }

  space(from: number): number {
    let at = from;
    while (b.isSpace(this.byteAt(at))) at += 1;
    return at;
  }

  /** A value without the white space around it. `depth` counts the containers around it. */
  value(at: number, depth: number): number {
    switch (this.byteAt(at)) {
      case b.QUOTE:
        return this.string(at);
      case b.OPEN_BRACE:
        return this.#object(at, depth + 1);
      case b.OPEN_BRACKET:
        return this.#array(at, depth + 1);
      case b.LETTER_T:
        return this.#literal(at, TRUE);
      case b.LETTER_F:
        return this.#literal(at, FALSE);
      case b.LETTER_N:
        return this.#literal(at, NULL);
      default:
        return this.#number(at);
    }
  }

  /** A key with its colon and the white space behind that: answers where the value starts. */
  colon(keyEnd: number): number {
    const at = this.space(keyEnd);
    return this.byteAt(at) === b.COLON ? this.space(at + 1) : this.expected(at, 'a colon');
  }

  string(start: number): number {
    if (this.byteAt(start) !== b.QUOTE) return this.expected(start, 'a string');
    this.escaped = false;
    let at = start + 1;
    for (;;) {
      at = this.#plain.end(at);
      const byte = this.byteAt(at);
      if (byte === b.QUOTE) return at + 1;
      if (byte !== b.BACKSLASH) return this.#unfinishedString(at);
      this.escaped = true;
      at = this.#escape(at);
      if (at === FAILED) return FAILED;
    }
  }

  #unfinishedString(at: number): number {
    if (at >= this.bytes.length) return this.expected(at, 'a closing quote');
    return this.fail({ code: 'invalid_json', offset: at, reason: 'a control character stands unescaped in a string' });
  }

  #escape(at: number): number {
    const letter = this.byteAt(at + 1);
    if (letter === b.LETTER_U) return this.#unicodeEscape(at + 2);
    return isEscapeLetter(letter) ? at + 2 : this.expected(at + 1, 'an escape that JSON knows');
  }

  #unicodeEscape(start: number): number {
    for (let at = start; at < start + 4; at += 1) {
      if (!isHexDigit(this.byteAt(at))) return this.expected(at, 'four hexadecimal digits');
    }
    return start + 4;
  }

  #number(start: number): number {
    const first = this.byteAt(start) === b.MINUS ? start + 1 : start;
    if (!b.isDigit(this.byteAt(first))) return this.expected(first, first === start ? 'a value' : 'a digit');
    let at = this.byteAt(first) === b.DIGIT_0 ? first + 1 : this.#digits(first);
    if (this.byteAt(at) === b.DOT) at = this.#digits(at + 1);
    if (at !== FAILED && (this.byteAt(at) | 0x20) === b.LETTER_E) at = this.#exponent(at + 1);
    return at;
  }

  #exponent(start: number): number {
    const sign = this.byteAt(start);
    return this.#digits(sign === b.PLUS || sign === b.MINUS ? start + 1 : start);
  }

  #digits(start: number): number {
    let at = start;
    while (b.isDigit(this.byteAt(at))) at += 1;
    return at === start ? this.expected(at, 'a digit') : at;
  }

  #literal(start: number, word: readonly number[]): number {
    for (let index = 1; index < word.length; index += 1) {
      if (this.byteAt(start + index) !== word[index]) return this.expected(start, 'a value');
    }
    return start + word.length;
  }

  #object(start: number, depth: number): number {
    if (depth > MAX_NESTING) return this.#tooDeep(start);
    let at = this.space(start + 1);
    if (this.byteAt(at) === b.CLOSE_BRACE) return at + 1;
    for (;;) {
      at = this.string(at);
      if (at !== FAILED) at = this.colon(at);
      if (at !== FAILED) at = this.value(at, depth);
      if (at === FAILED) return FAILED;
      at = this.space(at);
      if (this.byteAt(at) === b.CLOSE_BRACE) return at + 1;
      if (this.byteAt(at) !== b.COMMA) return this.expected(at, 'a comma or a closing brace');
      at = this.space(at + 1);
    }
  }

  #array(start: number, depth: number): number {
    if (depth > MAX_NESTING) return this.#tooDeep(start);
    let at = this.space(start + 1);
    if (this.byteAt(at) === b.CLOSE_BRACKET) return at + 1;
    for (;;) {
      at = this.value(at, depth);
      if (at === FAILED) return FAILED;
      at = this.space(at);
      if (this.byteAt(at) === b.CLOSE_BRACKET) return at + 1;
      if (this.byteAt(at) !== b.COMMA) return this.expected(at, 'a comma or a closing bracket');
      at = this.space(at + 1);
    }
  }

  #tooDeep(offset: number): number {
    return this.fail({ code: 'nesting_too_deep', offset, reason: `more than ${MAX_NESTING} levels of nesting` });
  }
}

function isEscapeLetter(byte: number): boolean {
  switch (byte) {
    case b.QUOTE:
    case b.BACKSLASH:
    case 0x2f: // slash
    case 0x62: // b
    case b.LETTER_F:
    case b.LETTER_N:
    case 0x72: // r
    case b.LETTER_T:
      return true;
    default:
      return false;
  }
}

function isHexDigit(byte: number): boolean {
  const lower = byte | 0x20;
  return b.isDigit(byte) || (lower >= 0x61 && lower <= 0x66);
}
