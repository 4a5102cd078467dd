import type { Operation } from './contract.ts';
import type { ParameterTable } from './parameters.ts';

/** Behind what each operation stands. */
export type PathTable = Readonly<Partial<Record<Operation, string>>>;

/**
 * How a credential is sent. `bearer`: `authorization: Bearer`. `azure`: `api-key`, or a bearer token.
 * `optional`: bearer where there is a key, nothing where there is none (servers of one's own).
 */
export type AuthStyle = 'bearer' | 'azure' | 'optional';

/** One provider that speaks OpenAI's dialect. Pure data. */
export interface ProviderSpec {
  /** The prefix of `litellm_params.model`. */
  readonly name: string;
  /** Where requests go without `api_base`; undefined: `api_base` is needed. */
  readonly defaultBase?: string;
  /** What `x-litellm-model-api-base` shows without `api_base`; `defaultBase` unless given. */
  readonly shownBase?: string;
  /** Variables that may hold the base, first found. */
  readonly baseEnv: readonly string[];
  /** Variables that may hold the credential, first found. */
  readonly keyEnv: readonly string[];
  readonly auth: AuthStyle;
  readonly organizationHeader?: string;
  /** Put between base and endpoint, less what the base ends with already: Ollama's base lacks the `/v1` of its OpenAI endpoint. */
  readonly pathPrefix?: string;
  /** Behind base and prefix. */
  readonly paths: PathTable;
  /** Behind the base alone: what the provider keeps outside of its OpenAI endpoint (Cohere's rerank). */
  readonly pathsBesidePrefix?: PathTable;
  /** What servers of one's own, reached by `api_base`, may have beyond the provider itself. */
  readonly pathsElsewhere?: PathTable;
  /** What becomes of request parameters that the provider does not take as OpenAI does. */
  readonly parameters?: ParameterTable;
  /** Where the chat API defines `metadata`. */
  readonly definesMetadata: boolean;
  /** `host` or `host/path` of bases that tell this provider when the model name does not. */
  readonly hosts: readonly string[];
  /**
   * Pages and packages that the row was checked against. None: not verified, it is what LiteLLM documents for the prefix. Of a
   * row that names pages of LiteLLM alone, no page of the provider was read.
   */
  readonly sources: readonly string[];
}

/** What a target is built from. A deployment of the config has all of it. */
export interface TargetInput {
  readonly model: string;
  readonly customProvider?: string;
  readonly apiKey?: string;
  readonly azureAdToken?: string;
  readonly apiBase?: string;
  readonly apiVersion?: string;
  readonly organization?: string;
  /** Names in lower case. */
  readonly extraHeaders?: ReadonlyMap<string, string>;
}

export type ProviderEnvironment = Readonly<Record<string, string | undefined>>;

/** The first of `names` that is set to something. */
export function firstSet(env: ProviderEnvironment, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = Object.hasOwn(env, name) ? env[name]?.trim() : undefined;
    if (value !== undefined && value !== '') return value;
  }
  return undefined;
}
