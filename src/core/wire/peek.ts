import { CLOSE_BRACE, COMMA, OPEN_BRACE } from './bytes.ts';
import type { BodyProblem, FieldSet, FieldSpan, PeekResult } from './contract.ts';
import { parseJsonBytes } from './json-text.ts';
import { FAILED, JsonWalk } from './json-walk.ts';
import { illFormedUtf8 } from './utf8.ts';
import { WalkedBody } from './walked-body.ts';

/**
 * Walks a body once and finds the wanted fields of its top-level object. Accepts what JSON.parse accepts of the UTF-8 text (a
 * byte order mark is dropped), less four things: ill-formed UTF-8, over 256 levels of nesting, a top level that is no object, and
 * a wanted field that stands there twice - else we would authorise one `model` and the upstream serve another.
 */
export function peek(body: Uint8Array, fields: FieldSet): PeekResult {
  const bytes = hasByteOrderMark(body) ? body.subarray(3) : body;
  const walk = new TopLevelWalk(bytes, fields);
  const top = walk.run();
  if (top !== undefined) return { ok: true, top };
  const problem = walk.problem as BodyProblem;
  return { ok: false, problem: { ...problem, offset: problem.offset + body.length - bytes.length } };
}

function hasByteOrderMark(body: Uint8Array): boolean {
  return body.length >= 3 && body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf;
}

/** The walk over the top-level object: like any other, but it keeps the spans of wanted fields. */
class TopLevelWalk extends JsonWalk {
  readonly #fields: FieldSet;
  readonly #spans: (FieldSpan | undefined)[] = [];
  /** By wanted field: where a key stands that differs from it in case only. */
  #lookalikes: Map<number, number> | undefined;
  #fieldCount = 0;

  constructor(bytes: Uint8Array, fields: FieldSet) {
    super(bytes);
    this.#fields = fields;
  }

  /** The body when all is well; else undefined, with `problem` set. */
  run(): WalkedBody | undefined {
    const illFormed = illFormedUtf8(this.bytes);
    if (illFormed >= 0) {
      this.fail({ code: 'invalid_json', offset: illFormed, reason: 'the bytes are not valid UTF-8' });
      return undefined;
    }
    const start = this.space(0);
    if (this.byteAt(start) !== OPEN_BRACE) {
      if (this.#onlySpaceFrom(this.value(start, 0))) this.#notAnObject(start);
      return undefined;
    }
    const fieldsEnd = this.#fieldsOf(start);
    if (fieldsEnd === FAILED || !this.#onlySpaceFrom(this.space(fieldsEnd) + 1)) return undefined;
    if (this.#ambiguous()) return undefined;
    const { bytes } = this;
    return new WalkedBody({ bytes, fields: this.#fields, spans: this.#spans, fieldCount: this.#fieldCount, fieldsEnd });
  }

  #notAnObject(offset: number): void {
    this.fail({ code: 'invalid_body', offset, reason: 'the top level is not an object' });
  }

  #onlySpaceFrom(valueEnd: number): boolean {
    if (valueEnd === FAILED) return false;
    const at = this.space(valueEnd);
    if (at === this.bytes.length) return true;
    this.fail({ code: 'invalid_json', offset: at, reason: 'expected nothing behind the closing brace' });
    return false;
  }

  /** Answers the offset behind the last value; only white space lies between it and the closing brace. */
  #fieldsOf(open: number): number {
    let at = this.space(open + 1);
    if (this.byteAt(at) === CLOSE_BRACE) return open + 1;
    for (;;) {
      const valueEnd = this.#field(at);
      if (valueEnd === FAILED) return FAILED;
      this.#fieldCount += 1;
      at = this.space(valueEnd);
      if (this.byteAt(at) === CLOSE_BRACE) return valueEnd;
      if (this.byteAt(at) !== COMMA) return this.expected(at, 'a comma or a closing brace');
      at = this.space(at + 1);
    }
  }

  #field(keyStart: number): number {
    const keyEnd = this.string(keyStart);
    if (keyEnd === FAILED) return FAILED;
    const index = this.#wanted(keyStart, keyEnd);
    const valueStart = this.colon(keyEnd);
    if (valueStart === FAILED) return FAILED;
    const valueEnd = this.value(valueStart, 1);
    if (valueEnd === FAILED || index < 0) return valueEnd;
    if (this.#spans[index] !== undefined) return this.#twice(index, keyStart);
    this.#spans[index] = { keyStart, valueStart, valueEnd };
    return valueEnd;
  }

  #wanted(keyStart: number, keyEnd: number): number {
    const escaped = this.escaped;
    const index = escaped ? -1 : this.#fields.indexOfBytes(this.bytes, keyStart + 1, keyEnd - 1);
    if (index >= 0 || !(escaped || hasUpperCase(this.bytes, keyStart + 1, keyEnd - 1))) return index;
    const name = parseJsonBytes(this.bytes, keyStart, keyEnd) as string;
    const decoded = this.#fields.indexOfName(name);
    if (decoded < 0) this.#noteLookalike(this.#fields.indexOfFolded(name), keyStart);
    return decoded;
  }

  #noteLookalike(index: number, keyStart: number): void {
    if (index >= 0) (this.#lookalikes ??= new Map()).set(index, keyStart);
  }

  /** Servers written in Go read `Model` as `model`: a body that brings both would be read differently by them. */
  #ambiguous(): boolean {
    for (const [index, keyStart] of this.#lookalikes ?? []) {
      if (this.#spans[index] !== undefined) return this.#twice(index, keyStart) === FAILED;
    }
    return false;
  }

  #twice(index: number, keyStart: number): typeof FAILED {
    const field = this.#fields.names[index] as string;
    const reason = `the field \`${field}\` stands there twice`;
    return this.fail({ code: 'duplicate_field', offset: keyStart, field, reason });
  }
}

/** Whether a key may equal a lower-case name when case is ignored: it has an ASCII capital, or a letter outside ASCII. */
function hasUpperCase(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] as number;
    if ((byte >= 0x41 && byte <= 0x5a) || byte >= 0x80) return true;
  }
  return false;
}
