import { errorEnvelope, type GatewayError } from '../core/errors/gateway-error.ts';
import { CHUNKS, TYPED_EVENTS, type StreamDialect } from '../core/wire/stream-dialect.ts';
import type { Operation } from '../providers/operations.ts';

/** How an operation's streams say that they are whole. */
export function dialectOf(operation: Operation): StreamDialect {
  return operation === 'chat' || operation === 'completions' ? CHUNKS : TYPED_EVENTS;
}

/**
 * The event that ends a stream which broke off, in the words of the stream's dialect. Of typed events it is the one of type `error`,
 * in the Responses API with the fields beside it instead of in an object. Source: OpenAI's API reference.
 */
export function errorEvent(operation: Operation, error: GatewayError, sequenceNumber: number): string {
  const envelope = errorEnvelope(error);
  if (dialectOf(operation) === CHUNKS) return `data: ${JSON.stringify(envelope)}\n\n`;
  const { code, message, param } = envelope.error;
  const data =
    operation === 'responses'
      ? { type: 'error', code, message, param, sequence_number: sequenceNumber }
      : { type: 'error', ...envelope };
  return `event: error\ndata: ${JSON.stringify(data)}\n\n`;
}
