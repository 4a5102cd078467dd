import { headOf } from '../../support/raw-http.ts';

/** What must become of one form. */
export interface Form {
  readonly name: string;
  /** Latin-1 text, as it goes over the wire. */
  readonly bytes: string;
  /** Statuses of the answers, in order: one for each request that a strict reader finds. */
  readonly answers: readonly number[];
  /** Calls that reach the upstream. */
  readonly upstream: 0 | 1;
  /** True where it must be closed: nobody can know where the next request begins. */
  readonly closed: boolean;
}

const KEY = 'Authorization: Bearer sk-smuggling-0123456789abcdef';
const HOST = 'Host: gateway';
const POST = 'POST /v1/chat/completions HTTP/1.1';
const GET = 'GET /v1/models HTTP/1.1';
const CHUNKED = 'Transfer-Encoding: chunked';
/** A call that would be served. */
const BODY = '{"model":"g","messages":[]}';
const LENGTH = `Content-Length: ${BODY.length}`;
const LAST_CHUNK = '0\r\n\r\n';
/** What is meant to slip through: a request that would be served, with a mark in its body. */
const INNER_BODY = '{"model":"g","messages":["SMUGGLED"]}';
const INNER = headOf(POST, HOST, KEY, `Content-Length: ${INNER_BODY.length}`) + INNER_BODY;

export { KEY as SMUGGLING_KEY_HEADER };
/** Stands in everything that must never be taken for a request of its own. */
export const MARK = 'SMUGGLED';

const chunk = (text: string, size = text.length.toString(16)): string => `${size}\r\n${text}\r\n`;

/** Refused before anything is done, and closed. */
function refused(name: string, bytes: string, status = 400): Form {
  return { name, bytes, answers: [status], upstream: 0, closed: true };
}

/** A call with these header lines in its head, then these bytes, then the inner request. */
function withHead(lines: readonly string[], rest: string): string {
  return headOf(POST, HOST, KEY, ...lines) + rest + INNER;
}

function numbered(count: number): readonly string[] {
  return Array.from({ length: count }, (_, number) => `X-${number}: y`);
}

/** Spellings of `Transfer-Encoding: chunked` that one program takes for it and another does not. */
const ODD_ENCODINGS: readonly string[] = [
  'Transfer-Encoding: xchunked',
  'Transfer-Encoding: chunked, chunked',
  'Transfer-Encoding: identity',
  'Transfer-Encoding: identity, chunked',
  'Transfer-Encoding: chunked, identity',
  'Transfer-Encoding: gzip, chunked',
  'Transfer-Encoding: "chunked"',
  'Transfer-Encoding: chunked;q=1',
  'Transfer-Encoding:\x0bchunked',
  'Transfer-Encoding: \x0cchunked',
  'Transfer-Encoding: chunked\x0b',
  'Transfer-Encoding:',
  'Transfer-Encoding: ,chunked',
  'Transfer-Encoding: chunk',
  'Transfer-Encoding: \xa0chunked',
  'Transfer-Encoding: chunked\x00',
  'Transfer-Encoding : chunked',
  'Transfer-Encoding\t: chunked',
  ' Transfer-Encoding: chunked',
  'X: y\r\n Transfer-Encoding: chunked',
  'Transfer-Encoding:\r\n chunked',
  'X: y\rTransfer-Encoding: chunked',
  'X: y\nTransfer-Encoding: chunked',
  'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity',
  'Transfer-Encoding: identity\r\nTransfer-Encoding: chunked',
  'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked',
];

const ODD_LENGTHS: readonly string[] = [
  'Content-Length: +27',
  'Content-Length: -27',
  'Content-Length: 27 27',
  'Content-Length: 27, 27',
  'Content-Length: 27,0',
  'Content-Length: 0x1b',
  'Content-Length: 27.0',
  'Content-Length: 2_7',
  'Content-Length: \xb227',
  'Content-Length: 27\x00',
  'Content-Length: 27abc',
  'Content-Length:',
  'Content-Length: 99999999999999999999999999',
  'Content-Length: 18446744073709551643',
  'Content-Length : 27',
  'Content-Length\x00: 27',
  'Content_Length\x7f: 27',
  'Content-Length: 27\r\nContent-Length: 0',
  'Content-Length: 0\r\nContent-Length: 27',
  'Content-Length: 27\r\nContent-Length: 27',
  'Content-Length: 27\r\nContent-length: 28',
  'Content-Length:\r\n 27',
  'X: y\nContent-Length: 27',
  'X: y\rContent-Length: 27',
];

