import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { FormProblem } from './form-problem.ts';
import { MultipartParser } from './multipart-parser.ts';
import type { PartHead } from './part-head.ts';

interface Part {
  readonly head: PartHead;
  readonly data: Buffer;
}

interface Reading {
  readonly parts: readonly Part[];
  readonly compared: number;
}

function read(boundary: string, pieces: readonly Uint8Array[]): Reading {
  const parts: { head: PartHead; pieces: Buffer[]; ended: boolean }[] = [];
  const parser = new MultipartParser(boundary, {
    onPart: (head) => parts.push({ head, pieces: [], ended: false }),
    onData: (data) => parts.at(-1)?.pieces.push(Buffer.from(data)),
    onPartEnd: () => Object.assign(parts.at(-1) ?? {}, { ended: true }),
  });
  for (const piece of pieces) parser.feed(piece);
  parser.end();
  expect(parts.every((part) => part.ended)).toBe(true);
  return {
    parts: parts.map(({ head, pieces: data }) => ({ head, data: Buffer.concat(data) })),
    compared: parser.compared,
  };
}

/** What becomes of a body: its parts, or why there are none. */
function outcome(boundary: string, pieces: readonly Uint8Array[]): unknown {
  try {
    return read(boundary, pieces).parts;
  } catch (error) {
    if (error instanceof FormProblem) return error.reason;
    throw error;
  }
}

function latin1(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

function cut(bytes: Buffer, at: readonly number[]): Buffer[] {
  const edges = [...new Set([0, ...at.map((edge) => edge % (bytes.length + 1)), bytes.length])].toSorted(
    (a, b) => a - b,
  );
  return edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge));
}

const HEAD = 'Content-Disposition: form-data; name="a"\r\n\r\n';

describe('a form', () => {
  test.each([
    ['one field', `--b\r\n${HEAD}value\r\n--b--\r\n`, ['value']],
    ['no line end behind the last boundary', `--b\r\n${HEAD}value\r\n--b--`, ['value']],
    ['a line end before the first boundary', `\r\n--b\r\n${HEAD}value\r\n--b--`, ['value']],
    ['an empty field', `--b\r\n${HEAD}\r\n--b--`, ['']],
    ['no part at all', '--b--\r\n', []],
    ['words behind the last boundary', `--b\r\n${HEAD}v\r\n--b--\r\nepilogue\r\n--b\r\n${HEAD}w\r\n--b--`, ['v']],
    [
      'half a boundary in the data',
      `--b\r\n${HEAD}\r\n-\r\n--\r\n\r\n--c\r--b\n--b\r\n--b--`,
      ['\r\n-\r\n--\r\n\r\n--c\r--b\n--b'],
    ],
    ['a line break at the end of the data', `--b\r\n${HEAD}v\r\n\r\n--b\r\n${HEAD}w\r\r\n--b--`, ['v\r\n', 'w\r']],
    ['data that begins with dashes', `--b\r\n${HEAD}--\r\n--b--`, ['--']],
  ])('%s', (_, body, values) => {
    expect(read('b', [latin1(body)]).parts.map(({ data }) => data.toString('latin1'))).toEqual(values);
  });

  test.each([
    ['nothing', '', 'before its last boundary'],
    ['no last boundary', `--b\r\n${HEAD}value\r\n--b\r\n`, 'before its last boundary'],
    ['cut in its data', `--b\r\n${HEAD}value`, 'before its last boundary'],
    ['cut in its last boundary', `--b\r\n${HEAD}value\r\n--b-`, 'before its last boundary'],
    ['words before the first boundary', `preamble\r\n--b\r\n${HEAD}v\r\n--b--`, 'does not begin with its boundary'],
    ['another boundary', `--c\r\n${HEAD}v\r\n--c--`, 'does not begin with its boundary'],
    ['JSON', '{"model":"gpt-4"}', 'does not begin with its boundary'],
    ['a longer boundary', `--bc\r\n${HEAD}v\r\n--bc--`, 'not alone on its line'],
    ['blanks behind a boundary', `--b \r\n${HEAD}v\r\n--b--`, 'not alone on its line'],
    ['line feeds alone', `--b\n${HEAD}v\n--b--`, 'not alone on its line'],
    ['one dash behind a boundary', `--b\r\n${HEAD}v\r\n--b-\r\n`, 'not alone on its line'],
    ['no empty line behind the headers', `--b\r\n${HEAD}--b\r\n${HEAD}v\r\n--b--`, 'no empty line'],
    ['no header', '--b\r\n\r\nvalue\r\n--b--', 'malformed'],
    ['headers without end', `--b\r\n${'a'.repeat(9000)}`, 'larger than 8 KiB'],
    ['too many parts', `--b\r\n${`${HEAD}v\r\n--b\r\n`.repeat(257)}`, 'more than 256 parts'],
  ])('%s: refused', (_, body, reason) => {
    expect(() => read('b', [latin1(body)])).toThrow(FormProblem);
    expect(() => read('b', [latin1(body)])).toThrow(reason);
  });

  test('256 parts are taken', () => {
    const body = `--b\r\n${`${HEAD}v\r\n--b\r\n`.repeat(255)}${HEAD}v\r\n--b--`;
    expect(read('b', [latin1(body)]).parts).toHaveLength(256);
  });
});

