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

/** A set of top-level field names, compiled so that the walk can tell a wanted key from its bytes. */
export interface FieldSet {
  readonly names: readonly string[];
}

/** One body, walked once: whole, valid JSON, an object, no wanted field twice. */
export interface TopLevel {
  readonly bytes: Uint8Array;
  /** Span of a wanted field, or undefined when the body does not have it. */
  span(name: string): FieldSpan | undefined;
  has(name: string): boolean;
  /** The parsed value of a wanted field (JSON.parse of its bytes), or undefined when absent. Parsed at most once. */
  value(name: string): unknown;
  /** True when the object has no field at all. */
  readonly empty: boolean;
}

/** Changes to a body. Everything else stays byte for byte. */
export interface BodyEdits {
  /** Fields whose value is replaced by this JSON text; a field the body lacks is added at the end. */
  readonly set?: ReadonlyMap<string, string>;
  /** Fields that are taken out with their key and comma. */
  readonly remove?: readonly string[];
}
