import { MultipartParser, type FormSink } from '../../core/wire/multipart/multipart-parser.ts';
import type { StreamedBody } from '../../providers/contract.ts';
import type { SpoolFile } from '../ports.ts';
import { baseOf, TAG_FIELDS } from './field-rules.ts';
import { formError, spooling } from './form-error.ts';
import type { FormFields } from './form-fields.ts';
import { FormRewriter, rewrittenLength, type FormEdits, type PartRecord } from './form-rewriter.ts';

/** Where the bytes of a form are. */
export type FormSource =
  /** All of them, in memory: it is small. */
  | { readonly kind: 'held'; readonly pieces: readonly Uint8Array[] }
  /** All of them, in a temporary file. */
  | { readonly kind: 'spooled'; readonly file: SpoolFile; readonly parts: readonly PartRecord[] }
  /** The beginning, in memory; the rest is still to come. `known`: parts that have begun. */
  | {
      readonly kind: 'coming';
      readonly pieces: readonly Uint8Array[];
      readonly rest: AsyncIterator<Uint8Array>;
      readonly known: number;
    };

/** A call's form: what was read of it, and how it goes on. */
export class FormBody {
  readonly kind = 'form';
  readonly fields: FormFields;
  /** True where every part has come: what is missing is missing. */
  readonly whole: boolean;
  readonly #boundary: string;
  readonly #source: FormSource;

  constructor({ fields, boundary, source }: { fields: FormFields; boundary: string; source: FormSource }) {
    this.fields = fields;
    this.whole = source.kind !== 'coming';
    this.#boundary = boundary;
    this.#source = source;
  }

  /**
   * The form as it goes upstream, under a boundary of ours. To be asked for once, except where it is held. `onLateTags`: a field that
   * may hold tags has come while the rest was on its way; what it throws ends that.
   */
  rewritten(boundary: string, edits: FormEdits, onLateTags: (field: string) => void): Uint8Array | StreamedBody {
    const source = this.#source;
    const rewriter = new FormRewriter(boundary, edits);
    if (source.kind === 'held') {
      const parser = new MultipartParser(this.#boundary, rewriter);
      for (const piece of source.pieces) parser.feed(piece);
      rewriter.finish();
      return Buffer.concat(rewriter.take());
    }
    if (source.kind === 'spooled') {
      const length = rewrittenLength(source.parts, boundary, edits);
      return { length, chunks: this.#rewrite(fromFile(source.file), rewriter, rewriter) };
    }
    const late = new LateParts(rewriter, { fields: this.fields, known: source.known, onLateTags });
    return { length: undefined, chunks: this.#rewrite(fromClient(source), rewriter, late) };
  }

  /** Lets go of the file or of the client. On every way out, once. */
  dispose(): void {
    const source = this.#source;
    if (source.kind === 'spooled') void source.file.close();
    // Not waited for: the client may say nothing for a long time.
    else if (source.kind === 'coming') source.rest.return?.()?.catch(() => undefined);
  }

  async *#rewrite(
    source: AsyncIterable<Uint8Array>,
    rewriter: FormRewriter,
    sink: FormSink,
  ): AsyncGenerator<Uint8Array> {
    const parser = new MultipartParser(this.#boundary, sink);
    try {
      for await (const piece of source) {
        parser.feed(piece);
        yield* rewriter.take();
      }
      parser.end();
      rewriter.finish();
      yield* rewriter.take();
    } catch (thrown) {
      throw formError(thrown);
    }
  }
}

/** Holds the parts that come after the call was decided to what was decided. */
class LateParts implements FormSink {
  readonly #rewriter: FormRewriter;
  readonly #fields: FormFields;
  readonly #onLateTags: (field: string) => void;
  /** Parts that were looked at before. */
  #known: number;
  #late = false;
  #base = '';

  constructor(
    rewriter: FormRewriter,
    late: { readonly fields: FormFields; readonly known: number; readonly onLateTags: (field: string) => void },
  ) {
    this.#rewriter = rewriter;
    this.#fields = late.fields;
    this.#known = late.known;
    this.#onLateTags = late.onLateTags;
  }

  onPart: FormSink['onPart'] = (head) => {
    this.#late = this.#known === 0;
    this.#base = baseOf(head.name);
    if (this.#late) this.#fields.begin(head, true);
    else this.#known -= 1;
    this.#rewriter.onPart(head);
  };

  onData: FormSink['onData'] = (data) => {
    if (this.#late) this.#fields.add(data);
    this.#rewriter.onData(data);
  };

  onPartEnd: FormSink['onPartEnd'] = () => {
    if (this.#late) {
      this.#fields.finish();
      if (TAG_FIELDS.some((field) => field === this.#base)) this.#onLateTags(this.#base);
    }
    this.#rewriter.onPartEnd();
  };
}

async function* fromFile(file: SpoolFile): AsyncGenerator<Uint8Array> {
  const pieces = file.chunks()[Symbol.asyncIterator]();
  for (;;) {
    const next = await spooling(pieces.next());
    if (next.done === true) return;
    yield next.value;
  }
}

async function* fromClient({
  pieces,
  rest,
}: {
  pieces: readonly Uint8Array[];
  rest: AsyncIterator<Uint8Array>;
}): AsyncGenerator<Uint8Array> {
  yield* pieces;
  for (;;) {
    const next = await rest.next();
    if (next.done === true) return;
    yield next.value;
  }
}
