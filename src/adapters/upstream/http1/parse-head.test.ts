import { describe, expect, test } from 'vitest';

import { parseHead } from './parse-head.ts';

const head = (...lines: readonly string[]): string => lines.map((line) => `${line}\r\n`).join('');

describe('what a head says', () => {
  test.each([
    [['HTTP/1.1 200 OK'], { status: 200, headers: [], chunked: false, keepAlive: true }],
    [['HTTP/1.1 200 '], { status: 200 }],
    [['HTTP/1.1 429'], { status: 429 }],
    [['HTTP/1.1 999 \u00e4'], { status: 999 }],
    [['HTTP/1.0 200 OK'], { keepAlive: false }],
    [['HTTP/1.0 200 OK', 'connection: keep-alive'], { keepAlive: false }],
    [['HTTP/1.1 200 OK', 'Connection: Keep-Alive'], { keepAlive: true }],
    [['HTTP/1.1 200 OK', 'Connection: CLOSE'], { keepAlive: false }],
    [['HTTP/1.1 200 OK', 'Connection: x, close ,y'], { keepAlive: false }],
    [['HTTP/1.1 200 OK', 'connection: closed'], { keepAlive: true }],
    [['HTTP/1.1 200 OK', 'Content-Length: 007'], { contentLength: 7 }],
    [['HTTP/1.1 200 OK', 'content-length: 5', 'content-length: 5'], { contentLength: 5 }],
    [['HTTP/1.1 200 OK', 'Transfer-Encoding: Chunked'], { chunked: true, contentLength: undefined }],
    [['HTTP/1.1 200 OK', 'keep-alive: timeout=5, max=100'], { keepAliveSeconds: 5 }],
    [['HTTP/1.1 200 OK', 'keep-alive: max=100,Timeout=75'], { keepAliveSeconds: 75 }],
    [['HTTP/1.1 200 OK', 'keep-alive: timeout=soon'], { keepAliveSeconds: undefined }],
    [
      ['HTTP/1.1 200 OK', 'X-A:', 'x-b: \t v w\t ', "!#$%&'*+-.^_`|~9: 1"],
      { headers: ['x-a', '', 'x-b', 'v w', "!#$%&'*+-.^_`|~9", '1'] },
    ],
    [['HTTP/1.1 200 OK', 'x: \u00fc\u00ff', 'x: b:c'], { headers: ['x', '\u00fc\u00ff', 'x', 'b:c'] }],
    [['HTTP/1.1 200 OK', '__proto__: 1'], { headers: ['__proto__', '1'] }],
  ])('%j', (lines, expected) => {
    expect(parseHead(head(...lines))).toMatchObject(expected);
  });
});

describe('what is no head', () => {
  test.each([
    [['']],
    [['HTTP/2 200 OK']],
    [['HTTP/1.2 200 OK']],
    [['http/1.1 200 OK']],
    [['HTTP/1.1  200 OK']],
    [['HTTP/1.1 20 OK']],
    [['HTTP/1.1 2000 OK']],
    [['HTTP/1.1 +20 OK']],
    [['HTTP/1.1 099 OK']],
    [['HTTP/1.1 1e2 OK']],
    [['HTTP/1.1 2 0 OK']],
    [['HTTP/1.1 200OK']],
    [['ICY 200 OK']],
    [['this is no HTTP']],
    [['HTTP/1.1 200 OK', 'no colon']],
    [['HTTP/1.1 200 OK', 'no colon', 'x: 1']],
    [['HTTP/1.1 200 OK', ': no name']],
    [['HTTP/1.1 200 OK', 'name : space']],
    [['HTTP/1.1 200 OK', ' name: folded']],
    [['HTTP/1.1 200 OK', 'a: b', '\tfolded: c']],
    [['HTTP/1.1 200 OK', 'n\u00e4me: x']],
    [['HTTP/1.1 200 OK', 'na(me: x']],
    [['HTTP/1.1 200 OK', 'content-length: 5', 'content-length: 6']],
    [['HTTP/1.1 200 OK', 'content-length: 5, 5']],
    [['HTTP/1.1 200 OK', 'content-length: -1']],
    [['HTTP/1.1 200 OK', 'content-length: +1']],
    [['HTTP/1.1 200 OK', 'content-length: 0x5']],
    [['HTTP/1.1 200 OK', 'content-length:']],
    [['HTTP/1.1 200 OK', 'content-length: 9007199254740993']],
    [['HTTP/1.1 200 OK', 'content-length: 5', 'transfer-encoding: chunked']],
    [['HTTP/1.1 200 OK', 'transfer-encoding: chunked', 'content-length: 0']],
    [['HTTP/1.1 200 OK', 'transfer-encoding: gzip, chunked']],
    [['HTTP/1.1 200 OK', 'transfer-encoding: identity']],
    [['HTTP/1.1 200 OK', 'transfer-encoding: chunked', 'transfer-encoding: chunked']],
    [['HTTP/1.1 200 OK', 'transfer-encoding: xchunked']],
    [['HTTP/1.1 200 OK', 'transfer-encoding: "chunked"']],
    [['HTTP/1.0 200 OK', 'transfer-encoding: chunked']],
  ])('%j', (lines) => {
    expect(() => parseHead(head(...lines))).toThrow(expect.objectContaining({ kind: 'malformed' }));
  });
});
