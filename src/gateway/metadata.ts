import { GatewayError } from '../core/errors/gateway-error.ts';
import type { TopLevel } from '../core/wire/contract.ts';
import type { Operation } from '../providers/operations.ts';

/** The body's `metadata`. Callers choose the keys: ask only for its own. */
export type Metadata = Readonly<Record<string, unknown>>;

/** Keys of `metadata` that are for the gateway. Source: surface 3.8. */
const OUR_KEYS: ReadonlySet<string> = new Set(['tags', 'spend_logs_metadata', 'guardrails']);

/** Reads `metadata`: an object, or JSON text of one (form-minded clients send that, and LiteLLM reads it). */
export function readMetadata(top: TopLevel): Metadata | undefined {
  const sent = top.value('metadata') ?? undefined;
  if (sent === undefined) return undefined;
  const value = typeof sent === 'string' ? parsed(sent) : sent;
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Metadata;
  throw new GatewayError('invalid_field', { message: 'The field metadata must be an object.', param: 'metadata' });
}

/**
 * `metadata` without our keys as JSON text, where it is the provider's own; else it was meant for the gateway and stays here. Of the
 * Responses API it always is (what is for LiteLLM stands in `litellm_metadata` there), of a chat where it is stored (`store: true`)
 * and its values are all texts.
 */
export function forwardableMetadata(
  operation: Operation,
  top: TopLevel,
  metadata: Metadata | undefined,
): string | undefined {
  if (metadata === undefined) return undefined;
  const theirs = Object.entries(metadata).filter(([key]) => !OUR_KEYS.has(key));
  if (theirs.length === 0) return undefined;
  if (operation === 'responses') return jsonOf(theirs);
  const stored = operation === 'chat' && top.value('store') === true;
  return stored && theirs.every(([, value]) => typeof value === 'string') ? jsonOf(theirs) : undefined;
}

function jsonOf(entries: readonly (readonly [string, unknown])[]): string {
  return `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',')}}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
