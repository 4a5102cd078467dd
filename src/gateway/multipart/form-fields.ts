import { GatewayError } from '../../core/errors/gateway-error.ts';
import { FormProblem } from '../../core/wire/multipart/form-problem.ts';
import type { PartHead } from '../../core/wire/multipart/part-head.ts';
import { baseOf, mayBeLate, ruleOf, TAG_FIELDS, type Writing } from './field-rules.ts';

/** One field that the gateway reads, and all of them together. Bytes. */
const LONGEST_TEXT = 64 * 1024;
const LONGEST_ALL = 256 * 1024;

/** What a steering field holds. */
export interface FieldValue {
  readonly writing: Writing;
  readonly texts: readonly string[];
}

/** The fields of a form as far as they have come: which there are, and what those say that the gateway acts on. */
export class FormFields {
  readonly #values = new Map<string, { writing: Writing; texts: string[] }>();
  readonly #seen = new Set<string>();
  /** The path names the group: `model` says nothing, whenever it comes. */
  readonly #pathNamesModel: boolean;
  #reading: { readonly base: string; readonly pieces: Buffer[]; bytes: number } | undefined;
  #bytes = 0;

  constructor(pathNamesModel: boolean) {
    this.#pathNamesModel = pathNamesModel;
  }

  /** True while the text of a field is read that the gateway acts on. */
  get reading(): boolean {
    return this.#reading !== undefined;
  }

  /** True where tags have come, or a field that would hold them. Of an object spelled out in parts its tags may still come. */
  get tagsShown(): boolean {
    return TAG_FIELDS.some((field) => this.#values.has(field));
  }

  /** True where a field of that name has come, in whatever spelling (`image[]` for `image`). */
  has(base: string): boolean {
    return this.#seen.has(base);
  }

  value(base: string): FieldValue | undefined {
    return this.#values.get(base);
  }

  /**
   * A part begins. `late`: the call has been decided and is on its way. Throws a GatewayError (`forbidden_field`, `duplicate_field`)
   * or a FormProblem.
   */
  begin(head: PartHead, late: boolean): void {
    const { name } = head;
    const rule = ruleOf(name);
    if (rule.kind === 'forbidden') throw forbidden(name);
    if (rule.kind === 'lookalike') throw new FormProblem('a field of the gateway is spelled with capitals', name);
    if (rule.kind === 'misshapen')
      throw new FormProblem('a field is written as a list or an object, and is one text', name);
    if (rule.kind === 'read') this.#beginText(head, { ...rule, late });
    this.#seen.add(baseOf(name));
  }

  /** Bytes of the part that has begun. */
  add(data: Uint8Array): void {
    const reading = this.#reading;
    if (reading === undefined) return;
    reading.bytes += data.byteLength;
    this.#bytes += data.byteLength;
    if (reading.bytes > LONGEST_TEXT) throw new FormProblem('a field is larger than 64 KiB', reading.base);
    if (this.#bytes > LONGEST_ALL) throw new FormProblem('the fields for the gateway are larger than 256 KiB');
    reading.pieces.push(Buffer.from(data));
  }

  /** The part has ended. */
  finish(): void {
    const reading = this.#reading;
    if (reading === undefined) return;
    this.#reading = undefined;
    const text = decode(Buffer.concat(reading.pieces), reading.base);
    if (reading.base === '_charset_' && !isUtf8(text)) throw new FormProblem('its texts are not in UTF-8', '_charset_');
    this.#values.get(reading.base)?.texts.push(text);
  }

  #beginText(head: PartHead, { base, writing, late }: { base: string; writing: Writing; late: boolean }): void {
    if (head.filename !== undefined) throw new FormProblem('a field that is one text comes as a file', base);
    const charset = /;[ \t]*charset=[ \t]*"?([^"; \t]*)/i.exec(head.contentType ?? '')?.[1];
    if (charset !== undefined && !isUtf8(charset)) throw new FormProblem('a field is not in UTF-8', base);
    const known = this.#values.get(base);
    if (known !== undefined && (known.writing !== writing || !writing.endsWith('list'))) throw twice(base);
    if (late && !mayBeLate(base) && !(base === 'model' && this.#pathNamesModel)) throw tooLate(base);
    if (known === undefined) this.#values.set(base, { writing, texts: [] });
    this.#reading = { base, pieces: [], bytes: 0 };
  }
}

function decode(bytes: Buffer, field: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new FormProblem('a field is not UTF-8', field);
  }
}

function isUtf8(charset: string): boolean {
  return /^(?:utf-?8|us-ascii)$/i.test(charset);
}

function forbidden(field: string): GatewayError {
  return new GatewayError('forbidden_field', {
    message: `Callers may not set ${field}. Deployments are configured in the gateway.`,
    param: field,
  });
}

function twice(field: string): GatewayError {
  return new GatewayError('duplicate_field', {
    message: `The form has the field ${field} more than once.`,
    param: field,
  });
}

/** `field` would change what is under way already. */
export function tooLate(field: string): FormProblem {
  return new FormProblem(
    `the field ${field} comes behind a file that is on its way upstream already; send it before`,
    field,
  );
}
