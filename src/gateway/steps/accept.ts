import { GatewayError } from '../../core/errors/gateway-error.ts';
import { Call } from '../call.ts';
import type { CallEndpoint } from '../endpoint.ts';
import type { Exchange } from '../exchange.ts';
import type { Snapshot } from '../snapshot.ts';
import type { Stamp } from '../stamp.ts';

/** What is known of a request once its path has been looked up. */
export interface Arrival {
  readonly exchange: Exchange;
  readonly stamp: Stamp;
  readonly snapshot: Snapshot;
  readonly endpoint: CallEndpoint;
}

/** Step 1: makes the Call from the head alone. */
export function accept(arrival: Arrival, now: number): Call {
  return new Call({ ...arrival, startedAt: now });
}

/** Refuses what the head already forbids: a body in a form that is not read here. */
export function refuseForeignBody(call: Call): void {
  const { headers } = call.exchange;
  const encoding = headers.get('content-encoding');
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    throw new GatewayError('unsupported_media_type', {
      message: 'A body with a Content-Encoding is not read here. Send it uncompressed.',
      param: 'content-encoding',
    });
  }
  if (headers.get('content-type')?.toLowerCase().startsWith('multipart/') === true) {
    throw new GatewayError('unsupported_media_type', {
      message: 'This endpoint takes JSON. Send `Content-Type: application/json`.',
      param: 'content-type',
    });
  }
}
