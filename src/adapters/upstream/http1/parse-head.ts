import type { HeaderPairs } from '../../../providers/contract.ts';
import { malformed } from './malformed.ts';

const TAB = 0x09;
const SPACE = 0x20;
/** Of a content-length: what a double holds exactly. */
const MOST_DIGITS = 15;

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

/** For each character: 1 where it may stand in a header's name (RFC 9110, 5.6.2). */
const TOKEN = new Uint8Array(128);
for (const char of "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
  TOKEN[char.charCodeAt(0)] = 1;

/**
 * Reads a head: `text` is its lines as latin1, each with its CRLF, without the empty one; a LineScanner has seen them. Throws an
 * UpstreamFailure (`malformed`) where two programs could read it differently: folded lines, spaces before a colon, two lengths,
 * a length beside a transfer coding, a coding other than chunked (RFC 9112, 5 and 6.3).
 */
export function parseHead(text: string): ParsedHead {
  const reader = new HeadReader(text);
  let at = text.indexOf('\r\n') + 2;
  while (at < text.length) {
    const end = text.indexOf('\r\n', at);
    reader.line(at, end);
    at = end + 2;
  }
  return reader.finish();
}

class HeadReader implements ParsedHead {
  readonly status: number;
  readonly headers: string[] = [];
  contentLength: number | undefined;
  chunked = false;
  keepAlive: boolean;
  keepAliveSeconds: number | undefined;
  readonly #text: string;
  readonly #old: boolean;

  constructor(text: string) {
    this.#text = text;
    this.status = statusOf(text);
    this.#old = text[7] === '0';
    this.keepAlive = !this.#old;
  }

  line(at: number, end: number): void {
    const text = this.#text;
    const colon = text.indexOf(':', at);
    if (colon === -1 || colon >= end) throw malformed('a header without a colon');
    const name = nameOf(text, at, colon);
    let from = colon + 1;
    let to = end;
    while (from < to && isBlank(text.charCodeAt(from))) from += 1;
    while (to > from && isBlank(text.charCodeAt(to - 1))) to -= 1;
    const value = text.slice(from, to);
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
    const length = value.length > MOST_DIGITS ? undefined : wholeNumber(value);
    if (length === undefined) throw malformed('a content-length that is no number');
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

/** Digits and nothing else, at least one: Number() takes `+1`, `1e2` and `0x5` as well. */
function wholeNumber(text: string): number | undefined {
  let number = 0;
  for (let index = 0; index < text.length; index += 1) {
    const digit = text.charCodeAt(index) - 0x30;
    if (digit < 0 || digit > 9) return undefined;
    number = number * 10 + digit;
  }
  return text.length === 0 ? undefined : number;
}

function nameOf(text: string, at: number, colon: number): string {
  if (colon === at) throw malformed('a header without a name');
  for (let index = at; index < colon; index += 1) {
    // Spaces before the colon and folded lines end here too.
    if (TOKEN[text.charCodeAt(index)] !== 1)
      throw malformed('a header whose name has a character that names cannot have');
  }
  return text.slice(at, colon).toLowerCase();
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}

/** `timeout=5, max=100` -> 5. */
function secondsOf(value: string): number | undefined {
  for (const part of value.toLowerCase().split(',')) {
    const [name, seconds] = part.trim().split('=');
    if (name === 'timeout' && seconds !== undefined && /^\d{1,9}$/.test(seconds)) return Number(seconds);
  }
  return undefined;
}
