import type { Position, Problem } from '../core/base/problem.ts';
import type { FallbackSettings, GroupAlias, RoutingSettings } from '../core/routing/settings.ts';
import type { FieldPath } from '../core/wire/field-path.ts';

/** One entry of `model_list`, read. Nothing here is resolved against a provider yet. */
export interface DeploymentConfig {
  /** `model_name`. */
  readonly group: string;
  readonly id: string;
  /** False: derived, because `model_info.id` is absent. */
  readonly idGiven: boolean;
  /** `litellm_params.model` after environment variables. Empty when it could not be read. */
  readonly model: string;
  readonly customProvider?: string;
  readonly apiKey?: string;
  /** `azure_ad_token`: a bearer token in place of `api_key`. */
  readonly azureAdToken?: string;
  /** `api_base` (or `base_url`) as written, after environment variables. */
  readonly apiBase?: string;
  readonly apiVersion?: string;
  readonly organization?: string;
  readonly tags: readonly string[];
  readonly tagRegex: readonly string[];
  readonly weight?: number;
  readonly rpm?: number;
  readonly tpm?: number;
  readonly order?: number;
  readonly timeoutSeconds?: number;
  readonly streamTimeoutSeconds?: number;
  readonly maxRetries?: number;
  /** Names in lower case. */
  readonly extraHeaders: ReadonlyMap<string, string>;
  readonly mockResponse?: string;
  /** Request parameters that a call without them gets: name to JSON value. */
  readonly defaultParams: ReadonlyMap<string, unknown>;
  /** `drop_params`, `additional_drop_params`, `allowed_openai_params`; undefined: none of them is set. */
  readonly parameters?: ParameterSettings;
  readonly private: boolean;
  readonly allowFailOpen: boolean;
  readonly enableTagFiltering?: boolean;
  readonly mode?: string;
  readonly baseModel?: string;
  readonly accessGroups: readonly string[];
  /** `model_info` as written, without secrets. */
  readonly modelInfo: Readonly<Record<string, unknown>>;
  /** `litellm_params` as written, without secrets: what `/model/info` shows. */
  readonly publicParams: Readonly<Record<string, unknown>>;
  /** Why it cannot be built (a missing variable ...). It keeps its place in the table and is never available. */
  readonly unbuildable?: string;
  readonly at: Position;
}

/** What becomes of request parameters, by OpenAI's names. */
export interface ParameterSettings {
  /** What the provider does not support is left out rather than refused. */
  readonly dropParams: boolean;
  /** Always left out. */
  readonly dropped: readonly FieldPath[];
  /** Sent whatever is known of the provider. */
  readonly allowed: readonly string[];
}

/** `general_settings` and `litellm_settings`, as far as the gateway acts on them. */
export interface ServerSettings {
  readonly masterKey?: string;
  readonly permitWeakMasterKey: boolean;
  /** `litellm_key_header_name`, lower case. */
  readonly keyHeaderName?: string;
  readonly maxRequestBytes: number;
  /** 600 unless set. */
  readonly timeoutSeconds: number;
  readonly streamTimeoutSeconds: number;
  readonly databaseUrl?: string;
  readonly dropParams: boolean;
  readonly rejectClientTags: boolean;
  /** `user_api_key_cache_ttl`: seconds after which a key in use is read again; undefined: not set. */
  readonly keyRefreshSeconds?: number;
  /** `stale_key_seconds`: how long known keys go on without the database; undefined: not set. */
  readonly staleKeySeconds?: number;
}

/** A whole config, read from one file and what it includes. Immutable. */
export interface GatewayConfig {
  readonly files: readonly string[];
  /** First 12 hex digits of the SHA-256 of everything read, environment values included. */
  readonly version: string;
  readonly deployments: readonly DeploymentConfig[];
  readonly routing: RoutingSettings;
  readonly aliases: readonly GroupAlias[];
  readonly fallbacks: FallbackSettings;
  readonly numRetries?: number;
  readonly server: ServerSettings;
  /** `environment_variables`, resolved: they win over the process's own. Holds secrets. */
  readonly environment: ReadonlyMap<string, string>;
  /** Where things stand in the files, by the keys that `placeKey` makes: for findings about a whole config. */
  readonly places: ReadonlyMap<string, Place>;
}

/** Where something stands: its path inside the config, and its position in the file. */
export interface Place {
  readonly path: string;
  readonly at: Position;
}

/** What reading gave. `config` is undefined where there are problems that leave nothing to serve. */
export interface ConfigReading {
  readonly config?: GatewayConfig;
  readonly problems: readonly Problem[];
}

/** The outside world that reading needs. */
export interface ConfigSources {
  /** Throws an Error whose message says why (no such file ...). */
  readText(path: string): string;
  readonly env: Readonly<Record<string, string | undefined>>;
}
