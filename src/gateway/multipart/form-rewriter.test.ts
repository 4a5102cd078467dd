import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { MultipartParser } from '../../core/wire/multipart/multipart-parser.ts';
import { writePartHead, type PartHead } from '../../core/wire/multipart/part-head.ts';
import { FormRewriter, rewrittenLength, type FormEdits } from './form-rewriter.ts';

interface Part {
  readonly head: PartHead;
  readonly data: Buffer;
}

const parts = fc.array(
  fc.record({
    head: fc.record({
      name: fc.constantFrom('file', 'model', 'image[]', 'language', 'dropped', 'x'),
      filename: fc.option(fc.constantFrom('a.mp3', 'a"b.png', ''), { nil: undefined }),
      contentType: fc.option(fc.constantFrom('audio/mpeg', 'text/plain'), { nil: undefined }),
    }),
    data: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  }),
  { maxLength: 6 },
);
const edits = fc.record({
  model: fc.constantFrom('whisper-1', 'm\u00f6del', ''),
  addModel: fc.boolean(),
  drops: fc.constant((name: string) => name === 'dropped'),
  defaults: fc.subarray([
    ['language', 'de'],
    ['image', 'none'],
    ['prompt', '\u00e9'],
  ] as const),
});

function written(boundary: string, form: readonly Part[]): Buffer {
  const pieces = form.flatMap(({ head, data }) => [
    Buffer.from(`--${boundary}\r\n`),
    writePartHead(head),
    data,
    Buffer.from('\r\n'),
  ]);
  return Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)]);
}

function read(boundary: string, body: Uint8Array): Part[] {
  const found: { head: PartHead; pieces: Buffer[] }[] = [];
  const parser = new MultipartParser(boundary, {
    onPart: (head) => found.push({ head, pieces: [] }),
    onData: (data) => found.at(-1)?.pieces.push(Buffer.from(data)),
    onPartEnd: () => undefined,
  });
  parser.feed(body);
  parser.end();
  return found.map(({ head, pieces }) => ({ head, data: Buffer.concat(pieces) }));
}

function rewrite(form: readonly Part[], change: FormEdits): Buffer {
  const rewriter = new FormRewriter('new', change);
  const parser = new MultipartParser('the-old-one', rewriter);
  parser.feed(written('the-old-one', form));
  parser.end();
  rewriter.finish();
  return Buffer.concat(rewriter.take());
}

describe('a rewritten form', () => {
  test('has the length that was told before, and every part but for the changes', () => {
    fc.assert(
      fc.property(parts, edits, (form, change) => {
        const body = rewrite(form, change);
        const records = form.map(({ head, data }) => ({ head, size: data.byteLength }));
        expect(rewrittenLength(records, 'new', change)).toBe(body.byteLength);
        const bases = new Set(form.map(({ head }) => head.name.replace('[]', '')));
        const added = [['model', change.addModel ? change.model : undefined], ...change.defaults];
        const wanted = [
          ...form
            .filter(({ head }) => head.name !== 'dropped')
            .map(({ head, data }) => [head.name, head.name === 'model' ? change.model : data.toString('latin1')]),
          ...added.filter(([name = '', text]) => text !== undefined && !bases.has(name)),
        ];
        const got = read('new', body).map(({ head, data }) => [
          head.name,
          data.toString(form.some((part) => part.head.name === head.name && head.name !== 'model') ? 'latin1' : 'utf8'),
        ]);
        expect(got).toEqual(wanted);
      }),
      { numRuns: 300 },
    );
  });

  test('keeps names and types of files', () => {
    const head = { name: 'file', filename: 'a"b.mp3', contentType: 'audio/mpeg' };
    const change = { model: 'm', addModel: false, drops: () => false, defaults: [] };
    const [part] = read('new', rewrite([{ head, data: Buffer.from('x') }], change));
    expect(part?.head).toEqual({ ...head, filename: 'a%22b.mp3' });
  });
});
