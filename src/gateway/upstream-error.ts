import type { ErrorCode } from '../core/errors/catalogue.ts';
import { GatewayError } from '../core/errors/gateway-error.ts';
import { UpstreamFailure, type UpstreamFailureKind } from '../providers/contract.ts';

/** What the caller hears of each failure. Hosts and ports are for the log. */
const WORDS: Readonly<Record<UpstreamFailureKind, readonly [ErrorCode, string]>> = {
  connect: ['upstream_unreachable', 'The upstream refused the connection or cannot be reached.'],
  dns: ['upstream_unreachable', 'The name of the upstream cannot be resolved.'],
  tls: ['upstream_tls', 'The certificate of the upstream is not trusted, or its TLS failed.'],
  connect_timeout: ['upstream_timeout', 'The upstream did not accept the connection in time.'],
  send_timeout: ['upstream_timeout', 'The upstream stopped taking the body of the request.'],
  first_byte_timeout: ['upstream_timeout', 'The upstream did not begin to answer in time.'],
  idle_timeout: ['upstream_timeout', 'The upstream stopped sending in the middle of its answer.'],
  total_timeout: ['upstream_timeout', 'The answer of the upstream was not complete in time.'],
  reset: ['upstream_failed', 'The upstream closed the connection before its answer was complete.'],
  malformed: ['upstream_malformed', 'The answer of the upstream is not valid HTTP.'],
  too_large: ['upstream_malformed', 'The answer of the upstream is too large.'],
  aborted: ['upstream_failed', 'The call was ended because its client left.'],
};

/** A failed send or body as an error for the caller; anything else that was thrown stays what it is. */
export function upstreamError(thrown: unknown): unknown {
  if (!(thrown instanceof UpstreamFailure)) return thrown;
  const [code, message] = WORDS[thrown.kind];
  return new GatewayError(code, { message, internal: `${thrown.kind}: ${thrown.message}` });
}
