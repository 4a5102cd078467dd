import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { HttpFault } from './http-fault.ts';
import type { RequestHead } from './request-head.ts';
import { RequestParser } from './request-parser.ts';

interface Request {
  readonly line: string;
  readonly body: string;
}

/** What became of the bytes of a connection. */
interface Reading {
  /** Those that are complete. */
  readonly requests: readonly Request[];
  /** The first line of one that is not. */
  readonly open: string | undefined;
  readonly fault: HttpFault['kind'] | undefined;
}

/** Feeds the pieces one after the other, as a connection does that answers each request at once. */
function read(pieces: readonly Buffer[]): Reading {
  const requests: Request[] = [];
  let head: RequestHead | undefined;
  let body: Buffer[] = [];
  const parser = new RequestParser({
    onHead: (next) => (head = next),
    onPiece: (piece) => body.push(Buffer.from(piece)),
  });
  try {
    for (const piece of pieces) {
      for (let at = 0; at < piece.byteLength;) {
        at = parser.feed(piece, at);
        if (!parser.done || head === undefined) continue;
        requests.push({ line: lineOf(head), body: Buffer.concat(body).toString('latin1') });
        head = undefined;
        body = [];
        parser.reset();
      }
    }
  } catch (error) {
    expect(error).toBeInstanceOf(HttpFault);
    return { requests, open: undefined, fault: (error as HttpFault).kind };
  }
  return { requests, open: head === undefined ? undefined : lineOf(head), fault: undefined };
}

const lineOf = (head: RequestHead): string => `${head.method} ${head.target}`;
const bytesOf = (text: string): Buffer => Buffer.from(text, 'latin1');
const everyByte = (bytes: Buffer): Buffer[] => Array.from(bytes, (_, index) => bytes.subarray(index, index + 1));

