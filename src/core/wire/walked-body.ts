import type { FieldSet, FieldSpan, TopLevel } from './contract.ts';
import { parseJsonBytes } from './json-text.ts';

export interface WalkedBodyInit {
  readonly bytes: Uint8Array;
  readonly fields: FieldSet;
  /** By index in `fields.names`. */
  readonly spans: readonly (FieldSpan | undefined)[];
  readonly fieldCount: number;
  readonly fieldsEnd: number;
}

/** What a walk over a whole body found. */
export class WalkedBody implements TopLevel {
  readonly bytes: Uint8Array;
  readonly fieldCount: number;
  readonly fieldsEnd: number;
  readonly #fields: FieldSet;
  readonly #spans: readonly (FieldSpan | undefined)[];
  #values: Map<number, unknown> | undefined;

  constructor(init: WalkedBodyInit) {
    this.bytes = init.bytes;
    this.fieldCount = init.fieldCount;
    this.fieldsEnd = init.fieldsEnd;
    this.#fields = init.fields;
    this.#spans = init.spans;
  }

  get empty(): boolean {
    return this.fieldCount === 0;
  }

  span(name: string): FieldSpan | undefined {
    return this.#spans[this.#index(name)];
  }

  has(name: string): boolean {
    return this.span(name) !== undefined;
  }

  present(): readonly string[] {
    return this.#fields.names.filter((_, index) => this.#spans[index] !== undefined);
  }

  value(name: string): unknown {
    const index = this.#index(name);
    const span = this.#spans[index];
    if (span === undefined) return undefined;
    this.#values ??= new Map();
    let value = this.#values.get(index);
    if (value === undefined) {
      value = parseJsonBytes(this.bytes, span.valueStart, span.valueEnd);
      this.#values.set(index, value);
    }
    return value;
  }

  #index(name: string): number {
    const index = this.#fields.indexOfName(name);
    if (index < 0) throw new RangeError(`\`${name}\` is not in the field set that this body was walked for`);
    return index;
  }
}
