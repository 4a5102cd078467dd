import { UpstreamFailure } from '../../../providers/contract.ts';

/** An answer that is no HTTP/1.1, or one of the readings of HTTP/1.1 that two programs may understand differently. */
export function malformed(what: string): UpstreamFailure {
  return new UpstreamFailure('malformed', `the answer is malformed: ${what}`);
}
