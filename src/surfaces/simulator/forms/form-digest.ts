import { createHash, type Hash } from 'node:crypto';

import { FormProblem } from '../../../core/wire/multipart/form-problem.ts';
import { readFormBoundary } from '../../../core/wire/multipart/form-type.ts';
import { MultipartParser } from '../../../core/wire/multipart/multipart-parser.ts';
import type { PartHead } from '../../../core/wire/multipart/part-head.ts';

/** A file of a form, without its bytes. */
export interface DigestedFile {
  readonly name: string;
  readonly filename: string;
  /** Bytes. */
  readonly size: number;
  readonly sha256: string;
}

/** What a form held. */
export interface DigestedForm {
  /** Texts in the order in which they came. */
  readonly fields: readonly (readonly [name: string, text: string])[];
  readonly files: readonly DigestedFile[];
  /** Why it is no form, or undefined. */
  readonly problem: string | undefined;
}

/** A text is kept up to here. Bytes. */
const LONGEST_TEXT = 64 * 1024;

/** Reads a form as it comes: files are counted and hashed, never kept. */
export class FormDigest {
  readonly #fields: [string, string][] = [];
  readonly #files: DigestedFile[] = [];
  readonly #parser: MultipartParser | undefined;
  #part: { readonly head: PartHead; readonly hash: Hash; text: Buffer; size: number } | undefined;
  #problem: string | undefined;

  constructor(contentType: string) {
    this.#try(() => readFormBoundary(contentType));
    if (this.#problem !== undefined) return;
    this.#parser = new MultipartParser(readFormBoundary(contentType) ?? '', {
      onPart: (head) => (this.#part = { head, hash: createHash('sha256'), text: Buffer.alloc(0), size: 0 }),
      onData: (data) => this.#take(data),
      onPartEnd: () => this.#finishPart(),
    });
  }

  feed(bytes: Uint8Array): void {
    if (this.#problem === undefined) this.#try(() => this.#parser?.feed(bytes));
  }

  /** The body has ended. */
  finish(): DigestedForm {
    if (this.#problem === undefined) this.#try(() => this.#parser?.end());
    return { fields: this.#fields, files: this.#files, problem: this.#problem };
  }

  #take(data: Uint8Array): void {
    const part = this.#part;
    if (part === undefined) return;
    part.size += data.byteLength;
    if (part.head.filename !== undefined) part.hash.update(data);
    else if (part.text.byteLength < LONGEST_TEXT) part.text = Buffer.concat([part.text, data]);
  }

  #finishPart(): void {
    const part = this.#part;
    if (part === undefined) return;
    const { name, filename } = part.head;
    if (filename === undefined) this.#fields.push([name, part.text.toString('utf8')]);
    else this.#files.push({ name, filename, size: part.size, sha256: part.hash.digest('hex') });
  }

  #try(work: () => unknown): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof FormProblem)) throw error;
      this.#problem = error.reason;
    }
  }
}
