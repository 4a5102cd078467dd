import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { UpstreamFailure } from '../../../providers/contract.ts';
import { AnswerParser } from './answer-parser.ts';
import type { ParsedHead } from './parse-head.ts';

/** What became of some bytes. */
interface Reading {
  readonly status: number | undefined;
  readonly headers: readonly string[] | undefined;
  readonly body: string;
  readonly done: boolean;
  /** Bytes that belong to the answer. */
  readonly used: number;
  readonly malformed: boolean;
}

/** Feeds the pieces one after the other, through one buffer that is overwritten, as a connection's is. */
function read(pieces: readonly Uint8Array[], parser?: AnswerParser): Reading {
  const heads: ParsedHead[] = [];
  const body: Buffer[] = [];
  const sink = {
    onHead: (head: ParsedHead) => heads.push(head),
    onPiece: (piece: Uint8Array) => body.push(piece as Buffer),
  };
  const reader = parser ?? new AnswerParser(sink);
  const room = Buffer.alloc(70_000);
  let used = 0;
  let malformed = false;
  try {
    for (const piece of pieces) {
      if (reader.done) break;
      room.fill(0x7a);
      room.set(piece);
      used += reader.feed(room, piece.byteLength);
    }
  } catch (error) {
    expect(error).toBeInstanceOf(UpstreamFailure);
    expect(error).toMatchObject({ kind: 'malformed' });
    malformed = true;
  }
  expect(heads.length).toBeLessThanOrEqual(1);
  return {
    status: heads[0]?.status,
    headers: heads[0]?.headers,
    body: Buffer.concat(body).toString('latin1'),
    done: reader.done,
    used,
    malformed,
  };
}

const readText = (text: string): Reading => read([Buffer.from(text, 'latin1')]);

