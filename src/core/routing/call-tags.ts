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

/** One tag with what becomes of it, for explanations. */
export function judgeTag(tag: CallerTag, judge: TagJudge): JudgedTag {
  const parsed = parseTag(tag.text, judge.prefix);
  return { ...parsed, tag, role: roleOf(parsed, judge) };
}

/**
 * Permission first, whether or not tags filter; then what takes part. With a prefix set, unprefixed tags are accounting only.
 * `!` needs no permission, and a lone marker is nothing.
 */
export function roleOf(tag: ParsedTag, judge: TagJudge): TagRole {
  if (tag.kind === 'ignored') return 'ignored';
  if (tag.kind !== 'exclude' && !judge.policy.permits(tag.name)) {
    return judge.policy.ignoreUnpermitted ? 'dropped' : 'refused';
  }
  if (judge.prefix !== '' && !tag.prefixed) return 'accounting';
  return !judge.vocabulary.empty && judge.vocabulary.rulesFor(tag.name).accounting ? 'accounting' : 'active';
}
