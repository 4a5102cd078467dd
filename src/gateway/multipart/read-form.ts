import { FormProblem } from '../../core/wire/multipart/form-problem.ts';
import { readFormBoundary } from '../../core/wire/multipart/form-type.ts';
import { MultipartParser, type FormSink } from '../../core/wire/multipart/multipart-parser.ts';
import type { PartHead } from '../../core/wire/multipart/part-head.ts';
import { isFiltering } from '../../core/routing/evaluate.ts';
import type { Call } from '../call.ts';
import type { SpoolFile, SpoolStore } from '../ports.ts';
import { FormBody, type FormSource } from './form-body.ts';
import { formError, spooling } from './form-error.ts';
import { FormFields } from './form-fields.ts';
import type { PartRecord } from './form-rewriter.ts';

/** Of a file as much is held in memory: small forms are known whole before they go on, in whatever order their fields stand. Bytes. */
const HELD_FILE = 64 * 1024;
/** Of a form in all. Texts are large in prompts of images. Bytes. */
const HELD_ALL = 1024 * 1024;

/**
 * Reads a form as far as it has to be known before it goes on. One that is small is held whole. A larger one goes on as it comes once
 * nothing that is still to come decides where; else the whole is put into a temporary file first. Throws a GatewayError:
 * `invalid_form`, `forbidden_field`, `duplicate_field`, `spool_failed`, or what the exchange throws.
 */
export async function readForm(call: Call, spools: SpoolStore): Promise<FormBody> {
  const { exchange, snapshot, endpoint } = call;
  try {
    const boundary = readFormBoundary(exchange.headers.get('content-type') ?? '');
    if (boundary === undefined) throw new FormProblem('it is not one of multipart/form-data', 'content-type');
    const fields = new FormFields(endpoint.pathModel !== undefined);
    const pieces = exchange.bodyChunks(snapshot.config.server.maxRequestBytes)[Symbol.asyncIterator]();
    const settled = (): boolean => isSettled(call, fields);
    const source = await new FormReader(boundary, { fields, pieces, spools, settled }).read();
    return new FormBody({ fields, boundary, source });
  } catch (thrown) {
    throw formError(thrown);
  }
}

/**
 * True where the group is known, and tags do not choose within it, or have come. Official clients put lists behind files: without
 * this, a file would be with another deployment before the tags say which one may have it.
 */
function isSettled({ endpoint, exchange, principal, snapshot }: Call, fields: FormFields): boolean {
  const asked = endpoint.pathModel ?? fields.value('model')?.texts[0];
  if (asked === undefined || fields.reading) return false;
  if (fields.tagsShown || exchange.headers.get('x-litellm-tags') !== undefined) return true;
  const { table } = snapshot;
  const group = table.resolve(principal?.account?.aliases.get(asked) ?? asked)?.group;
  // Whatever its tags, it is refused.
  if (group === undefined || principal === undefined) return true;
  const tagged = group.deployments.some(({ tags }) => tags.length > 0);
  return !tagged || !isFiltering(group, table.policyOf(principal.policy), table);
}

class FormReader implements FormSink {
  readonly #parser: MultipartParser;
  readonly #fields: FormFields;
  readonly #pieces: AsyncIterator<Uint8Array>;
  readonly #spools: SpoolStore;
  readonly #settled: () => boolean;
  readonly #parts: PartRecord[] = [];
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #fileBytes = 0;

  constructor(
    boundary: string,
    parts: {
      readonly fields: FormFields;
      readonly pieces: AsyncIterator<Uint8Array>;
      readonly spools: SpoolStore;
      /** True where the call can be decided without the rest. */
      readonly settled: () => boolean;
    },
  ) {
    this.#parser = new MultipartParser(boundary, this);
    this.#fields = parts.fields;
    this.#pieces = parts.pieces;
    this.#spools = parts.spools;
    this.#settled = parts.settled;
  }

  async read(): Promise<FormSource> {
    let file: SpoolFile | undefined;
    try {
      for (;;) {
        const next = await this.#pieces.next();
        if (next.done === true) break;
        this.#parser.feed(next.value);
        if (file !== undefined) await spooling(file.append(next.value));
        else {
          this.#hold(next.value);
          if (!this.#heldEnough()) continue;
          if (this.#settled()) return this.#coming();
          file = await spooling(this.#spools.open());
          await this.#spill(file);
        }
      }
      this.#parser.end();
    } catch (thrown) {
      await file?.close();
      this.#pieces.return?.()?.catch(() => undefined);
      throw thrown;
    }
    return file === undefined ? { kind: 'held', pieces: this.#held } : { kind: 'spooled', file, parts: this.#parts };
  }

  onPart(head: PartHead): void {
    this.#fields.begin(head, false);
    this.#parts.push({ head, size: 0 });
  }

  onData(data: Uint8Array): void {
    this.#fields.add(data);
    const part = this.#parts.at(-1);
    if (part === undefined) return;
    part.size += data.byteLength;
    if (part.head.filename !== undefined) this.#fileBytes += data.byteLength;
  }

  onPartEnd(): void {
    this.#fields.finish();
  }

  #hold(piece: Uint8Array): void {
    this.#held.push(piece);
    this.#heldBytes += piece.byteLength;
  }

  #heldEnough(): boolean {
    return this.#fileBytes > HELD_FILE || this.#heldBytes > HELD_ALL;
  }

  #coming(): FormSource {
    return { kind: 'coming', pieces: this.#held, rest: this.#pieces, known: this.#parts.length };
  }

  async #spill(file: SpoolFile): Promise<void> {
    for (const piece of this.#held) await spooling(file.append(piece));
    this.#held = [];
  }
}
