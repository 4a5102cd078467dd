import { HttpFault } from '../../../core/wire/http1/http-fault.ts';
import { UpstreamFailure } from '../../../providers/contract.ts';

/** Of an answer's head, its status line included; heads of 1xx answers count with the head that follows them. */
export const HEAD_LIMITS = { bytes: 64 * 1024, lines: 200 };

/** An answer that is no HTTP/1.1, or one of the readings of HTTP/1.1 that two programs may understand differently. */
export function malformed(what: string): UpstreamFailure {
  return new UpstreamFailure('malformed', `the answer is malformed: ${what}`);
}

/** A fault that the readers of HTTP/1.1 found, in the words for answers; anything else as it is. */
export function asUpstreamFailure(thrown: unknown): unknown {
  return thrown instanceof HttpFault ? malformed(thrown.message) : thrown;
}