/** Cuts bytes at some places; each place is a share of the length. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [...new Set(places.map((place) => Math.floor(place * bytes.byteLength)))].sort((a, b) => a - b);
  return [...at, bytes.byteLength].map((end, index) => bytes.subarray(index === 0 ? 0 : at[index - 1], end));
}

const head = (...lines: readonly string[]): string => lines.map((line) => `${line}\r\n`).join('') + '\r\n';
const POST = 'POST /v1/x?y=1 HTTP/1.1';
const HOST = 'Host: a';
const CHUNKED = head(POST, HOST, 'Transfer-Encoding: chunked');
const LINE = 'POST /v1/x?y=1';

const GOOD: readonly (readonly [string, string, readonly Request[]])[] = [
  ['no body', head('GET / HTTP/1.1', HOST), [{ line: 'GET /', body: '' }]],
  ['a host with a port', head('GET / HTTP/1.1', 'host:\t[::1]:80 '), [{ line: 'GET /', body: '' }]],
  ['an empty host', head('GET / HTTP/1.1', 'Host:'), [{ line: 'GET /', body: '' }]],
  ['HTTP/1.0 without a host', head('GET / HTTP/1.0'), [{ line: 'GET /', body: '' }]],
  ['a target that is not ASCII', head('GET /\xfc HTTP/1.1', HOST), [{ line: 'GET /\xfc', body: '' }]],
  ['an empty line before it', `\r\n${head('GET / HTTP/1.1', HOST)}`, [{ line: 'GET /', body: '' }]],
  ['a length', head(POST, HOST, 'content-LENGTH: 005') + 'hello', [{ line: LINE, body: 'hello' }]],
  ['a length of nothing', head(POST, HOST, 'Content-Length: 0'), [{ line: LINE, body: '' }]],
  ['chunks', `${CHUNKED}5\r\nhello\r\n00A\r\n0123456789\r\n0\r\n\r\n`, [{ line: LINE, body: 'hello0123456789' }]],
  [
    'chunks with extensions and trailers',
    `${CHUNKED}2;a;b=c ; d="\\"x;"\r\nok\r\n0;e\r\nX-Y: z\r\n\r\n`,
    [{ line: LINE, body: 'ok' }],
  ],
  ['Chunked in capitals', `${head(POST, HOST, 'TRANSFER-ENCODING: Chunked')}0\r\n\r\n`, [{ line: LINE, body: '' }]],
  [
    'another request behind each kind',
    `${head('GET /1 HTTP/1.1', HOST)}${head(POST, HOST, 'Content-Length: 2')}ok\r\n${CHUNKED}1\r\n!\r\n0\r\n\r\n${head('GET /4 HTTP/1.1', HOST)}`,
    [
      { line: 'GET /1', body: '' },
      { line: LINE, body: 'ok' },
      { line: LINE, body: '!' },
      { line: 'GET /4', body: '' },
    ],
  ],
  [
    'a body that looks like a request',
    head(POST, HOST, 'Content-Length: 29') + 'GET /evil HTTP/1.1\r\nHost: a\r\n',
    [{ line: LINE, body: 'GET /evil HTTP/1.1\r\nHost: a\r\n' }],
  ],
];

const many = (count: number): string[] => Array.from({ length: count }, (_, index) => `x-${index}: 1`);

const BAD: readonly (readonly [string, string])[] = [
  ['no HTTP', 'hello\r\n\r\n'],
  ['TLS', '\x16\x03\x01\x02\x00\x01\x00'],
  ['two empty lines before it', `\r\n\r\n${head('GET / HTTP/1.1', HOST)}`],
  ['HTTP/2', head('PRI * HTTP/2.0')],
  ['HTTP/0.9', 'GET /\r\n\r\n'],
  ['HTTP/1.2', head('GET / HTTP/1.2', HOST)],
  ['http in small letters', head('GET / http/1.1', HOST)],
  ['a version with a zero', head('GET / HTTP/01.1', HOST)],
  ['a method that is none', head('BREW / HTTP/1.1', HOST)],
  ['a method in small letters', head('get / HTTP/1.1', HOST)],
  ['two spaces', head('GET  / HTTP/1.1', HOST)],
  ['a tab for a space', head('GET\t/ HTTP/1.1', HOST)],
  ['a space in the target', head('GET /a b HTTP/1.1', HOST)],
  ['a space behind the version', head('GET / HTTP/1.1 ', HOST)],
  ['an absolute-form target', head('GET http://b/ HTTP/1.1', HOST)],
  ['an asterisk', head('OPTIONS * HTTP/1.1', HOST)],
  ['a target without a slash', head('GET evil HTTP/1.1', HOST)],
  ['no target', head('GET HTTP/1.1', HOST)],
  ['a NUL in the target', head('GET /\0 HTTP/1.1', HOST)],
  ['no Host', head('GET / HTTP/1.1')],
  ['two Hosts', head('GET / HTTP/1.1', HOST, 'host: a')],
  ['two Hosts in HTTP/1.0', head('GET / HTTP/1.0', HOST, HOST)],
  ['a Host with a path', head('GET / HTTP/1.1', 'Host: a/b')],
  ['a Host with a user', head('GET / HTTP/1.1', 'Host: b@a')],
  ['a Host with a comma', head('GET / HTTP/1.1', 'Host: a, b')],
  ['a lone LF', 'GET / HTTP/1.1\nHost: a\n\n'],
  ['a lone LF between headers', 'GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n'],
  ['a lone LF at the end', 'GET / HTTP/1.1\r\nHost: a\r\n\n'],
  ['a lone CR', 'GET / HTTP/1.1\r\nHost: a\rX: y\r\n\r\n'],
  ['two CRs', 'GET / HTTP/1.1\r\nHost: a\r\r\n\r\n'],
  ['a NUL in a value', head('GET / HTTP/1.1', HOST, 'X: a\0b')],
  ['a DEL in a value', head('GET / HTTP/1.1', HOST, 'X: a\x7fb')],
  ['a header without a colon', head('GET / HTTP/1.1', HOST, 'X')],
  ['a header without a name', head('GET / HTTP/1.1', HOST, ': x')],
  ['a space before the colon', head('GET / HTTP/1.1', HOST, 'X : y')],
  ['a space before the first header', head('GET / HTTP/1.1', ' X: y', HOST)],
  ['a folded header', head('GET / HTTP/1.1', HOST, 'X: y', ' z')],
  ['a folded header with a tab', head('GET / HTTP/1.1', HOST, 'X: y', '\tz')],
  ['a name that is not ASCII', head('GET / HTTP/1.1', HOST, 'X\xfc: y')],
  ['a name with a bracket', head('GET / HTTP/1.1', HOST, 'X(: y')],
  ...['+5', '-5', '0x5', '5.0', '5e1', '5 5', '5,5', '5, 5', '', ' ', '"5"', '5;', '1'.repeat(16), '\xb2'].map(
    (value) => [`a length of ${JSON.stringify(value)}`, head(POST, HOST, `Content-Length: ${value}`)] as const,
  ),
  ['two lengths', head(POST, HOST, 'Content-Length: 5', 'Content-Length: 6')],
  ['a length twice', head(POST, HOST, 'Content-Length: 5', 'content-length: 5')],
  ['a length and chunks', head(POST, HOST, 'Content-Length: 5', 'Transfer-Encoding: chunked')],
  ['chunks and a length', head(POST, HOST, 'Transfer-Encoding: chunked', 'Content-Length: 5')],
  ['chunks in HTTP/1.0', head('POST / HTTP/1.0', HOST, 'Transfer-Encoding: chunked')],
  ...[
    'gzip',
    'identity',
    'chunked, chunked',
    'gzip, chunked',
    'chunked,',
    ',chunked',
    'xchunked',
    'chunked;q=1',
    '',
    '"chunked"',
    'chunke\xe4',
  ].map((value) => [`the coding ${JSON.stringify(value)}`, head(POST, HOST, `Transfer-Encoding: ${value}`)] as const),
  ['chunked twice', head(POST, HOST, 'Transfer-Encoding: chunked', 'Transfer-Encoding: chunked')],
  ['chunked and identity', head(POST, HOST, 'Transfer-Encoding: chunked', 'Transfer-Encoding: identity')],
  ...[
    '\r\n',
    ' 5\r\n',
    '5 \r\n',
    '+5\r\n',
    '-5\r\n',
    '0x5\r\n',
    '5_0\r\n',
    'G\r\n',
    ';a\r\n',
    '5\n',
    '5\r5',
    '5;\r\n',
    '5;=b\r\n',
    '5;a="b\r\n',
    '5;a=\r\n',
    '5;a\n',
    '5;a\rb',
    '5;a\0\r\n',
    `5;${'a'.repeat(1025)}`,
    '2\r\nokk',
    '2\r\nok\n',
    '2\r\nok\rX',
    `${'0'.repeat(13)}1\r\n`,
    'fffffffffffffffff\r\n',
    '0\r\n\n',
    '0\r\nX\r\n\r\n',
    '0\r\nX : y\r\n\r\n',
    '0\r\nContent-Length: 5\r\n\r\n',
    '0\r\nTransfer-Encoding: chunked\r\n\r\n',
    '0\r\nHost: b\r\n\r\n',
    '0\r\nX: y\n\r\n',
  ].map((chunk) => [`the chunk ${JSON.stringify(chunk.slice(0, 40))}`, CHUNKED + chunk] as const),
];

const LARGE: readonly (readonly [string, string])[] = [
  ['a target of 17,000 bytes', head(`GET /${'x'.repeat(17_000)} HTTP/1.1`, HOST)],
  ['a header of 17,000 bytes', head('GET / HTTP/1.1', HOST, `X: ${'x'.repeat(17_000)}`)],
  ['a head of 17,000 bytes that does not end', `GET / HTTP/1.1\r\nX: ${'x'.repeat(17_000)}`],
  ['101 headers', head('GET / HTTP/1.1', HOST, ...many(100))],
  ['more than 100 trailers', `${CHUNKED}0\r\n${many(101).join('\r\n')}\r\n\r\n`],
  ['trailers of 17,000 bytes', `${CHUNKED}0\r\nX: ${'x'.repeat(17_000)}`],
];

describe('a request is read, whole and byte for byte', () => {
  test.each(GOOD)('%s', (_name, text, requests) => {
    const bytes = bytesOf(text);
    for (const pieces of [[bytes], everyByte(bytes)]) {
      expect(read(pieces)).toEqual({ requests, open: undefined, fault: undefined });
    }
  });

  test('with 100 headers and 16 KB, and not one more', () => {
    expect(read([bytesOf(head('GET / HTTP/1.1', HOST, ...many(99)))]).fault).toBeUndefined();
    const room = 16 * 1024 - head('GET / HTTP/1.1', HOST, 'X: ').length;
    const full = bytesOf(head('GET / HTTP/1.1', HOST, `X: ${'x'.repeat(room)}`));
    const over = bytesOf(head('GET / HTTP/1.1', HOST, `X: ${'x'.repeat(room + 1)}`));
    expect(read([full]).requests).toHaveLength(1);
    expect(read([over]).fault).toBe('too_large');
    expect(read(everyByte(over)).fault).toBe('too_large');
  });

  test('and what it says is understood', () => {
    const heads: RequestHead[] = [];
    const parser = new RequestParser({ onHead: (next) => heads.push(next), onPiece: () => undefined });
    const said = [
      head('GET / HTTP/1.1', HOST, 'X-A:  b c\t', 'x-a: d', 'Connection: x, Close'),
      head('GET / HTTP/1.0', 'Connection: Keep-Alive', 'Expect: 100-continue'),
      head('GET / HTTP/1.0'),
      head('GET / HTTP/1.1', HOST, 'Expect: 100-Continue'),
      head('GET / HTTP/1.1', HOST, 'Expect: 100-continue, x'),
      head('CONNECT a:443 HTTP/1.1', HOST),
      CHUNKED,
    ];
    for (const text of said) {
      parser.feed(bytesOf(text), 0);
      parser.reset();
    }
    expect(heads[0]?.fields).toEqual(['host', 'a', 'x-a', 'b c', 'x-a', 'd', 'connection', 'x, Close']);
    expect(heads.map(({ keepAlive }) => keepAlive)).toEqual([false, true, false, true, true, true, true]);
    expect(heads.map(({ expects }) => expects)).toEqual([
      undefined,
      undefined,
      undefined,
      'continue',
      'unknown',
      undefined,
      undefined,
    ]);
    expect(heads.map(({ bodyLength }) => bodyLength)).toEqual([0, 0, 0, 0, 0, 0, Number.NaN]);
    expect(heads[5]?.target).toBe('a:443');
  });
});

describe('a request is refused, whole and byte for byte', () => {
  const cases = [
    ...BAD.map(([name, text]) => [name, text, 'malformed'] as const),
    ...LARGE.map(([name, text]) => [name, text, 'too_large'] as const),
  ];
  test.each(cases)('%s', (_name, text, fault) => {
    const bytes = bytesOf(text);
    for (const pieces of [[bytes], everyByte(bytes)]) expect(read(pieces)).toMatchObject({ requests: [], fault });
  });

  test('chunk extensions are bounded in all as well', () => {
    const chunk = `1;${'a'.repeat(1000)}\r\nx\r\n`;
    expect(read([bytesOf(CHUNKED + chunk.repeat(16))]).fault).toBeUndefined();
    expect(read([bytesOf(CHUNKED + chunk.repeat(17))]).fault).toBe('malformed');
  });
});

const corpus = fc.constantFrom(...GOOD.map(([, text]) => text), ...BAD.map(([, text]) => text));
const places = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 });

test('however bytes are cut, the same comes of them', () => {
  fc.assert(
    fc.property(fc.array(corpus, { minLength: 1, maxLength: 4 }), places, (texts, cuts) => {
      const bytes = bytesOf(texts.join(''));
      expect(read(cut(bytes, cuts))).toEqual(read([bytes]));
    }),
    { numRuns: 500 },
  );
});

test('whatever is done to a request, only faults are thrown, and they do not depend on cuts', () => {
  const odd = fc.constantFrom(
    '\r',
    '\n',
    '\r\n',
    ' ',
    '\t',
    ':',
    ',',
    '\0',
    '0',
    '5',
    'chunked',
    '\xff',
    ';',
    '\r\n\r\n',
  );
  const change = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), drop: fc.nat(3), add: odd });
  fc.assert(
    fc.property(corpus, fc.array(change, { maxLength: 5 }), places, (text, changes, cuts) => {
      const changed = changes.reduce((now, { at, drop, add }) => {
        const index = Math.floor(at * now.length);
        return now.slice(0, index) + add + now.slice(index + drop);
      }, text);
      const bytes = bytesOf(changed);
      expect(read(cut(bytes, cuts))).toEqual(read([bytes]));
    }),
    { numRuns: 2_000 },
  );
});

test('random bytes are no request and throw nothing else', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      expect(read([Buffer.from(bytes)]).requests).toEqual([]);
    }),
    { numRuns: 2_000 },
  );
});

/** Lines that one program understands and another does not. */
const TRICKS = [
  'Content-Length: 0',
  'Content-Length : 0',
  'Content-Length\t: 0',
  'Content-Length:0\r\n ',
  '\tContent-Length: 0',
  ' Transfer-Encoding: chunked',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding : chunked',
  'Transfer-Encoding:\x0bchunked',
  'Transfer-Encoding: \rchunked',
  'Transfer-Encoding\r\n : chunked',
  'Transfer-Encoding: x\nTransfer-Encoding: chunked',
  'X: y\nContent-Length: 0',
  'X: y\rContent-Length: 0',
  'X: y\0\r\nContent-Length: 0',
  'Transfer_Encoding: chunked',
  'Content_Length: 0',
  'X-Content-Length: 0',
  'Content-Lengt\xe8: 0',
  'Content-Encoding: chunked',
  'TE: chunked',
  'Connection: content-length',
  'Connection: close, transfer-encoding',
  'X: y',
];

test('what lies in a body is never a request, whatever stands beside its length', () => {
  const evil = `0\r\n\r\n${head('GET /evil HTTP/1.1', HOST)}`;
  const good = [HOST, `Content-Length: ${evil.length}`];
  fc.assert(
    fc.property(fc.shuffledSubarray(TRICKS, { maxLength: 3 }), fc.nat(3), places, (tricks, position, cuts) => {
      const lines = [...good];
      lines.splice(position, 0, ...tricks);
      const reading = read(cut(bytesOf(head(POST, ...lines) + evil), cuts));
      if (reading.fault === undefined) expect(reading.requests).toEqual([{ line: LINE, body: evil }]);
      else expect(reading.requests).toEqual([]);
    }),
    { numRuns: 1_000 },
  );
});