/** Sizes of a chunk that are none, or that overflow in some programs. */
const ODD_SIZES: readonly string[] = [
  '+1b',
  '-1b',
  '0x1b',
  '1b ',
  ' 1b',
  '1_b',
  '1b\x00',
  '',
  'g',
  '10000000000000000001b',
  'ffffffffffffffff1b',
  '1b;\x00',
  '1b;a=\x7f',
  '1b;a="b',
  '1b\n',
  '1b;a\nb',
];

const lengthAgainstChunks: readonly Form[] = [
  refused('CL.TE', withHead([`Content-Length: ${LAST_CHUNK.length + INNER.length}`, CHUNKED], LAST_CHUNK)),
  refused('TE.CL', withHead([CHUNKED, 'Content-Length: 4'], chunk(INNER))),
  refused('TE.CL with the length first', withHead(['Content-Length: 4', CHUNKED], chunk(INNER))),
  refused('CL.TE with a length of nothing', withHead(['Content-Length: 0', CHUNKED], LAST_CHUNK)),
  refused('CL.TE in other capitals', withHead(['content-LENGTH: 6', 'tRANSFER-eNCODING: CHUNKED'], LAST_CHUNK)),
  refused(
    'chunks in HTTP/1.0',
    headOf('POST /v1/chat/completions HTTP/1.0', HOST, KEY, CHUNKED, 'Connection: keep-alive') + LAST_CHUNK + INNER,
  ),
];

const oddEncodings = ODD_ENCODINGS.flatMap((line): Form[] => [
  refused(`TE.TE: ${JSON.stringify(line)}`, withHead([line], LAST_CHUNK)),
  refused(`TE.TE beside a length: ${JSON.stringify(line)}`, withHead([LENGTH, line], BODY)),
]);

const oddLengths = ODD_LENGTHS.map((line) => refused(`CL.CL: ${JSON.stringify(line)}`, withHead([line], BODY)));

const oddChunks: readonly Form[] = [
  ...ODD_SIZES.map((size) =>
    refused(`a chunk of size ${JSON.stringify(size)}`, withHead([CHUNKED], chunk(BODY, size) + LAST_CHUNK)),
  ),
  refused('no end of line behind a chunk', withHead([CHUNKED], `1b\r\n${BODY}${LAST_CHUNK}`)),
  refused('a bare line feed behind a chunk', withHead([CHUNKED], `1b\r\n${BODY}\n${LAST_CHUNK}`)),
  refused('a bare line feed behind a size', withHead([CHUNKED], `1b\n${BODY}\r\n${LAST_CHUNK}`)),
  refused('a chunk longer than its size', withHead([CHUNKED], `1b\r\n${BODY}xx\r\n${LAST_CHUNK}`)),
  refused('a last chunk that ends with bare line feeds', withHead([CHUNKED], `${chunk(BODY)}0\n\n`)),
  refused('a trailer with a bare line feed', withHead([CHUNKED], `${chunk(BODY)}0\r\nX: y\n\r\n`)),
  refused(
    'a trailer with a space before its colon',
    withHead([CHUNKED], `${chunk(BODY)}0\r\nContent-Length : 5\r\n\r\n`),
  ),
  refused('a trailer that is folded', withHead([CHUNKED], `${chunk(BODY)}0\r\nX: y\r\n z\r\n\r\n`)),
  ...['Content-Length: 500', 'Host: other', 'Transfer-Encoding: chunked'].map((line) =>
    refused(
      `a trailer that belongs into the head: ${line.split(':')[0]}`,
      withHead([CHUNKED], `${chunk(BODY)}0\r\n${line}\r\n\r\n`),
    ),
  ),
  refused('a request line in the trailers', withHead([CHUNKED], `${chunk(BODY)}0\r\nGET /v1/models HTTP/1.1\r\n\r\n`)),
];

