/**
 * Bytes that are no HTTP/1.1 message, or one of those that two programs may read differently. `malformed`: what is wrong, as in
 * "a header without a colon"; `too_large`: what is beyond its limit, as in "a head of more than 100 lines".
 */
export class HttpFault extends Error {
  readonly kind: 'malformed' | 'too_large';

  constructor(kind: 'malformed' | 'too_large', what: string) {
    super(what);
    this.name = 'HttpFault';
    this.kind = kind;
  }
}

export function malformed(what: string): HttpFault {
  return new HttpFault('malformed', what);
}
