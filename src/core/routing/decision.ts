import type { ErrorCode } from '../errors/catalogue.ts';
import type { TagSource } from './facts.ts';

/** Send the call to this deployment. */
export interface SendDecision {
  readonly kind: 'send';
  readonly deploymentId: string;
  /** The configured group that serves (aliases and wildcards resolved). */
  readonly group: string;
  /** What `*` stood for, where a wildcard group serves; fills the `*` of the deployment's upstream model. */
  readonly captured?: readonly string[];
  readonly failedOpen: boolean;
}

/** Refuse the call. */
export interface RefuseDecision {
  readonly kind: 'refuse';
  readonly code: Extract<
    ErrorCode,
    'tag_not_permitted' | 'no_deployment_for_tags' | 'fenced_out' | 'model_not_found' | 'deployments_unavailable'
  >;
  /** For the caller: names nothing outside the caller's reach. */
  readonly message: string;
  readonly param: 'model' | 'tags';
  /** For the caller: `{nearest: [...]}` within reach. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly retryAfterSeconds?: number;
  readonly group?: string;
}

export type Decision = SendDecision | RefuseDecision;

/** One reason why a deployment was kept or dropped. */
export interface Reason {
  readonly code: string;
  readonly text: string;
}

/** What a tag did: took part in the match, constrained, was accounting only, was dropped as not permitted ... */
export type TagEffect =
  | 'matches'
  | 'fences'
  | 'requires'
  | 'excludes'
  | 'accounting'
  | 'unknown'
  | 'ignored'
  | 'not_permitted';

/** The answer of `POST /route/explain` and of `explain --json`: a stable wire shape (see the tag routing reference). */
export interface Explanation {
  readonly decision: 'send' | 'refuse';
  readonly status: number;
  readonly code: string | null;
  readonly message: string | null;
  readonly model: string;
  readonly group: string | null;
  readonly filtering: boolean;
  readonly eligible: readonly string[];
  readonly available: readonly string[];
  readonly order: readonly string[];
  readonly failed_open: boolean;
  readonly tags: readonly {
    readonly tag: string;
    readonly sources: readonly TagSource[];
    readonly kind: 'plain' | 'require' | 'exclude' | 'ignored';
    readonly effect: TagEffect;
  }[];
  readonly deployments: readonly {
    readonly id: string;
    readonly kept: boolean;
    readonly reasons: readonly Reason[];
  }[];
  readonly fallbacks: readonly {
    readonly kind: 'general' | 'context_window' | 'content_policy';
    readonly groups: readonly string[];
  }[];
  readonly nearest: readonly string[];
  readonly retry_after: number | null;
  readonly config_version: string;
}

/** The part of an explanation that says nothing: a call that was refused before any group was looked at. */
export const NOTHING_LOOKED_AT = {
  group: null,
  filtering: false,
  eligible: [],
  available: [],
  order: [],
  failed_open: false,
  tags: [],
  deployments: [],
  fallbacks: [],
} as const satisfies Partial<Explanation>;