const oddHeads: readonly Form[] = [
  refused('lines that end with bare line feeds', `${POST}\n${HOST}\n${KEY}\n${LENGTH}\n\n${BODY}${INNER}`),
  refused(
    'a bare carriage return in the request line',
    headOf(`POST /v1/chat/completions\rHTTP/1.1`, HOST, KEY) + INNER,
  ),
  refused('a header name with a space', withHead(['X y: z', LENGTH], BODY)),
  refused('a header line without a colon', withHead(['Nonsense', LENGTH], BODY)),
  refused('a header without a name', withHead([': z', LENGTH], BODY)),
  refused('a header value with NUL', withHead(['X: a\x00b', LENGTH], BODY)),
  refused('a folded header', withHead(['X: a\r\n\tb', LENGTH], BODY)),
  refused('a space before the first header', `${POST}\r\n ${HOST}\r\n${KEY}\r\n${LENGTH}\r\n\r\n${BODY}${INNER}`),
  refused(
    'two spaces in the request line',
    headOf(`POST  /v1/chat/completions HTTP/1.1`, HOST, KEY, LENGTH) + BODY + INNER,
  ),
  refused('a tab in the request line', headOf(`POST\t/v1/chat/completions HTTP/1.1`, HOST, KEY, LENGTH) + BODY + INNER),
  refused(
    'a version that does not exist',
    headOf('POST /v1/chat/completions HTTP/1.9', HOST, KEY, LENGTH) + BODY + INNER,
  ),
  refused('a version in small letters', headOf('POST /v1/chat/completions http/1.1', HOST, KEY, LENGTH) + BODY + INNER),
  refused('HTTP/0.9', `POST /v1/chat/completions\r\n\r\n${INNER}`),
  refused("HTTP/2's preface", `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${INNER}`),
  refused(
    'an absolute-form target with another host',
    headOf('POST http://other/v1/chat/completions HTTP/1.1', HOST, KEY, LENGTH) + BODY + INNER,
  ),
  refused('an authority-form target', headOf('POST gateway:80 HTTP/1.1', HOST, KEY, LENGTH) + BODY + INNER),
  refused('two hosts', withHead(['Host: other', LENGTH], BODY)),
  refused('no host', headOf(POST, KEY, LENGTH) + BODY + INNER),
  refused('a host with a path', headOf(POST, 'Host: gateway/x', KEY, LENGTH) + BODY + INNER),
  refused(
    'a control character in the target',
    headOf('POST /v1/chat/completions\x01 HTTP/1.1', HOST, KEY, LENGTH) + BODY + INNER,
  ),
  refused(
    'a method with odd characters',
    headOf('P@ST /v1/chat/completions HTTP/1.1', HOST, KEY, LENGTH) + BODY + INNER,
  ),
  refused('an asterisk target', headOf('OPTIONS * HTTP/1.1', HOST, KEY) + INNER),
  refused('a host with a user', headOf(POST, 'Host: user@gateway', KEY, LENGTH) + BODY + INNER),
  refused('no HTTP at all', `hello\r\n\r\n${INNER}`),
  refused('an expectation that nobody knows', withHead(['Expect: miracles', LENGTH], BODY), 417),
  refused('more than 100 lines of head', withHead([...numbered(101), LENGTH], BODY), 431),
  refused('more than 16 KB of head', withHead([`X: ${'a'.repeat(17_000)}`, LENGTH], BODY), 431),
];

/** Well formed, and still popular: where one program reads a body and another does not. */
const strictlyRead: readonly Form[] = [
  {
    name: 'CL.0: a body behind a GET is its body',
    bytes: headOf(GET, HOST, KEY, `Content-Length: ${INNER.length}`) + INNER,
    answers: [200],
    upstream: 0,
    closed: false,
  },
  {
    name: 'CL.0: a chunked body behind a GET is its body',
    bytes: headOf(GET, HOST, KEY, CHUNKED) + chunk(INNER) + LAST_CHUNK,
    answers: [200],
    upstream: 0,
    closed: false,
  },
  {
    name: 'a body that looks like a request, at a path that does not exist',
    bytes: headOf('POST /nothing HTTP/1.1', HOST, KEY, `Content-Length: ${INNER.length}`) + INNER,
    answers: [404],
    upstream: 0,
    closed: false,
  },
  {
    name: 'a body that looks like a request, without a key',
    bytes: headOf(POST, HOST, `Content-Length: ${INNER.length}`) + INNER,
    answers: [401],
    upstream: 0,
    closed: false,
  },
  {
    name: 'a body that looks like a request, to be refused for its shape',
    bytes: headOf(POST, HOST, KEY, `Content-Length: ${INNER.length}`) + INNER,
    answers: [400],
    upstream: 0,
    closed: false,
  },
  {
    name: 'a body that looks like a request, with a method that the path does not take',
    bytes: headOf('DELETE /v1/chat/completions HTTP/1.1', HOST, KEY, `Content-Length: ${INNER.length}`) + INNER,
    answers: [405],
    upstream: 0,
    closed: false,
  },
  {
    name: 'trailers that mean nothing here',
    bytes:
      headOf(POST, HOST, KEY, CHUNKED) + chunk(BODY) + '0\r\nX-Checksum: 1\r\nAuthorization: Bearer SMUGGLED\r\n\r\n',
    answers: [200],
    upstream: 1,
    closed: false,
  },
  {
    name: 'chunk extensions that hold a request',
    bytes: headOf(POST, HOST, KEY, CHUNKED) + `1b;a="GET /${MARK} HTTP/1.1"\r\n${BODY}\r\n0;x=y\r\n\r\n`,
    answers: [200],
    upstream: 1,
    closed: false,
  },
  {
    name: 'an upgrade to h2c that is not taken up',
    bytes:
      headOf(
        POST,
        HOST,
        KEY,
        LENGTH,
        'Connection: Upgrade, HTTP2-Settings',
        'Upgrade: h2c',
        'HTTP2-Settings: AAMAAABkAAQAAP__',
      ) + BODY,
    answers: [200],
    upstream: 1,
    closed: false,
  },
  {
    name: 'Connection that names the key and the length',
    bytes: headOf(POST, HOST, KEY, LENGTH, 'Connection: authorization, content-length, host') + BODY,
    answers: [200],
    upstream: 1,
    closed: false,
  },
  {
    name: 'a length with a zero in front',
    bytes: headOf(POST, HOST, KEY, 'Content-Length: 00027') + BODY,
    answers: [200],
    upstream: 1,
    closed: false,
  },
  {
    name: 'an expectation that is already met',
    bytes: headOf(POST, HOST, KEY, LENGTH, 'Expect: 100-continue') + BODY,
    answers: [200],
    upstream: 1,
    closed: false,
  },
];

