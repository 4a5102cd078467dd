import { GatewayError } from '../core/errors/gateway-error.ts';
import { SseScanner } from '../core/wire/sse.ts';
import type { UpstreamAnswer } from '../providers/contract.ts';
import { answerHead } from './answer-head.ts';
import type { Call } from './call.ts';
import { asGatewayError } from './error-answer.ts';
import type { GatewayPorts } from './ports.ts';
import { ShownIdStream, showsResponseIds } from './responses/shown-ids.ts';
import { dialectOf, errorEvent } from './stream-events.ts';
import { headerOf } from './upstream-body.ts';
import { upstreamError } from './upstream-error.ts';

/**
 * Passes a stream on byte for byte, but for the ids of responses. The head waits for the first piece, so that an upstream that fails before it is a plain
 * error with its status. A stream that breaks, or ends without having said that it is finished, ends with an error event and
 * without `[DONE]`. The HTTP message itself ends well then: clients built on fetch throw away what they have not read yet when
 * a connection is cut, the error event included.
 */
export async function relayStream(call: Call, answer: UpstreamAnswer, ports: GatewayPorts): Promise<void> {
  const { exchange } = call;
  const encoding = headerOf(answer.headers, 'content-encoding') ?? 'identity';
  if (encoding.toLowerCase() !== 'identity') {
    answer.body.cancel();
    throw new GatewayError('upstream_malformed', {
      message: 'The upstream sent an encoded stream though none was asked for.',
      internal: `content-encoding ${encoding}`,
    });
  }
  const watch = new SseScanner(dialectOf(call.endpoint.operation));
  const ids = showsResponseIds(call) ? new ShownIdStream(call) : undefined;
  const pass = (bytes: Uint8Array): boolean => bytes.byteLength === 0 || exchange.write(bytes);
  exchange.onDrain(() => answer.body.resume());
  try {
    await answer.body.pipe((chunk) => {
      if (!exchange.committed) begin(call, answer, ports);
      watch.feed(chunk);
      return pass(ids === undefined ? chunk : ids.push(chunk));
    });
    watch.end();
    if (!watch.complete) throw unfinished();
  } catch (thrown) {
    breakOff(call, call.cutFor ?? upstreamError(thrown), ids?.nextSequence ?? 0);
    return;
  }
  if (ids !== undefined) pass(ids.end());
  exchange.end();
  call.outcome = watch.failed ? 'upstream_failed' : 'ok';
}

function begin(call: Call, answer: UpstreamAnswer, ports: GatewayPorts): void {
  const now = ports.now();
  call.upstreamMs = now - call.sentAt;
  call.status = answer.status;
  const head = answerHead(call, answer.headers, now);
  const type = headerOf(answer.headers, 'content-type') ?? 'text/event-stream';
  head.push('content-type', type, 'cache-control', 'no-cache', 'x-accel-buffering', 'no');
  call.exchange.head(answer.status, head);
}

/** Before the first byte an error is an error; after it, it is an event, set off from whatever half line came last. */
function breakOff(call: Call, thrown: unknown, sequenceNumber: number): void {
  const { exchange } = call;
  if (!exchange.committed || exchange.aborted) throw thrown;
  const error = asGatewayError(thrown);
  call.code = error.code;
  call.internal = error.internal;
  call.outcome = call.cutFor === undefined ? 'upstream_failed' : 'gateway_failed';
  exchange.write(`\n\n${errorEvent(call.endpoint.operation, error, sequenceNumber)}`);
  exchange.end();
}

function unfinished(): GatewayError {
  return new GatewayError('upstream_failed', {
    message: 'The upstream ended the stream before it was complete.',
    internal:
      'the stream ended without what its dialect ends with: [DONE], a finish_reason, or a last event such as response.completed',
  });
}
