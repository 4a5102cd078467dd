/** Bytes that are no HTTP/1.1 request, or more of one than is taken. */
export class MalformedRequest extends Error {
  readonly status: 400 | 413 | 431;

  constructor(status: 400 | 413 | 431, message: string) {
    super(message);
    this.name = 'MalformedRequest';
    this.status = status;
  }
}

/** What the simulator looks at in a request's head. */
export interface RequestHead {
  readonly method: string;
  /** Path without the query. */
  readonly path: string;
  /** Query without `?`; empty when there is none. */
  readonly query: string;
  /** False: the connection ends after the answer. */
  readonly keepAlive: boolean;
  /** Bytes of the body, or `chunked`. */
  readonly length: number | 'chunked';
  readonly expectsContinue: boolean;
  /** Empty where there is none. */
  readonly contentType: string;
  /** Where the body begins. */
  readonly end: number;
}

const HEAD_LIMIT = 65_536;
export const BODY_LIMIT = 128 * 1024 * 1024;
/** Forms are read as they come and not kept. */
const FORM_LIMIT = 8 * BODY_LIMIT;

/** Reads the head at the beginning of `bytes`, or undefined where its end has not come yet. Throws MalformedRequest. */
export function readHead(bytes: Buffer): RequestHead | undefined {
  const end = bytes.indexOf('\r\n\r\n', 0, 'latin1');
  if (end < 0) {
    if (bytes.byteLength > HEAD_LIMIT) throw new MalformedRequest(431, 'The request head is larger than 64 KiB.');
    return undefined;
  }
  const text = bytes.toString('latin1', 0, end);
  const lineEnd = text.indexOf('\r\n');
  const [method = '', target = '', version = ''] = (lineEnd < 0 ? text : text.slice(0, lineEnd)).split(' ');
  if (!target.startsWith('/') || !version.startsWith('HTTP/1.')) {
    throw new MalformedRequest(400, 'The request line is not "METHOD /path HTTP/1.1".');
  }
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  const query = mark < 0 ? '' : target.slice(mark + 1);
  const framing = readFraming(text, { from: lineEnd, version });
  const limit = isForm(framing) ? FORM_LIMIT : BODY_LIMIT;
  if (framing.length !== 'chunked' && framing.length > limit)
    throw new MalformedRequest(413, `The body is larger than ${limit / 1024 / 1024} MiB.`);
  return { method, path, query, ...framing, end: end + 4 };
}

/** True where the body is to be read as a form, as it comes. */
export function isForm({ contentType }: Pick<RequestHead, 'contentType'>): boolean {
  return contentType.toLowerCase().startsWith('multipart/form-data');
}

type Framing = Pick<RequestHead, 'keepAlive' | 'length' | 'expectsContinue' | 'contentType'>;

/** Walks the header lines and keeps the five that matter: nothing else of a head changes an answer. */
function readFraming(text: string, start: { from: number; version: string }): Framing {
  let keepAlive = start.version !== 'HTTP/1.0';
  let length: number | 'chunked' = 0;
  let expectsContinue = false;
  let contentType = '';
  for (let at = start.from; at >= 0; at = text.indexOf('\r\n', at + 2)) {
    const colon = text.indexOf(':', at + 2);
    if (colon < 0) break;
    const nameLength = colon - at - 2;
    // Telling most names apart by their length spares a string for each header.
    if (nameLength !== 14 && nameLength !== 17 && nameLength !== 10 && nameLength !== 6 && nameLength !== 12) continue;
    const name = text.slice(at + 2, colon).toLowerCase();
    if (name === 'content-length') length = lengthOf(valueAfter(text, colon), length);
    else if (name === 'transfer-encoding') length = 'chunked';
    else if (name === 'connection') keepAlive = wantsKeepAlive(valueAfter(text, colon), keepAlive);
    else if (name === 'content-type') contentType = valueAfter(text, colon);
    else if (name === 'expect') expectsContinue = valueAfter(text, colon).toLowerCase() === '100-continue';
  }
  return { keepAlive, length, expectsContinue, contentType };
}

function valueAfter(text: string, colon: number): string {
  const end = text.indexOf('\r\n', colon);
  return text.slice(colon + 1, end < 0 ? text.length : end).trim();
}

function lengthOf(value: string, before: number | 'chunked'): number | 'chunked' {
  if (!/^\d{1,15}$/.test(value)) throw new MalformedRequest(400, 'content-length is not a number.');
  return before === 'chunked' ? before : Number(value);
}

function wantsKeepAlive(value: string, before: boolean): boolean {
  const lower = value.toLowerCase();
  return lower.includes('close') ? false : before || lower.includes('keep-alive');
}