const lineBreak = '\\r\\nContent-Length: 0\\r\\n\\r\\nGET /SMUGGLED HTTP/1.1\\r\\n';
const body = (fields: string): string => `{${fields},"messages":[]}`;
const withBody = (text: string, path = '/v1/chat/completions', lines: readonly string[] = []): string =>
  headOf(`POST ${path} HTTP/1.1`, HOST, KEY, ...lines, `Content-Length: ${Buffer.byteLength(text)}`) + text;

/** Line breaks in values that become headers, paths or bodies further on. */
const inValues: readonly Form[] = [
  {
    name: 'a model with line breaks',
    bytes: withBody(body(`"model":"g${lineBreak}"`)),
    answers: [404],
    upstream: 0,
    closed: false,
  },
  {
    name: 'a model with line breaks that a wildcard takes',
    bytes: withBody(body(`"model":"any/x${lineBreak}"`)),
    answers: [200],
    upstream: 1,
    closed: false,
  },
  {
    name: 'a model with line breaks that stands in a path further on',
    bytes: withBody(body(`"model":"az/x${lineBreak}"`)),
    answers: [200],
    upstream: 1,
    closed: false,
  },
  {
    name: 'a path with encoded line breaks that stand in a path further on',
    bytes: withBody(
      '{"messages":[]}',
      '/openai/deployments/az%2Fx%0d%0aHost:%20other%0d%0a%0d%0aGET%20%2FSMUGGLED/chat/completions',
    ),
    answers: [200],
    upstream: 1,
    closed: false,
  },
  {
    name: 'a path that climbs, in a model that stands in a path further on',
    bytes: withBody(body('"model":"az/../../admin?x=y#z"')),
    answers: [200],
    upstream: 1,
    closed: false,
  },
  {
    name: 'tags with line breaks',
    bytes: withBody(body(`"model":"g","tags":["a${lineBreak}"]`)),
    answers: [400],
    upstream: 0,
    closed: false,
  },
  {
    name: 'a header that goes on, with bytes beyond ASCII and a tab',
    bytes: withBody(BODY, '/v1/chat/completions', ['Idempotency-Key: a\tb\xff\xe9']),
    answers: [200],
    upstream: 1,
    closed: false,
  },
  {
    name: 'a query with encoded line breaks',
    bytes: withBody(BODY, '/v1/chat/completions?x=%0d%0aHost:%20other'),
    answers: [200],
    upstream: 1,
    closed: false,
  },
];

const FORM_PATH = 'POST /v1/audio/transcriptions HTTP/1.1';
const part = (disposition: string, value: string): string =>
  `Content-Disposition: form-data; ${disposition}\r\n\r\n${value}\r\n`;
const MODEL_PART = part('name="model"', 'g');
const withForm = (boundary: string, form: string, lines: readonly string[] = []): string =>
  headOf(FORM_PATH, HOST, KEY, `Content-Type: ${boundary}`, ...lines, `Content-Length: ${form.length}`) + form;
const FORM = 'multipart/form-data; boundary=';

function formSent(name: string, contentType: string, form: string): Form {
  return { name, bytes: withForm(contentType, form), answers: [200], upstream: 1, closed: false };
}

