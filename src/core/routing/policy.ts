import { compileGlob, globsOverlap, isGlob, type Glob } from '../base/glob.ts';
import type { PolicyScope, TagPolicy } from './facts.ts';
import { DEFAULT_TAG, parseTag, trimTag, type ParsedTag } from './tag.ts';
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
  const allowed = compileAllowed(allowedLists(policy), context.vocabulary);
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
    allowedLists(policy),
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

function allowedLists({ allowedTags, furtherAllowedTags = [] }: TagPolicy): readonly (readonly string[])[] {
  return allowedTags === undefined ? furtherAllowedTags : [allowedTags, ...furtherAllowedTags];
}

/** A tag must be in every list. Undefined: there is no list. */
function compileAllowed(lists: readonly (readonly string[])[], vocabulary: Vocabulary): AllowedTags | undefined {
  if (lists.length === 0) return undefined;
  const compiled = lists.map(compileList);
  const has = (name: string): boolean => compiled.every((list) => list(name));
  // A deployment's wildcard stands for every tag but `default`, and an accounting tag opens nothing.
  const opens = (entry: string): boolean =>
    isGlob(entry) || (entry !== DEFAULT_TAG && !vocabulary.rulesFor(entry).accounting);
  const opening = lists.map((list) => list.filter(opens));
  return { has, overlaps: (pattern) => (isGlob(pattern) ? oneOfEach(opening, [pattern]) : has(pattern)) };
}

/** True when one entry of every list and all of `chosen` cover a common text. */
function oneOfEach(lists: readonly (readonly string[])[], chosen: readonly string[]): boolean {
  const [first, ...rest] = lists;
  if (first === undefined) return true;
  return first.some((entry) => globsOverlap(entry, ...chosen) && oneOfEach(rest, [entry, ...chosen]));
}

function compileList(allowed: readonly string[]): (name: string) => boolean {
  const names = new Set<string>();
  const patterns: Glob[] = [];
  for (const entry of allowed) {
    if (isGlob(entry)) patterns.push(compileGlob(entry));
    else names.add(entry);
  }
  return (name) => names.has(name) || patterns.some((pattern) => pattern.matches(name));
}
