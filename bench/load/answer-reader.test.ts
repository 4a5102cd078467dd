import { describe, expect, test } from 'vitest';
import { AnswerReader } from './answer-reader.ts';

const COUNTED = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello';
const EMPTY = 'HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n';
const CHUNKED =
  'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n10\r\n0123456789abcdef\r\n2\r\nyz\r\n0\r\n\r\n';
const EXPECTED = ['200 5 hello', '200 21 23456789abcdefyz', '204 0 ', '200 5 hello'];
const ALL = Buffer.from(COUNTED + CHUNKED + EMPTY + COUNTED);

function read(pieces: readonly Buffer[]): { answers: string[]; bodies: number; idle: boolean } {
  const answers: string[] = [];
  let bodies = 0;
  const reader = new AnswerReader({
    onBody: () => (bodies += 1),
    onAnswer: ({ status, bodyBytes, tail }) => answers.push(`${status} ${bodyBytes} ${tail.toString()}`),
  });
  for (const piece of pieces) reader.feed(piece);
  return { answers, bodies, idle: reader.idle };
}

describe('reads answers', () => {
  test('in one piece', () => {
    expect(read([ALL])).toEqual({ answers: EXPECTED, bodies: 3, idle: true });
  });
  test('byte by byte', () => {
    expect(read([...ALL].map((byte) => Buffer.from([byte])))).toEqual({ answers: EXPECTED, bodies: 3, idle: true });
  });
  test('cut once at every place', () => {
    for (let at = 1; at < ALL.byteLength; at += 1) {
      expect(read([ALL.subarray(0, at), ALL.subarray(at)]).answers).toEqual(EXPECTED);
    }
  });
  test('and knows when one is not over', () => {
    expect(read([ALL.subarray(0, -1)])).toMatchObject({ answers: EXPECTED.slice(0, 3), idle: false });
  });
});

test.each([
  ['nonsense', 'nonsense\r\n\r\n'],
  ['no framing', 'HTTP/1.1 200 OK\r\n\r\nabc'],
  ['a chunk without a size', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n'],
])('throws at %s', (_name, text) => {
  expect(() => read([Buffer.from(text)])).toThrow(/./);
});