function formRefused(name: string, contentType: string, form: string): Form {
  return { name, bytes: withForm(contentType, form), answers: [400], upstream: 0, closed: false };
}

const file = (content: string, name = 'a.mp3'): string => part(`name="file"; filename="${name}"`, content);
const MIXED = 'multipart/mixed; boundary=';

/** Forms whose boundaries, heads and contents are odd: what goes on is written anew, under a boundary of our own. */
const inForms: readonly Form[] = [
  formSent('a file that holds a request', `${FORM}b`, `--b\r\n${MODEL_PART}--b\r\n${file(INNER)}--b--\r\n`),
  formSent(
    'a request behind the last boundary',
    `${FORM}b`,
    `--b\r\n${MODEL_PART}--b\r\n${file('x')}--b--\r\n${INNER}`,
  ),
  formSent(
    'a file with the boundaries of others in it',
    `${FORM}b`,
    `--b\r\n${MODEL_PART}--b\r\n${file(`--a\r\n${part('name="model"', MARK)}--a--\r\n--waymark-\r\n --b--\r\n--\r\n--B--`)}--b--\r\n`,
  ),
  formSent(
    'a file with the boundary behind a bare line feed',
    `${FORM}b`,
    `--b\r\n${MODEL_PART}--b\r\n${file(`\n--b\n${part('name="model"', MARK)}`)}--b--\r\n`,
  ),
  formSent(
    'a quoted boundary with spaces and colons',
    `${FORM}"a: /b?=c"`,
    `--a: /b?=c\r\n${MODEL_PART}--a: /b?=c\r\n${file('x')}--a: /b?=c--\r\n`,
  ),
  formSent('a boundary of dashes', `${FORM}--`, `----\r\n${MODEL_PART}----\r\n${file('x')}------\r\n`),
  formSent(
    'a file name with encoded line breaks',
    `${FORM}b`,
    `--b\r\n${MODEL_PART}--b\r\n${file('x', 'a%0D%0AX-Smuggled: 1%22; name=%22model')}--b--\r\n`,
  ),
  formRefused(
    'a second model behind the first',
    `${FORM}b`,
    `--b\r\n${MODEL_PART}--b\r\n${file('x')}--b\r\n${part('name="model"', MARK)}--b--\r\n`,
  ),
  formRefused(
    'a head of a part with two names',
    `${FORM}b`,
    `--b\r\n${part('name="model"; name="file"', 'g')}--b\r\n${file('x')}--b--\r\n`,
  ),
  formRefused(
    'a head of a part with two dispositions',
    `${FORM}b`,
    `--b\r\nContent-Disposition: form-data; name="user"\r\n${MODEL_PART}--b\r\n${file('x')}--b--\r\n`,
  ),
  formRefused(
    'a head of a part with a bare line feed',
    `${FORM}b`,
    `--b\r\nX: y\n${MODEL_PART}--b\r\n${file('x')}--b--\r\n`,
  ),
  formRefused('a form without its end', `${FORM}b`, `--b\r\n${MODEL_PART}--b\r\n${file(INNER)}`),
  formRefused('a form with words before it', `${FORM}b`, `${INNER}\r\n--b\r\n${MODEL_PART}--b--\r\n`),
  formRefused('two boundaries', `${FORM}a; boundary=b`, `--b\r\n${MODEL_PART}--b\r\n${file('x')}--b--\r\n`),
  formRefused('no boundary', 'multipart/form-data', `--b\r\n${MODEL_PART}--b\r\n${file('x')}--b--\r\n`),
  formRefused(
    'a boundary of 71 letters',
    FORM + 'b'.repeat(71),
    `--${'b'.repeat(71)}\r\n${MODEL_PART}--${'b'.repeat(71)}--\r\n`,
  ),
  { ...formRefused('a mixed form', `${MIXED}b`, `--b\r\n${MODEL_PART}--b--\r\n`), answers: [415] },
  refused('a boundary with a carriage return', withForm(`${FORM}"a\rb"`, `--b\r\n${MODEL_PART}--b--\r\n`) + INNER),
  refused('a folded content type', withForm('multipart/form-data;\r\n boundary=b', `--b--\r\n`) + INNER),
];

/** Every form, from the literature on request smuggling and from the rules of RFC 9112 that it plays against each other. */
export const FORMS: readonly Form[] = [
  ...lengthAgainstChunks,
  ...oddEncodings,
  ...oddLengths,
  ...oddChunks,
  ...oddHeads,
  ...strictlyRead,
  ...inValues,
  ...inForms,
];
