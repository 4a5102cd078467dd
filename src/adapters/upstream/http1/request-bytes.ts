import { UpstreamFailure, type StreamedBody, type UpstreamRequest } from '../../../providers/contract.ts';

/** Up to here a body is copied behind its head, so that both are one write. Bytes. */
const SMALL_BODY = 32 * 1024;

/** Characters that end a header, or that latin1 would turn into such: U+010A becomes LF. */
const NOT_IN_VALUE = /[^\t\x20-\x7e\x80-\xff]/;
const NOT_IN_NAME = /[^!#$%&'*+\-.^_`|~0-9A-Za-z]/;
const NOT_IN_PATH = /[^\x21-\x7e\x80-\xff]/;

/** Headers that say where a message ends or what becomes of its connection: those are ours to write. */
const FRAMING: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** What differs between a straight way and one through a proxy. */
export interface RequestWay {
  /** The `host` header where the request brings none. */
  readonly host: string;
  /** Stands before the path: a proxy is asked for whole URLs. Empty for a straight way. */
  readonly targetPrefix: string;
  /** Whole lines, for the proxy. */
  readonly extraLines: string;
}

/**
 * A request as it goes out: one buffer, or head and body where the body is large; the head alone where the body is streamed. Throws
 * an UpstreamFailure where it cannot be written.
 */
export function requestBytes(
  request: UpstreamRequest,
  way: RequestWay,
): readonly [Buffer] | readonly [Buffer, Uint8Array] {
  const { body } = request;
  const head = headText(request, way);
  if (!(body instanceof Uint8Array)) return [Buffer.from(head, 'latin1')];
  if (body.byteLength > SMALL_BODY) return [Buffer.from(head, 'latin1'), body];
  const whole = Buffer.allocUnsafe(head.length + body.byteLength);
  whole.write(head, 0, 'latin1');
  whole.set(body, head.length);
  return [whole];
}

function headText(request: UpstreamRequest, way: RequestWay): string {
  const { method, path, headers, body } = request;
  if (NOT_IN_PATH.test(path)) throw unwritable('its path has a space or a control character');
  let lines = '';
  let host = way.host;
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] ?? '';
    const value = headers[index + 1] ?? '';
    if (name === '' || NOT_IN_NAME.test(name)) throw unwritable('a header has a name that cannot be sent');
    if (NOT_IN_VALUE.test(value)) throw unwritable(`the header ${name} has a character that cannot be sent`);
    const lower = name.toLowerCase();
    if (FRAMING.has(lower)) throw unwritable(`the header ${name} is for the gateway to set`);
    if (lower === 'host') host = value;
    else lines += `${name}: ${value}\r\n`;
  }
  const length = body === null ? lengthOfNothing(method) : lengthOf(body);
  return `${method} ${way.targetPrefix}${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\n${way.extraLines}${lines}${length}\r\n`;
}

function lengthOf(body: Uint8Array | StreamedBody): string {
  const length = body instanceof Uint8Array ? body.byteLength : body.length;
  return length === undefined ? 'transfer-encoding: chunked\r\n' : `content-length: ${length}\r\n`;
}

/** A POST without a body says so (RFC 9110, 8.6). */
function lengthOfNothing(method: UpstreamRequest['method']): string {
  return method === 'POST' ? 'content-length: 0\r\n' : '';
}

/** Nothing has gone out: the upstream has not been reached. */
function unwritable(what: string): UpstreamFailure {
  return new UpstreamFailure('connect', `the request cannot be written: ${what}`);
}
