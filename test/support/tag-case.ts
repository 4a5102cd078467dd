import { readFileSync } from 'node:fs';

/** One case of the table of tag cases, as test/conformance/README.md explains it, and a few things that only generated cases use. */
export interface TagCase {
  readonly n?: number;
  readonly section?: string;
  readonly deployments: readonly CaseDeployment[];
  readonly request: CaseRequest;
  readonly router: CaseRouter;
  readonly tags_declared?: Readonly<Record<string, CaseDeclaration>>;
  readonly litellm?: { readonly eligible?: readonly string[]; readonly status?: number };
  readonly waymark?: CaseAnswer;
  readonly why?: string;
  readonly differs?: string;
}

export interface CaseDeployment {
  readonly id: string;
  readonly tags?: readonly string[];
  readonly tag_regex?: readonly string[];
  readonly private?: boolean;
  readonly allow_fail_open?: boolean;
  readonly enable_tag_filtering?: boolean;
  /** State, not configuration: it cannot serve now. */
  readonly cooled_down?: boolean;
}

export type CaseScope = 'key' | 'team' | 'project';

export interface CaseRequest {
  /** The body's `tags`, any shape. */
  readonly tags?: unknown;
  /** `x-litellm-tags`. Generated cases only, as the two fields below. */
  readonly header?: string;
  readonly metadata_tags?: unknown;
  readonly litellm_metadata_tags?: unknown;
  readonly user_agent?: string;
  readonly policy_tags?: Readonly<Partial<Record<CaseScope, readonly string[]>>>;
  readonly virtual_key?: boolean;
  readonly allowed_tags?: readonly string[];
  readonly on_unpermitted_tag?: 'reject' | 'ignore';
  readonly enable_tag_filtering?: boolean;
  /** How the call names the group; a deployment's id where `deployment_id` says which. Generated cases only. */
  readonly call_by?: 'group' | 'alias' | 'wildcard';
  readonly deployment_id?: string;
}

export interface CaseRouter {
  readonly enable_tag_filtering?: boolean | null;
  readonly tag_filtering_match_any?: boolean;
  readonly tag_routing_prefix?: string;
  readonly tag_authority?: 'fence' | 'union';
}

export interface CaseDeclaration {
  readonly routing?: boolean;
  readonly restricted?: boolean;
}

/** What must come out: deployments in no particular order, or a refusal, or a config that does not load. */
export interface CaseAnswer {
  readonly eligible?: readonly string[];
  readonly available?: readonly string[];
  readonly failed_open?: boolean;
  readonly status?: number;
  readonly code?: string;
  readonly config_error?: string;
}

/** Every case of the table. */
export function readTable(): TagCase[] {
  return JSON.parse(readFileSync(new URL('../conformance/tag-routing.json', import.meta.url), 'utf8')) as TagCase[];
}

/** An answer in one spelling: sets sorted, `failed_open` always there where the call is served. */
export function normalAnswer(answer: CaseAnswer): CaseAnswer {
  const sorted = (ids: readonly string[] | undefined) => [...(ids ?? [])].sort();
  if (answer.config_error !== undefined) return { config_error: answer.config_error };
  if (answer.code !== undefined) {
    const refused = { status: answer.status ?? 0, code: answer.code };
    return answer.eligible === undefined ? refused : { ...refused, eligible: sorted(answer.eligible) };
  }
  return {
    eligible: sorted(answer.eligible),
    available: sorted(answer.available),
    failed_open: answer.failed_open === true,
  };
}

/** A copy without some fields. */
export function without<T extends object, K extends keyof T>(record: T, ...fields: readonly K[]): Omit<T, K> {
  return Object.fromEntries(Object.entries(record).filter(([field]) => !fields.includes(field as K))) as Omit<T, K>;
}
