/** Where something stands in a config file. Lines and columns start at 1. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export type Severity = 'error' | 'warning' | 'note';

/** One finding about a config: what is wrong, where, and what to write instead. */
export interface Problem {
  /** Stable, lower-case and hyphenated: `unknown-key`, `missing-environment-variable`. */
  readonly code: string;
  readonly severity: Severity;
  /** One sentence. Never holds a secret. */
  readonly message: string;
  /** How to mend it. */
  readonly hint?: string;
  /** Path inside the config: `model_list[2].litellm_params.tags`. */
  readonly path?: string;
  readonly at?: Position;
}
