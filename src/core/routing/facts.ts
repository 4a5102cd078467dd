/** The places a caller may put a tag. */
export type CallerTagSource = 'header' | 'body.tags' | 'body.metadata.tags' | 'body.litellm_metadata.tags';
/** The owners whose tags bind a call. */
export type PolicyScope = 'key' | 'team' | 'project';
export type TagSource = CallerTagSource | PolicyScope;

/** One caller tag, trimmed, with every place that brought it. */
export interface CallerTag {
  readonly text: string;
  readonly sources: readonly CallerTagSource[];
}

/**
 * What a principal may do with tags. Frozen; the same object is handed in for every call of a principal,
 * because compiled tables remember what they worked out for it by identity.
 */
export interface TagPolicy {
  /** The master key: may send any tag and reaches private deployments with them. */
  readonly master: boolean;
  readonly policyTags: Readonly<Partial<Record<PolicyScope, readonly string[]>>>;
  /** Names or patterns a caller may send; absent: no list. */
  readonly allowedTags?: readonly string[];
  /** Lists of other scopes (the team's beside the key's): a tag must be in each of them too. */
  readonly furtherAllowedTags?: readonly (readonly string[])[];
  readonly onUnpermittedTag: 'reject' | 'ignore';
  /** `router_settings.enable_tag_filtering: true` of the key or team. `false` changes nothing. */
  readonly enableTagFiltering: boolean;
}

/** The small immutable projection of a call that routing may look at. */
export interface Facts {
  /** The name the client asked for: a group, an alias, a deployment id, or a name that a wildcard group covers. */
  readonly model: string;
  /** What the client wrote, where its key gives `model` another name: messages quote this one. */
  readonly askedAs?: string;
  /** Id of the one deployment that can serve this call, because it holds what the call goes on from. Policy stays in force. */
  readonly pinned?: string;
  readonly tags: readonly CallerTag[];
  readonly userAgent?: string;
  readonly policy: TagPolicy;
}
