import { GatewayError } from '../../core/errors/gateway-error.ts';
import type { UpstreamAnswer } from '../../providers/contract.ts';
import { OPERATIONS } from '../../providers/operations.ts';
import { answerHead } from '../answer-head.ts';
import type { Call } from '../call.ts';
import type { GatewayPorts } from '../ports.ts';
import { relayBytes } from '../relay-bytes.ts';
import { relayStream } from '../relay-stream.ts';
import { showsResponseIds, withReferenceShown, withShownIds } from '../responses/shown-ids.ts';
import { decoded, headerOf, isJsonObject, LARGEST_ANSWER, scrubbed } from '../upstream-body.ts';
import { upstreamError } from '../upstream-error.ts';

/** An error of an upstream is read up to here. Bytes. */
const LARGEST_ERROR = 1024 * 1024;
/** Characters of an upstream's own words that go into an error or the log. */
const LONGEST_WORDS = 500;

/** Step 7: passes the answer on: streams and bytes piece by piece, JSON whole, an error as an error. */
export async function relay(call: Call, answer: UpstreamAnswer, ports: GatewayPorts): Promise<void> {
  const { status } = answer;
  if (status >= 400) return relayError(call, answer, ports);
  if (status !== 200 && status !== 201) {
    answer.body.cancel();
    throw malformed(
      status < 400 && status >= 300 ? 'a redirect, which is not followed' : 'a status that fits no answer',
      `status ${status}`,
    );
  }
  const type = headerOf(answer.headers, 'content-type')?.toLowerCase() ?? '';
  if (type.startsWith('text/event-stream')) return relayStream(call, answer, ports);
  if (OPERATIONS[call.endpoint.operation].answer === 'bytes') return relayBytes(call, answer, ports);
  const body = await wholeBody(call, { answer, limit: LARGEST_ANSWER, ports });
  if (!isJsonObject(body)) throw malformed('no JSON object', wordsOf(body));
  const head = answerHead(call, answer.headers, ports.now());
  head.push('content-type', type === '' ? 'application/json' : type);
  finish(call, head, { status, body: showsResponseIds(call) ? withShownIds(call, body) : body });
  call.outcome = 'ok';
}

/** The upstream's own error with its status. Its refusal of our credential is our fault, and never shown as the caller's. */
async function relayError(call: Call, answer: UpstreamAnswer, ports: GatewayPorts): Promise<void> {
  const body = withReferenceShown(call, await wholeBody(call, { answer, limit: LARGEST_ERROR, ports }));
  const words = wordsOf(body);
  call.internal = `upstream status ${answer.status}: ${words}`;
  if (answer.status === 401 || answer.status === 403) {
    throw new GatewayError('upstream_auth', {
      message: 'The upstream refused the credential of the deployment. An administrator checks its api_key.',
      internal: call.internal,
    });
  }
  if (answer.status === 407) {
    throw new GatewayError('upstream_unreachable', {
      message: 'The proxy on the way to the upstream refused the call.',
      internal: call.internal,
    });
  }
  const head = answerHead(call, answer.headers, ports.now());
  const retryAfter = headerOf(answer.headers, 'retry-after');
  if (retryAfter !== undefined && /^[\x20-\x7e]{1,64}$/.test(retryAfter)) head.push('retry-after', retryAfter);
  head.push('content-type', 'application/json');
  finish(call, head, { status: answer.status, body: isJsonObject(body) ? body : enveloped(answer.status, words) });
  call.outcome = 'upstream_failed';
}

async function wholeBody(
  call: Call,
  { answer, limit, ports }: { answer: UpstreamAnswer; limit: number; ports: GatewayPorts },
): Promise<Uint8Array> {
  try {
    const body = await decoded(await answer.body.bytes(limit), answer.headers);
    return scrubbed(body, call.deployment?.secrets ?? []);
  } catch (thrown) {
    throw upstreamError(thrown);
  } finally {
    call.upstreamMs = ports.now() - call.sentAt;
  }
}

function finish(call: Call, head: string[], answer: { status: number; body: Uint8Array | string }): void {
  call.status = answer.status;
  call.exchange.answer(answer.status, head, answer.body);
}

function enveloped(status: number, words: string): string {
  const message = words === '' ? `The upstream answered with status ${status} and no text.` : words;
  return JSON.stringify({
    error: {
      message,
      type: status < 500 ? 'invalid_request_error' : 'internal_server_error',
      param: null,
      code: String(status),
    },
  });
}

function wordsOf(body: Uint8Array): string {
  return new TextDecoder().decode(body.subarray(0, LONGEST_WORDS * 4)).slice(0, LONGEST_WORDS);
}

function malformed(what: string, internal: string): GatewayError {
  return new GatewayError('upstream_malformed', { message: `The upstream sent ${what}.`, internal });
}
