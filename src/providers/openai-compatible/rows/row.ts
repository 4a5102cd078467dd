import { OPERATION_NAMES, OPERATIONS, type Operation } from '../../operations.ts';
import type { ParameterTable } from '../../parameters.ts';
import type { PathTable, ProviderSpec } from '../../spec.ts';

/** What a row must say; the rest is what most rows have in common. */
export type Row = Pick<ProviderSpec, 'name' | 'keyEnv' | 'sources'> & Partial<ProviderSpec>;

/** A row with what most rows have in common: a bearer token, chat, completions and embeddings, no `metadata`. */
export function row(spec: Row): ProviderSpec {
  return {
    baseEnv: [],
    auth: 'bearer',
    paths: offers('chat', 'embeddings', 'completions'),
    definesMetadata: false,
    hosts: [],
    ...spec,
  };
}

/** A row whose base tells the provider where the model name does not. */
export function hostedRow(spec: Row & { readonly defaultBase: string }): ProviderSpec {
  return row({ hosts: [spec.defaultBase.replace(/^https?:\/\//, '')], ...spec });
}

/** These operations, at OpenAI's own paths. */
export function offers(...operations: readonly Operation[]): PathTable {
  return Object.fromEntries(operations.map((operation) => [operation, OPERATIONS[operation].path]));
}

/** Every operation: for servers of which nothing is known but that they speak the dialect. What they lack they say themselves. */
export const EVERYTHING: PathTable = offers(...OPERATION_NAMES);

/** OpenAI's own: everything but rerank, which it does not have. */
export const OPENAI_PATHS: PathTable = offers(...OPERATION_NAMES.filter((name) => name !== 'rerank'));

/** For providers that know `max_tokens` alone. The newer name wins where a call brings both. */
export const OLDER_MAX_TOKENS: ParameterTable = { chat: { renamed: [['max_completion_tokens', 'max_tokens']] } };

/** LiteLLM's own table of providers that need nothing but a base. */
export const LITELLM_PROVIDERS_JSON =
  'https://github.com/BerriAI/litellm/blob/main/litellm/llms/openai_like/providers.json';

/** LiteLLM's page of a provider. */
export function litellmPage(name: string): string {
  return `https://docs.litellm.ai/docs/providers/${name}`;
}

/** LiteLLM's rules for a provider, as its source has them. */
export function litellmSource(path: string): string {
  return `https://github.com/BerriAI/litellm/blob/main/litellm/llms/${path}`;
}