/** Bytes with much that looks like the boundary `-b`. */
const nearBoundary = fc
  .array(fc.constantFrom('\r', '\n', '-', '--', 'b', '-b', '\r\n', '\r\n--', '\r\n---', 'x', '\u00ff', '\0'), {
    maxLength: 24,
  })
  .map((tokens) => latin1(tokens.join('')));
const part = fc.record({
  name: fc.constantFrom('file', 'model', 'image[]', 'tags'),
  filename: fc.option(fc.constantFrom('a.mp3', 'b c.png', ''), { nil: undefined }),
  data: fc.oneof(
    nearBoundary,
    fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
  ),
});
const cuts = fc.array(fc.nat(), { maxLength: 12 });

function formOf(parts: readonly { name: string; filename: string | undefined; data: Buffer }[]): Buffer {
  const pieces = parts.flatMap(({ name, filename, data }) => [
    latin1(`---b\r\nContent-Disposition: form-data; name="${name}"`),
    latin1(filename === undefined ? '' : `; filename="${filename}"\r\nContent-Type: application/octet-stream`),
    latin1('\r\n\r\n'),
    data,
    latin1('\r\n'),
  ]);
  return Buffer.concat([...pieces, latin1('---b--\r\n')]);
}

/** True where the data holds what ends it, as no sender's may. */
const broken = (data: Buffer): boolean =>
  latin1('\r\n').toString('latin1').concat(data.toString('latin1')).includes('\r\n---b');

describe('properties', () => {
  test('any way of cutting any bytes says the same', () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 4 }), nearBoundary, fc.nat(), cuts, (parts, noise, where, at) => {
        const form = formOf(parts);
        const spot = where % (form.length + 1);
        for (const body of [
          form,
          Buffer.concat([form.subarray(0, spot), noise, form.subarray(spot)]),
          form.subarray(0, spot),
        ]) {
          expect(outcome('-b', cut(body, at))).toEqual(outcome('-b', [body]));
          expect(
            outcome(
              '-b',
              Array.from(body, (byte) => Buffer.of(byte)),
            ),
          ).toEqual(outcome('-b', [body]));
        }
      }),
      { numRuns: 400 },
    );
  });

  test('what was put in comes out, and as Node reads it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 5 }), cuts, async (parts, at) => {
        fc.pre(!parts.some(({ data }) => broken(data)));
        const body = formOf(parts);
        const ours = read('-b', cut(body, at)).parts;
        expect(ours.map(({ head, data }) => [head.name, head.filename, data])).toEqual(
          parts.map(({ name, filename, data }) => [name, filename, data]),
        );
        // Node takes the bare boundary for its end, wherever it stands.
        if (parts.some(({ data }) => data.includes('-b'))) return;
        const response = new Response(new Uint8Array(body), {
          headers: { 'content-type': 'multipart/form-data; boundary=-b' },
        });
        const theirs = await Promise.all(
          [...(await response.formData())].map(async ([name, value]) =>
            typeof value === 'string'
              ? { name, filename: undefined, data: value }
              : { name, filename: value.name, data: Buffer.from(await value.arrayBuffer()) },
          ),
        );
        expect(theirs).toEqual(
          ours.map(({ head: { name, filename }, data }) => ({
            name,
            filename,
            data: filename === undefined ? new TextDecoder().decode(data) : data,
          })),
        );
      }),
      { numRuns: 200 },
    );
  });

  test.each([
    ['a boundary of dashes in dashes', '-'.repeat(70), '-'],
    ['line breaks and dashes', '-'.repeat(70), `\r\n${'-'.repeat(71)}`],
    ['almost the boundary, over and over', '-'.repeat(70), `\r\n${'-'.repeat(71)}x`],
    ['carriage returns', '-'.repeat(70), '\r'],
    ['line breaks', 'b', '\r\n'],
  ])('the work is linear in the bytes: %s', (_, boundary, unit) => {
    const work = (repeats: number): { compared: number; bytes: number } => {
      const body = latin1(`--${boundary}\r\n${HEAD}y${unit.repeat(repeats)}x\r\n--${boundary}--`);
      return { compared: read(boundary, cut(body, [1, 100, 1000, 5001])).compared, bytes: body.length };
    };
    for (const repeats of [10, 1000, 20_000]) {
      const { compared, bytes } = work(repeats);
      expect(compared).toBeLessThanOrEqual(2 * bytes + 16);
    }
  });
});
