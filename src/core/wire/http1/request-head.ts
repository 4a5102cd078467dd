import { lengthOf, readFieldLines } from './field-line.ts';
import { malformed } from './http-fault.ts';

/** What the head of a request says. */
export interface RequestHead {
  readonly method: string;
  /** Origin form: begins with a slash. Behind CONNECT: whatever stood there. */
  readonly target: string;
  readonly http10: boolean;
  /** Names in lower case, each followed by its value (latin1), in the order in which they came. */
  readonly fields: readonly string[];
  /** Bytes of the body; 0 where there is none; NaN where it comes in chunks. */
  readonly bodyLength: number;
  /** True where another request may follow on the connection. */
  readonly keepAlive: boolean;
  /** `unknown`: an expectation that nobody can meet but a server that knows it. */
  readonly expects: 'continue' | 'unknown' | undefined;
}

/** RFC 9110, 9.3, and RFC 5789. Others have no meaning to anything that is served. */
const METHODS: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'CONNECT',
  'OPTIONS',
  'TRACE',
  'PATCH',
]);
/** What cannot stand in a name, an address and a port: `host/path?query` would be read in two ways. */
const NOT_IN_HOST = /[^\w.:[\]-]/;
const NOT_IN_TARGET = /[^\x21-\x7e\x80-\xff]/;

/**
 * Reads a head: `text` is its lines as latin1, each with its CRLF, without the empty one; a LineScanner has seen them. Throws an
 * HttpFault where two programs could read it differently, which is how requests are smuggled: two Hosts, two lengths, a length
 * beside a transfer coding, a coding other than chunked, targets in other forms (RFC 9112, 3.2, 5 and 6.3).
 */
export function readRequestHead(text: string): RequestHead {
  const end = text.indexOf('\r\n');
  const reader = new HeadReader(text.slice(0, end));
  readFieldLines(text, end + 2, (name, value) => reader.field(name, value));
  return reader.finish();
}

class HeadReader implements RequestHead {
  readonly method: string;
  readonly target: string;
  readonly http10: boolean;
  readonly fields: string[] = [];
  bodyLength = 0;
  keepAlive: boolean;
  expects: 'continue' | 'unknown' | undefined;
  #hosts = 0;
  #lengths = 0;
  #codings = 0;

  constructor(line: string) {
    const first = line.indexOf(' ');
    const last = line.indexOf(' ', first + 1);
    const version = line.slice(last + 1);
    this.method = line.slice(0, first);
    this.target = line.slice(first + 1, last);
    if (first === -1 || last === -1 || (version !== 'HTTP/1.1' && version !== 'HTTP/1.0'))
      throw malformed('a first line that is not a method, a target and HTTP/1.1');
    if (!METHODS.has(this.method)) throw malformed('a method that HTTP does not have');
    if (NOT_IN_TARGET.test(this.target)) throw malformed('a target with a space or a control character');
    if (!this.target.startsWith('/') && this.method !== 'CONNECT')
      throw malformed('a target that does not start with a slash');
    this.http10 = version === 'HTTP/1.0';
    this.keepAlive = !this.http10;
  }

  field(name: string, value: string): void {
    this.fields.push(name, value);
    // Telling most names apart by their length spares comparing them.
    switch (name.length) {
      case 4:
        if (name === 'host') this.#host(value);
        break;
      case 6:
        if (name === 'expect') this.#expect(value);
        break;
      case 10:
        if (name === 'connection') this.#connection(value);
        break;
      case 14:
        if (name === 'content-length') this.#length(value);
        break;
      case 17:
        if (name === 'transfer-encoding') this.#coding(value);
        break;
      default:
    }
  }

  finish(): RequestHead {
    if (this.#hosts === 0 && !this.http10) throw malformed('no Host header');
    if (this.#codings > 0 && this.#lengths > 0) throw malformed('a content-length beside a transfer-encoding');
    if (this.#codings > 0 && this.http10) throw malformed('a transfer-encoding in HTTP/1.0');
    return this;
  }

  #host(value: string): void {
    this.#hosts += 1;
    if (this.#hosts > 1) throw malformed('more than one Host header');
    if (NOT_IN_HOST.test(value)) throw malformed('a Host header that is not a name and a port');
  }

  #length(value: string): void {
    this.#lengths += 1;
    // Even the same one twice: the next program may join them.
    if (this.#lengths > 1) throw malformed('more than one content-length');
    this.bodyLength = lengthOf(value);
  }

  #coding(value: string): void {
    this.#codings += 1;
    if (this.#codings > 1 || value.toLowerCase() !== 'chunked')
      throw malformed('a transfer-encoding other than chunked, once');
    this.bodyLength = Number.NaN;
  }

  #connection(value: string): void {
    if (value === 'keep-alive' && !this.http10) return;
    for (const part of value.toLowerCase().split(',')) {
      const token = part.trim();
      if (token === 'close') this.keepAlive = false;
      else if (token === 'keep-alive' && this.http10) this.keepAlive = true;
    }
  }

  #expect(value: string): void {
    // HTTP/1.0 has no expectations (RFC 9110, 10.1.1).
    if (this.http10) return;
    this.expects = value.toLowerCase() === '100-continue' && this.expects !== 'unknown' ? 'continue' : 'unknown';
  }
}
