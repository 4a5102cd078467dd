import { describe, expect, test } from 'vitest';
import { RequestParser, type WireRequest } from './request-parser.ts';

const CRLF = '\r\n';
const request = (head: readonly string[], body = ''): string => [...head, '', body].join(CRLF);

function parseAll(
  parser: RequestParser,
  pieces: readonly Buffer[],
): [WireRequest['method'], string, string, boolean][] {
  const found: [string, string, string, boolean][] = [];
  for (const piece of pieces) {
    parser.feed(piece);
    for (let next = parser.next(); next !== undefined; next = parser.next()) {
      found.push([next.method, next.path, next.body.toString(), next.keepAlive]);
    }
  }
  return found;
}

const CASES: [name: string, text: string, expected: [string, string, string, boolean][]][] = [
  ['no body', request(['GET /v1/models?x=1 HTTP/1.1', 'Host: h']), [['GET', '/v1/models', '', true]]],
  ['no header at all', 'GET / HTTP/1.1\r\n\r\n', [['GET', '/', '', true]]],
  ['a counted body', request(['POST /a HTTP/1.1', 'Content-Length: 5'], 'hello'), [['POST', '/a', 'hello', true]]],
  ['connection: close', request(['GET /a HTTP/1.1', 'Connection: Close']), [['GET', '/a', '', false]]],
  ['HTTP/1.0', request(['GET /a HTTP/1.0']), [['GET', '/a', '', false]]],
  ['HTTP/1.0 that stays', request(['GET /a HTTP/1.0', 'connection: keep-alive']), [['GET', '/a', '', true]]],
  [
    'two in a row',
    request(['POST /a HTTP/1.1', 'content-length:2'], 'ab') + request(['POST /b HTTP/1.1', 'content-length: 1'], 'c'),
    [
      ['POST', '/a', 'ab', true],
      ['POST', '/b', 'c', true],
    ],
  ],
  [
    'chunks, extensions, trailers, and one more request',
    request(
      ['POST /c HTTP/1.1', 'Transfer-Encoding: chunked'],
      '3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\nt: 1\r\n\r\n',
    ) + request(['GET /d HTTP/1.1']),
    [
      ['POST', '/c', 'abc0123456789', true],
      ['GET', '/d', '', true],
    ],
  ],
  [
    'chunks without a byte',
    request(['POST /c HTTP/1.1', 'transfer-encoding: chunked'], '0\r\n\r\n'),
    [['POST', '/c', '', true]],
  ],
];

describe('finds requests', () => {
  test.each(CASES)('%s, in one piece', (_name, text, expected) => {
    expect(parseAll(new RequestParser(), [Buffer.from(text)])).toEqual(expected);
  });
  test.each(CASES)('%s, byte by byte', (_name, text, expected) => {
    expect(
      parseAll(
        new RequestParser(),
        [...Buffer.from(text)].map((byte) => Buffer.from([byte])),
      ),
    ).toEqual(expected);
  });
  test.each(CASES)('%s, cut once at every place', (_name, text, expected) => {
    const bytes = Buffer.from(text);
    const parser = new RequestParser();
    for (let at = 1; at < bytes.byteLength; at += 1) {
      expect(parseAll(parser, [bytes.subarray(0, at), bytes.subarray(at)])).toEqual(expected);
    }
  });
});

test('a large body in many pieces, counted and chunked', () => {
  const body = 'x'.repeat(3_000_000);
  const pieces = (text: string): Buffer[] => text.match(/[^]{1,65536}/g)?.map((piece) => Buffer.from(piece)) ?? [];
  const counted = request(['POST / HTTP/1.1', `content-length: ${body.length}`], body);
  const chunked = request(
    ['POST / HTTP/1.1', 'transfer-encoding: chunked'],
    `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
  );
  for (const text of [counted, chunked])
    expect(parseAll(new RequestParser(), pieces(text))[0]?.[2] === body).toBe(true);
});

test('says once that a client waits for 100 Continue', () => {
  const parser = new RequestParser();
  parser.feed(Buffer.from(request(['POST / HTTP/1.1', 'Expect: 100-continue', 'content-length: 1'])));
  expect([parser.next(), parser.takeContinue(), parser.takeContinue()]).toEqual([undefined, true, false]);
  parser.feed(Buffer.from('x'));
  expect(parser.next()?.body.toString()).toBe('x');
});

const MALFORMED: [name: string, text: string, status: number][] = [
  ['no path', 'GET HTTP/1.1\r\n\r\n', 400],
  ['another protocol', 'GET / SPDY/3\r\n\r\n', 400],
  ['a length that is no number', request(['POST / HTTP/1.1', 'content-length: -1']), 400],
  ['a length past the limit', request(['POST / HTTP/1.1', 'content-length: 999999999']), 413],
  ['a head without an end', `GET / HTTP/1.1\r\nx: ${'y'.repeat(70_000)}`, 431],
  ['a chunk without a size', request(['POST / HTTP/1.1', 'transfer-encoding: chunked'], 'zz\r\n'), 400],
  ['chunks past the limit', request(['POST / HTTP/1.1', 'transfer-encoding: chunked'], 'ffffffff\r\n'), 413],
  ['a size line without an end', request(['POST / HTTP/1.1', 'transfer-encoding: chunked'], '0'.repeat(9000)), 400],
];
test.each(MALFORMED)('refuses %s', (_name, text, status) => {
  const parser = new RequestParser();
  parser.feed(Buffer.from(text));
  expect(() => parser.next()).toThrow(expect.objectContaining({ name: 'MalformedRequest', status }) as Error);
});
