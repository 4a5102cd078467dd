import type { HeaderPairs, UpstreamAnswer } from '../providers/contract.ts';
import { answerHead } from './answer-head.ts';
import type { Call } from './call.ts';
import { asGatewayError } from './error-answer.ts';
import type { GatewayPorts } from './ports.ts';
import { decoded, headerOf, LARGEST_ANSWER } from './upstream-body.ts';
import { upstreamError } from './upstream-error.ts';

/**
 * Passes an answer on that may be anything: sound, subtitles, plain text. Byte for byte and piece by piece, held back where the
 * client is slow, never held whole. The head waits for the first piece, so that an upstream that fails before it is a plain
 * error; one that fails later ends the connection, for sound that just stops would be taken for complete.
 */
export async function relayBytes(call: Call, answer: UpstreamAnswer, ports: GatewayPorts): Promise<void> {
  const encoding = headerOf(answer.headers, 'content-encoding')?.toLowerCase() ?? '';
  if (encoding !== '' && encoding !== 'identity') return relayDecoded(call, answer, ports);
  const { exchange } = call;
  const begin = (): void => {
    const length = headerOf(answer.headers, 'content-length');
    const framing = length === undefined ? [] : ['content-length', length];
    exchange.head(answer.status, [...headOf(call, answer, ports.now()), ...framing]);
  };
  exchange.onDrain(() => answer.body.resume());
  try {
    await answer.body.pipe((chunk) => {
      if (!exchange.committed) begin();
      return exchange.write(chunk);
    });
  } catch (thrown) {
    breakOff(call, call.cutFor ?? upstreamError(thrown));
    return;
  }
  if (exchange.committed) exchange.end();
  else exchange.answer(answer.status, headOf(call, answer, ports.now()), '');
  call.outcome = 'ok';
}

/** The rare upstream that compresses though it was asked not to: its answer is opened whole, since the client may not be able to. */
async function relayDecoded(call: Call, answer: UpstreamAnswer, ports: GatewayPorts): Promise<void> {
  try {
    const body = await decoded(await answer.body.bytes(LARGEST_ANSWER), answer.headers);
    call.exchange.answer(answer.status, headOf(call, answer, ports.now()), body);
  } catch (thrown) {
    throw upstreamError(thrown);
  }
  call.outcome = 'ok';
}

function headOf(call: Call, answer: UpstreamAnswer, now: number): HeaderPairs {
  call.upstreamMs = now - call.sentAt;
  call.status = answer.status;
  const type = headerOf(answer.headers, 'content-type') ?? 'application/octet-stream';
  return [...answerHead(call, answer.headers, now), 'content-type', type];
}

function breakOff(call: Call, thrown: unknown): void {
  const { exchange } = call;
  if (!exchange.committed || exchange.aborted) throw thrown;
  const error = asGatewayError(thrown);
  call.code = error.code;
  call.internal = error.internal;
  call.outcome = call.cutFor === undefined ? 'upstream_failed' : 'gateway_failed';
  exchange.destroy();
}
