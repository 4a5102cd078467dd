import type { HeaderPairs } from '../providers/contract.ts';
import type { Call } from './call.ts';
import { headerText } from './header-text.ts';

/** Headers of one connection or one message, and those that would act on the gateway's own site in a browser. */
const NEVER: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'content-length',
  'content-encoding',
  'set-cookie',
  'set-cookie2',
  'strict-transport-security',
  'alt-svc',
]);
/** An upstream's headers are shown up to this many characters each, and in all. */
const LONGEST_VALUE = 1024;
const LONGEST_ALL = 8 * 1024;

/** The headers of a routed call's answer: ours, LiteLLM's and, as `llm_provider-*`, the upstream's. */
export function answerHead(call: Call, upstream: HeaderPairs, now: number): string[] {
  const { deployment, request, stamp } = call;
  const head = [...stamp.headers];
  if (deployment !== undefined) {
    head.push(...deployment.answerHead, 'x-litellm-model-name', headerText(shownModelName(call)));
  }
  const total = now - call.startedAt;
  head.push(
    'x-litellm-model-group',
    headerText(request?.model ?? ''),
    'x-litellm-attempted-retries',
    '0',
    'x-litellm-attempted-fallbacks',
    '0',
    'x-litellm-response-duration-ms',
    milliseconds(total),
    'x-litellm-overhead-duration-ms',
    milliseconds(Math.max(0, total - call.upstreamMs)),
  );
  if (call.explanation !== undefined) head.push('x-waymark-explain', call.explanation);
  pushUpstreamHeaders(head, upstream, deployment?.secrets ?? []);
  return head;
}

/** `litellm_params.model` as written, with what a wildcard stood for filled in. */
function shownModelName(call: Call): string {
  const { deployment, decision } = call;
  const written = deployment?.config.model ?? '';
  const captured = decision?.captured;
  if (captured === undefined || !written.includes('*')) return written;
  let next = 0;
  return written.replaceAll('*', () => captured[Math.min(next++, captured.length - 1)] ?? '');
}

function pushUpstreamHeaders(head: string[], upstream: HeaderPairs, secrets: readonly string[]): void {
  let room = LONGEST_ALL;
  for (let index = 0; index < upstream.length; index += 2) {
    const name = upstream[index] ?? '';
    if (NEVER.has(name)) continue;
    const value = headerText(withoutSecrets(upstream[index + 1] ?? '', secrets), LONGEST_VALUE);
    room -= name.length + value.length;
    if (room < 0) return;
    head.push(`llm_provider-${name}`, value);
    if (name.startsWith('x-ratelimit-') || name === 'request-id') head.push(name, value);
  }
}

function withoutSecrets(value: string, secrets: readonly string[]): string {
  let text = value;
  for (const secret of secrets) if (text.includes(secret)) text = text.replaceAll(secret, '[redacted]');
  return text;
}

function milliseconds(value: number): string {
  return String(Math.round(value * 1000) / 1000);
}
