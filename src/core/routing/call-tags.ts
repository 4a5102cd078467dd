import type { CallerTag } from './facts.ts';
import type { CompiledPolicy } from './policy.ts';
import { parseTag, type ParsedTag } from './tag.ts';
import type { Vocabulary } from './vocabulary.ts';

/** What becomes of a caller's tag before any group is looked at. */
export type TagRole = 'active' | 'accounting' | 'ignored' | 'dropped' | 'refused';

/** One caller tag, read and judged. */
export interface JudgedTag extends ParsedTag {
  readonly tag: CallerTag;
  readonly role: TagRole;
}

export interface TagJudge {
  readonly prefix: string;
  readonly vocabulary: Vocabulary;
  readonly policy: CompiledPolicy;
}

/**
 * Permission first, whether or not tags filter; then what takes part. With a prefix set, unprefixed tags are accounting only.
 * `!` needs no permission, and a lone marker is nothing.
 */
export function judgeTag(tag: CallerTag, { prefix, vocabulary, policy }: TagJudge): JudgedTag {
  const parsed = parseTag(tag.text, prefix);
  return { ...parsed, tag, role: roleOf(parsed, { prefix, vocabulary, policy }) };
}

function roleOf(tag: ParsedTag, { prefix, vocabulary, policy }: TagJudge): TagRole {
  if (tag.kind === 'ignored') return 'ignored';
  if (tag.kind !== 'exclude' && !policy.permits(tag.name)) return policy.ignoreUnpermitted ? 'dropped' : 'refused';
  if (prefix !== '' && !tag.prefixed) return 'accounting';
  return !vocabulary.empty && vocabulary.rulesFor(tag.name).accounting ? 'accounting' : 'active';
}
