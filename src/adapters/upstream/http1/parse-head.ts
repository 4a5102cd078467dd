import { lengthOf, readFieldLines, wholeNumber } from '../../../core/wire/http1/field-line.ts';
import { malformed } from '../../../core/wire/http1/http-fault.ts';
import type { HeaderPairs } from '../../../providers/contract.ts';

/** What a head says. */
export interface ParsedHead {
  readonly status: number;
  readonly headers: HeaderPairs;
  /** Undefined: the head does not say. */
  readonly contentLength: number | undefined;
  readonly chunked: boolean;
  /** True where another request may follow on the connection. */
  readonly keepAlive: boolean;
  /** `keep-alive: timeout=N`, in seconds. */
  readonly keepAliveSeconds: number | undefined;
}

/**
 * Reads a head: `text` is its lines as latin1, each with its CRLF, without the empty one; a LineScanner has seen them. Throws an
 * HttpFault where two programs could read it differently: folded lines, spaces before a colon, two lengths,
 * a length beside a transfer coding, a coding other than chunked (RFC 9112, 5 and 6.3).
 */
export function parseHead(text: string): ParsedHead {
  const reader = new HeadReader(text);
  readFieldLines(text, text.indexOf('\r\n') + 2, (name, value) => reader.field(name, value));
  return reader.finish();
}

class HeadReader implements ParsedHead {
  readonly status: number;
  readonly headers: string[] = [];
  contentLength: number | undefined;
  chunked = false;
  keepAlive: boolean;
  keepAliveSeconds: number | undefined;
  readonly #old: boolean;

  constructor(text: string) {
    this.status = statusOf(text);
    this.#old = text[7] === '0';
    this.keepAlive = !this.#old;
  }

  field(name: string, value: string): void {
    this.headers.push(name, value);
    if (name === 'content-length') this.#length(value);
    else if (name === 'transfer-encoding') this.#coding(value);
    else if (name === 'connection') this.#connection(value);
    else if (name === 'keep-alive') this.keepAliveSeconds = secondsOf(value);
  }

  finish(): ParsedHead {
    if (this.chunked && this.contentLength !== undefined)
      throw malformed('a content-length beside a transfer-encoding');
    if (this.chunked && this.#old) throw malformed('a transfer-encoding in HTTP/1.0');
    return this;
  }

  #length(value: string): void {
    const length = lengthOf(value);
    if (this.contentLength !== undefined && this.contentLength !== length) throw malformed('two different lengths');
    this.contentLength = length;
  }

  #coding(value: string): void {
    if (this.chunked || value.toLowerCase() !== 'chunked') throw malformed('a transfer-encoding other than chunked');
    this.chunked = true;
  }

  #connection(value: string): void {
    // An HTTP/1.0 server that offers keep-alive is not believed: few are, and closing is always right.
    if (value === 'keep-alive') return;
    for (const token of value.toLowerCase().split(',')) if (token.trim() === 'close') this.keepAlive = false;
  }
}

function statusOf(text: string): number {
  const version = text.slice(0, 9);
  if (version !== 'HTTP/1.1 ' && version !== 'HTTP/1.0 ') throw malformed('it does not begin with HTTP/1.1');
  const status = wholeNumber(text.slice(9, 12));
  const after = text[12];
  if (status === undefined || status < 100 || (after !== ' ' && after !== '\r'))
    throw malformed('its status is no number of three digits');
  return status;
}

/** `timeout=5, max=100` -> 5. */
function secondsOf(value: string): number | undefined {
  for (const part of value.toLowerCase().split(',')) {
    const [name, seconds] = part.trim().split('=');
    if (name === 'timeout' && seconds !== undefined && /^\d{1,9}$/.test(seconds)) return Number(seconds);
  }
  return undefined;
}
