import { errorEnvelope, GatewayError } from '../core/errors/gateway-error.ts';
import type { HeaderPairs } from '../providers/contract.ts';
import type { Exchange } from './exchange.ts';

/** An answer that is an error: status, headers and the envelope of the OpenAI dialect. */
export interface ErrorAnswer {
  readonly status: number;
  readonly headers: HeaderPairs;
  readonly body: string;
}

/** `headers`: those that go on every answer. */
export function errorAnswer(error: GatewayError, headers: HeaderPairs): ErrorAnswer {
  const all = [...headers, 'content-type', 'application/json'];
  if (error.retryAfterSeconds !== undefined) {
    all.push('retry-after', String(Math.max(1, Math.ceil(error.retryAfterSeconds))));
  }
  if (error.status === 401) all.push('www-authenticate', 'Bearer');
  return { status: error.status, headers: all, body: JSON.stringify(errorEnvelope(error)) };
}

/** Answers with `error`, where nothing has been answered yet. */
export function answerError(exchange: Exchange, error: GatewayError, headers: HeaderPairs): void {
  const answer = errorAnswer(error, headers);
  exchange.answer(answer.status, answer.headers, answer.body);
}

/** Whatever was thrown, as an error that a client may see. */
export function asGatewayError(thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  const internal = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  return new GatewayError('internal_error', {
    message: 'The gateway failed while it handled the request. The log names the cause under the call id.',
    internal,
  });
}
