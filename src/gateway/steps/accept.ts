import { GatewayError } from '../../core/errors/gateway-error.ts';
import { OPERATIONS } from '../../providers/operations.ts';
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
  const wanted = OPERATIONS[call.endpoint.operation].body;
  const type = headers.get('content-type')?.trim().toLowerCase() ?? '';
  if (wanted === 'json' && type.startsWith('multipart/'))
    throw wrongType('This endpoint takes JSON. Send `Content-Type: application/json`.');
  if (wanted === 'multipart' && !isForm(call))
    throw wrongType('This endpoint takes a form. Send `Content-Type: multipart/form-data`; with curl, use -F.');
  if (wanted === 'either' && !isForm(call) && /^(?:multipart\/|application\/x-www-form)/.test(type))
    throw wrongType('This endpoint takes a form (`Content-Type: multipart/form-data`) or JSON.');
}

/** True where the body is a multipart form. */
export function isForm({ exchange }: Call): boolean {
  return /^[ \t]*multipart\/form-data[ \t]*(?:;|$)/i.test(exchange.headers.get('content-type') ?? '');
}

function wrongType(message: string): GatewayError {
  return new GatewayError('unsupported_media_type', { message, param: 'content-type' });
}
