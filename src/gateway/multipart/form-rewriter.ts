import type { FormSink } from '../../core/wire/multipart/multipart-parser.ts';
import { writePartHead, type PartHead } from '../../core/wire/multipart/part-head.ts';
import { baseOf } from './field-rules.ts';

/** What changes in a form on its way. Every other part goes on with its name, file name, type and bytes. */
export interface FormEdits {
  /** The text of `model`, wherever the form has it; added at the end where it has none and `addModel` says so. */
  readonly model: string;
  readonly addModel: boolean;
  /** Fields that do not go on, by their names with brackets. */
  drops(name: string): boolean;
  /** Fields that are added at the end where the form has none of that name: name and text. */
  readonly defaults: readonly (readonly [string, string])[];
}

/** A part as it came. */
export interface PartRecord {
  readonly head: PartHead;
  /** Bytes. */
  size: number;
}

type Fate = 'pass' | 'drop' | 'model';

const LINE_END = Buffer.from('\r\n');

/**
 * Writes a form anew while it is read. The boundary is ours and cannot be guessed, and heads are written in one way only: however a
 * file looks inside, no upstream can take a piece of it for another field.
 */
export class FormRewriter implements FormSink {
  readonly #boundary: string;
  readonly #edits: FormEdits;
  readonly #bases = new Set<string>();
  #out: Uint8Array[] = [];
  #fate: Fate = 'pass';

  constructor(boundary: string, edits: FormEdits) {
    this.#boundary = boundary;
    this.#edits = edits;
  }

  onPart(head: PartHead): void {
    this.#bases.add(baseOf(head.name));
    this.#fate = fateOf(head, this.#edits);
    if (this.#fate === 'drop') return;
    this.#out.push(opening(this.#boundary, head));
    if (this.#fate === 'model') this.#out.push(Buffer.from(this.#edits.model));
  }

  onData(data: Uint8Array): void {
    if (this.#fate === 'pass') this.#out.push(data);
  }

  onPartEnd(): void {
    if (this.#fate !== 'drop') this.#out.push(LINE_END);
  }

  /** The form has ended: what is missing is added. */
  finish(): void {
    this.#out.push(ending(this.#boundary, this.#edits, (base) => this.#bases.has(base)));
  }

  /** What has been written since the last call: views of what was fed among it. */
  take(): readonly Uint8Array[] {
    const out = this.#out;
    this.#out = [];
    return out;
  }
}

/** How many bytes a form of these parts will have once it is rewritten. */
export function rewrittenLength(parts: readonly PartRecord[], boundary: string, edits: FormEdits): number {
  const bases = new Set(parts.map(({ head }) => baseOf(head.name)));
  let length = ending(boundary, edits, (base) => bases.has(base)).byteLength;
  for (const { head, size } of parts) {
    const fate = fateOf(head, edits);
    if (fate === 'drop') continue;
    const content = fate === 'model' ? Buffer.byteLength(edits.model) : size;
    length += opening(boundary, head).byteLength + content + LINE_END.byteLength;
  }
  return length;
}

function fateOf({ name }: PartHead, edits: FormEdits): Fate {
  if (name === 'model') return 'model';
  return edits.drops(name) ? 'drop' : 'pass';
}

function opening(boundary: string, head: PartHead): Buffer {
  return Buffer.concat([Buffer.from(`--${boundary}\r\n`), writePartHead(head)]);
}

function ending(boundary: string, edits: FormEdits, has: (base: string) => boolean): Buffer {
  const model: readonly (readonly [string, string])[] = edits.addModel ? [['model', edits.model]] : [];
  const added = [...model, ...edits.defaults].filter(([name]) => !has(name));
  const pieces = added.flatMap(([name, text]) => [
    opening(boundary, { name, filename: undefined, contentType: undefined }),
    Buffer.from(`${text}\r\n`),
  ]);
  return Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)]);
}
