/** Byte offsets of one top-level field of a JSON object, half open. */
export interface FieldSpan {
  /** First byte of the key's opening quote. */
  readonly keyStart: number;
  readonly valueStart: number;
  readonly valueEnd: number;
}

/** Why a body cannot be used. `offset` is the byte where reading stopped. */
export interface BodyProblem {
  readonly code: 'invalid_json' | 'invalid_body' | 'duplicate_field' | 'nesting_too_deep';
  readonly offset: number;
  /** The field at fault, for `duplicate_field`. */
  readonly field?: string;
  /** One short English clause: `expected a comma or a closing brace`. */
  readonly reason: string;
}

/** A set of top-level field names (`lower_case`), compiled so that the walk can tell a wanted key from its bytes. */
export interface FieldSet {
  readonly names: readonly string[];
  /** Index in `names` of a key without escapes, given as the bytes `[start, end)` between its quotes; -1 when not wanted. */
  indexOfBytes(bytes: Uint8Array, start: number, end: number): number;
  /** Index in `names` of a decoded key; -1 when not wanted. */
  indexOfName(name: string): number;
  /** Index of the name that a decoded key equals when upper and lower case are taken for the same; -1 for none. */
  indexOfFolded(name: string): number;
}

/**
 * One body, walked once: whole, valid JSON, an object, no wanted field twice. `span`, `has` and `value` throw a RangeError
 * for a name that is not in the field set: asking for it is a mistake of the program, and would always say "absent".
 */
export interface TopLevel {
  /** The body without its byte order mark; every offset counts from its first byte. */
  readonly bytes: Uint8Array;
  /** Span of a wanted field, or undefined when the body does not have it. */
  span(name: string): FieldSpan | undefined;
  has(name: string): boolean;
  /** The wanted fields that the body has, in the order of the field set. */
  present(): readonly string[];
  /** The parsed value of a wanted field (JSON.parse of its bytes), or undefined when absent. Parsed at most once. */
  value(name: string): unknown;
  /** How many fields the object has, wanted or not. */
  readonly fieldCount: number;
  /** Offset behind the last field's value, or behind the opening brace when there is none. */
  readonly fieldsEnd: number;
  /** True when the object has no field at all. */
  readonly empty: boolean;
}

/** What `peek` found. */
export type PeekResult =
  | { readonly ok: true; readonly top: TopLevel }
  | { readonly ok: false; readonly problem: BodyProblem };

/** Changes to a body. Everything else stays byte for byte. A field that is both set and removed is set. */
export interface BodyEdits {
  /** Fields whose value is replaced by this JSON text; a field the body lacks is added at the end. */
  readonly set?: ReadonlyMap<string, string>;
  /** Fields that are taken out with their key and comma. */
  readonly remove?: readonly string[];
}
