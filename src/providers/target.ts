import type { HeaderPairs, Operation } from './contract.ts';
import type { ParameterTable } from './parameters.ts';

/** Where a deployment's requests go, worked out once when the snapshot is built. Pure data and one path rule. */
export interface Target {
  /** The provider's name: `openai`, `azure`, `groq`. */
  readonly provider: string;
  /** `https://api.openai.com`: scheme, host and port, nothing else. */
  readonly origin: string;
  /** Path and query for an operation; undefined where the provider does not offer it. `upstreamModel` has no `*` left. */
  pathFor(operation: Operation, upstreamModel: string): string | undefined;
  /**
   * Credential, organization and the deployment's `extra_headers` (which win), names in lower case, each name once.
   * Framing, content-type and accept are the sender's. Holds secrets: never log, never answer with it.
   */
  readonly headers: HeaderPairs;
  /** The credential as text: what must not come back from an upstream to a caller, or reach a log. */
  readonly secrets?: readonly string[];
  /** For `x-litellm-model-api-base`: the configured base as written, else the provider's documented one. No query, no user part. */
  readonly shownApiBase: string;
  /** The model name to send. May hold `*`: see `fillUpstreamModel`. */
  readonly upstreamModel: string;
  /** True where the provider's chat API defines `metadata` (OpenAI, Azure): elsewhere it stays here. */
  readonly definesMetadata: boolean;
  /** What becomes of request parameters that the provider does not take as OpenAI does. */
  readonly parameters?: ParameterTable;
  /** True where the body's `model` must be the upstream model; false where the path names it and the body may keep any. */
  readonly modelInBody: boolean;
}

/** A deployment's target, or the plain-English reason why there is none (for admins; never holds a secret). */
export type TargetResult =
  | { readonly ok: true; readonly target: Target }
  | { readonly ok: false; readonly code: TargetProblemCode; readonly reason: string; readonly hint?: string };

export type TargetProblemCode =
  | 'provider-unknown'
  | 'provider-not-supported'
  | 'missing-api-base'
  | 'missing-credential'
  | 'missing-setting'
  | 'bad-api-base'
  | 'bad-header';

/**
 * The upstream model of one call: each `*` of `upstreamModel` becomes what the wildcard group's `*` stood for, in order;
 * surplus stars take the last capture. Without captures the name stays as it is.
 */
export function fillUpstreamModel(upstreamModel: string, captured: readonly string[] | undefined): string {
  if (captured === undefined || captured.length === 0 || !upstreamModel.includes('*')) return upstreamModel;
  let next = 0;
  return upstreamModel.replaceAll('*', () => captured[Math.min(next++, captured.length - 1)] ?? '');
}
