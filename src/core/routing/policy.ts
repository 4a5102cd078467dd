import { compileGlob, globsOverlap, isGlob, type Glob } from '../base/glob.ts';
import type { PolicyScope, TagPolicy } from './facts.ts';
import { parseTag, trimTag, type ParsedTag } from './tag.ts';
import type { Vocabulary } from './vocabulary.ts';

/** One policy tag with the scope that brought it. */
export interface PolicyTag extends ParsedTag {
  readonly scope: PolicyScope;
  readonly text: string;
  /** Declared `routing: false`: binds nothing. */
  readonly accounting: boolean;
}

/** A principal's tag policy against one table: names only, no group yet. */
export interface CompiledPolicy {
  /** Stands for the policy in memo keys: equal policies share one. */
  readonly id: number;
  readonly master: boolean;
  readonly tags: readonly PolicyTag[];
  readonly ignoreUnpermitted: boolean;
  readonly enableTagFiltering: boolean;
  /** True when a permitted caller tag opens private deployments: the master key's, or one granted by `allowed_tags`. */
  readonly grantsOpenPrivate: boolean;
  /** Whether the caller may send a plain or required tag of this name. */
  permits(name: string): boolean;
  /** Whether a caller tag that `pattern` (a deployment's tag, perhaps a wildcard) covers may open a private deployment. */
  opensBy(pattern: string): boolean;
}

const SCOPES: readonly PolicyScope[] = ['key', 'team', 'project'];

export interface PolicyContext {
  readonly prefix: string;
  readonly vocabulary: Vocabulary;
}

export function compilePolicy(id: number, policy: TagPolicy, context: PolicyContext): CompiledPolicy {
  const tags = SCOPES.flatMap((scope) => readScope(scope, policy, context));
  const own = new Set(tags.filter((tag) => tag.kind !== 'exclude').map((tag) => tag.name));
  const allowed = policy.allowedTags === undefined ? undefined : compileAllowed(policy.allowedTags, context.vocabulary);
  const permits = (name: string): boolean => {
    if (policy.master || own.has(name)) return true;
    if (allowed !== undefined) return allowed.has(name);
    return !context.vocabulary.rulesFor(name).restricted;
  };
  return {
    id,
    master: policy.master,
    tags,
    ignoreUnpermitted: policy.onUnpermittedTag === 'ignore',
    enableTagFiltering: policy.enableTagFiltering,
    grantsOpenPrivate: policy.master || allowed !== undefined,
    permits,
    opensBy: (pattern) => policy.master || (allowed !== undefined && allowed.overlaps(pattern)),
  };
}

/** Content of a policy as one text: equal texts, equal policies. */
export function policyKey(policy: TagPolicy): string {
  const { policyTags } = policy;
  return JSON.stringify([
    policy.master,
    SCOPES.map((scope) => policyTags[scope] ?? []),
    policy.allowedTags ?? null,
    policy.onUnpermittedTag,
    policy.enableTagFiltering,
  ]);
}

/** Prefixed or not, a policy tag is the same tag. Empty texts and lone markers bind nothing; saving refuses them. */
function readScope(scope: PolicyScope, policy: TagPolicy, { prefix, vocabulary }: PolicyContext): PolicyTag[] {
  const read: PolicyTag[] = [];
  for (const sent of policy.policyTags[scope] ?? []) {
    const text = trimTag(sent);
    if (text === '' || text === prefix) continue;
    const tag = parseTag(text, prefix);
    if (tag.kind === 'ignored') continue;
    read.push({ ...tag, scope, text, accounting: vocabulary.rulesFor(tag.name).accounting });
  }
  return read;
}

interface AllowedTags {
  has(name: string): boolean;
  /** Whether a name of the list, or one that a pattern of the list covers, is covered by `pattern` too. */
  overlaps(pattern: string): boolean;
}

function compileAllowed(allowed: readonly string[], vocabulary: Vocabulary): AllowedTags {
  const names = new Set<string>();
  const patterns: Glob[] = [];
  for (const entry of allowed) {
    if (isGlob(entry)) patterns.push(compileGlob(entry));
    else names.add(entry);
  }
  const has = (name: string): boolean => names.has(name) || patterns.some((pattern) => pattern.matches(name));
  // A deployment's wildcard stands for every tag but `default`, and an accounting tag opens nothing.
  const opening = allowed.filter(
    (entry) => isGlob(entry) || (entry !== 'default' && !vocabulary.rulesFor(entry).accounting),
  );
  const overlaps = (pattern: string): boolean =>
    isGlob(pattern) ? opening.some((entry) => globsOverlap(entry, pattern)) : has(pattern);
  return { has, overlaps };
}