/** Cuts bytes at some places; each place is a share of the length. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [...new Set(places.map((place) => Math.floor(place * bytes.byteLength)))].sort((a, b) => a - b);
  return [...at, bytes.byteLength].map((end, index) => bytes.subarray(index === 0 ? 0 : at[index - 1], end));
}

const everyByte = (bytes: Buffer): Buffer[] => Array.from(bytes, (_, index) => bytes.subarray(index, index + 1));

const OK = 'HTTP/1.1 200 OK\r\n';
const CHUNKED = `${OK}transfer-encoding: chunked\r\n\r\n`;

describe('an answer', () => {
  test.each([
    ['with a length', `${OK}content-length: 5\r\n\r\nhello`, 'hello', true],
    ['with a length of nothing', `${OK}content-length: 0\r\n\r\n`, '', true],
    ['that ends too soon', `${OK}content-length: 6\r\n\r\nhello`, 'hello', false],
    ['in chunks', `${CHUNKED}5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n`, 'hello!', true],
    ['in chunks with extensions', `${CHUNKED}5;a=b;c="d"\r\nhello\r\n00;x\r\n\r\n`, 'hello', true],
    ['in chunks with trailers', `${CHUNKED}A\r\n0123456789\r\n0\r\nx: y\r\nz: 1\r\n\r\n`, '0123456789', true],
    ['in chunks without the last', `${CHUNKED}5\r\nhello\r\n`, 'hello', false],
    ['of no length', `${OK}\r\nhello`, 'hello', false],
    ['without a body (204)', 'HTTP/1.1 204 No Content\r\n\r\n', '', true],
    ['without a body (304)', 'HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\n', '', true],
    [
      'behind 100 and 103',
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nlink: x\r\n\r\n${OK}content-length: 1\r\n\r\nx`,
      'x',
      true,
    ],
    ['with head and nothing', OK, '', false],
  ])('%s is read alike whole and byte for byte', (_what, text, body, done) => {
    const bytes = Buffer.from(text, 'latin1');
    for (const reading of [read([bytes]), read(everyByte(bytes))])
      expect(reading).toMatchObject({ body, done, malformed: false, used: bytes.byteLength });
  });

  test('of no length ends with the connection; no other does', () => {
    for (const [text, ended] of [
      [`${OK}\r\nhello`, true],
      [`${OK}content-length: 6\r\n\r\nhello`, false],
      [`${CHUNKED}5\r\nhello\r\n`, false],
      [OK, false],
      ['', false],
    ] as const) {
      const parser = new AnswerParser({ onHead: () => undefined, onPiece: () => undefined });
      parser.feed(Buffer.from(text), text.length);
      expect([text, parser.end()]).toEqual([text, ended]);
    }
  });

  test('all chunks of one read are one piece', () => {
    const pieces: string[] = [];
    const parser = new AnswerParser({
      onHead: () => undefined,
      onPiece: (piece) => pieces.push(Buffer.from(piece).toString()),
    });
    const bytes = Buffer.from(`${CHUNKED}2\r\nab\r\n3\r\ncde\r\n4\r\nfg`);
    parser.feed(bytes, bytes.byteLength);
    parser.feed(Buffer.from('hi\r\n'), 4);
    expect(pieces).toEqual(['abcdefg', 'hi']);
  });

  test.each([
    ['a length', `${OK}content-length: 2\r\n\r\nok`],
    ['chunks', `${CHUNKED}2\r\nok\r\n0\r\n\r\n`],
    ['204', 'HTTP/1.1 204 No Content\r\n\r\n'],
  ])('ends where it says (%s): what follows is not part of it', (_what, text) => {
    const extra = `${OK}content-length: 4\r\n\r\nEVIL`;
    expect(readText(text + extra)).toMatchObject({ done: true, used: text.length });
    expect(readText(text + extra).body).not.toContain('EVIL');
  });
});

describe('malformed', () => {
  test.each([
    ['lines that end with LF', 'HTTP/1.1 200 OK\ncontent-length: 2\n\nok'],
    ['one line that ends with LF', `${OK}a: b\nx: y\r\n\r\n`],
    ['a CR within a value', `${OK}a: b\rx: y\r\n\r\n`],
    ['a CR before CRLF', `${OK}a: b\r\r\n\r\n`],
    ['a NUL', `${OK}a: \0\r\n\r\n`],
    ['a DEL', `${OK}a: \x7f\r\n\r\n`],
    ['an empty line first', `\r\n${OK}\r\n`],
    ['another protocol', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n'],
    ['101 behind 100', 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 101 Switching\r\n\r\n'],
    ['a size with a sign', `${CHUNKED}+5\r\nhello\r\n0\r\n\r\n`],
    ['a size with 0x', `${CHUNKED}0x5\r\nhello\r\n0\r\n\r\n`],
    ['a size with a space before', `${CHUNKED} 5\r\nhello\r\n0\r\n\r\n`],
    ['a size with a space behind', `${CHUNKED}5 \r\nhello\r\n0\r\n\r\n`],
    ['no size', `${CHUNKED}\r\nhello\r\n0\r\n\r\n`],
    ['a size that is only an extension', `${CHUNKED};a\r\n\r\n`],
    ['a size of many digits', `${CHUNKED}00000000000005\r\nhello\r\n`],
    ['a size that ends with LF', `${CHUNKED}5\nhello\r\n0\r\n\r\n`],
    ['a size that ends with CR', `${CHUNKED}5\rhello\r\n0\r\n\r\n`],
    ['a chunk longer than its size', `${CHUNKED}4\r\nhello\r\n0\r\n\r\n`],
    ['a chunk that ends with LF', `${CHUNKED}5\r\nhello\n0\r\n\r\n`],
    ['a chunk that ends with CR and not LF', `${CHUNKED}5\r\nhello\rx0\r\n\r\n`],
    ['an LF in an extension', `${CHUNKED}5;a\nb\r\nhello\r\n0\r\n\r\n`],
    ['a CR in an extension', `${CHUNKED}5;a\rb\r\nhello\r\n0\r\n\r\n`],
    ['endless extensions', `${CHUNKED}5;${'x'.repeat(1100)}\r\nhello\r\n`],
    ['an LF in the trailers', `${CHUNKED}0\r\na: b\nc: d\r\n\r\n`],
    [
      'a head beyond 64 KB',
      `${OK}${'x-a: 0123456789012345678901234567890123456789\r\n'.repeat(190)}b: ${'y'.repeat(60_000)}`,
    ],
    ['a head of 201 lines', `${OK}${'a: b\r\n'.repeat(201)}\r\n`],
    ['many heads of 1xx', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(202)],
    ['trailers of 201 lines', `${CHUNKED}0\r\n${'a: b\r\n'.repeat(202)}\r\n`],
  ])('%s', (_what, text) => {
    expect(readText(text).malformed).toBe(true);
    expect(read(everyByte(Buffer.from(text, 'latin1'))).malformed).toBe(true);
  });

  test('a head of 200 lines is fine', () => {
    expect(readText(`${OK}${'a: b\r\n'.repeat(199)}content-length: 0\r\n`.replace('a: b\r\n', '') + '\r\n').done).toBe(
      true,
    );
  });
});

const token = fc
  .stringMatching(/^[a-z][a-z0-9-]{0,11}$/)
  .filter((name) => !/^(content-length|transfer-encoding)$/.test(name));
const value = fc.stringMatching(/^[!-~\x80-\xff]([ -~\x80-\xff]{0,20}[!-~\x80-\xff])?$/);
const content = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString('latin1'));

/** An answer made of known parts, in one of the three framings that say where they end. */
const answers = fc
  .record({
    status: fc.constantFrom(200, 201, 400, 404, 429, 500, 529),
    headers: fc.array(fc.tuple(token, value), { maxLength: 6 }),
    before: fc.constantFrom('', 'HTTP/1.1 100 Continue\r\n\r\n', 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'),
    chunks: fc.array(content, { maxLength: 5 }),
    framing: fc.constantFrom('length', 'chunked'),
  })
  .map(({ status, headers, before, chunks, framing }) => {
    const body = chunks.join('');
    const lines = headers.map(([name, text]) => `${name}: ${text}\r\n`).join('');
    const head = `HTTP/1.1 ${status} Some words\r\n${lines}`;
    const framed = chunks
      .filter((chunk) => chunk !== '')
      .map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`);
    const text =
      framing === 'length'
        ? `${before}${head}content-length: ${body.length}\r\n\r\n${body}`
        : `${before}${head}Transfer-Encoding: chunked\r\n\r\n${framed.join('')}0\r\n\r\n`;
    return { bytes: Buffer.from(text, 'latin1'), status, body, headers: headers.flat() };
  });

/** A share of a length. Even: fast-check's doubles crowd at zero. */
const shares = fc.noBias(fc.integer({ min: 0, max: 9_999 })).map((share) => share / 10_000);

const places = fc.array(shares, { maxLength: 8 });

test('whatever way an answer is cut, its parts come out, and what follows is left', () => {
  fc.assert(
    fc.property(answers, places, content, ({ bytes, status, body, headers }, cuts, extra) => {
      const reading = read(cut(Buffer.concat([bytes, Buffer.from(extra, 'latin1')]), cuts));
      expect(reading).toMatchObject({ status, body, done: true, used: bytes.byteLength, malformed: false });
      expect(reading.headers?.slice(0, headers.length)).toEqual(headers);
    }),
    { numRuns: 400 },
  );
});

test('a parser that is used again remembers nothing', () => {
  fc.assert(
    fc.property(fc.array(answers, { minLength: 2, maxLength: 4 }), places, (several, cuts) => {
      const bodies: Buffer[] = [];
      const parser = new AnswerParser({ onHead: () => undefined, onPiece: (piece) => bodies.push(piece as Buffer) });
      for (const { bytes, body } of several) {
        parser.reset();
        bodies.length = 0;
        for (const piece of cut(bytes, cuts)) parser.feed(piece, piece.byteLength);
        expect(parser.done).toBe(true);
        expect(Buffer.concat(bodies).toString('latin1')).toBe(body);
      }
    }),
    { numRuns: 200 },
  );
});

/** What an attacker, or a broken network, may do to bytes. */
const mutations = fc.array(
  fc.record({
    at: shares,
    kind: fc.constantFrom('replace', 'insert', 'remove', 'cut'),
    bytes: fc.constantFrom(
      '\r',
      '\n',
      '\r\n',
      ' ',
      '\t',
      ':',
      ';',
      '0',
      '5',
      'f',
      '\0',
      '\x7f',
      '\xff',
      '\r\n\r\n',
      'content-length: 3\r\n',
    ),
  }),
  { minLength: 1, maxLength: 4 },
);

function mutate(bytes: Buffer, steps: readonly { at: number; kind: string; bytes: string }[]): Buffer {
  let text = bytes.toString('latin1');
  for (const step of steps) {
    const at = Math.floor(step.at * text.length);
    const skip = step.kind === 'insert' ? 0 : step.kind === 'remove' ? 3 : step.bytes.length;
    text =
      step.kind === 'cut'
        ? text.slice(0, at)
        : text.slice(0, at) + (step.kind === 'remove' ? '' : step.bytes) + text.slice(at + skip);
  }
  return Buffer.from(text, 'latin1');
}

test('whatever is done to an answer, it is malformed or not however it is cut, and nothing else is ever thrown', () => {
  fc.assert(
    fc.property(answers, mutations, places, ({ bytes }, steps, cuts) => {
      const odd = mutate(bytes, steps);
      const whole = read([odd]);
      for (const reading of [read(cut(odd, cuts)), read(everyByte(odd))]) {
        expect(reading.malformed).toBe(whole.malformed);
        if (!whole.malformed) expect(reading).toEqual(whole);
      }
    }),
    { numRuns: 600 },
  );
});
