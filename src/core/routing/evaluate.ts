import { judgeTag, roleOf, type JudgedTag, type TagJudge } from './call-tags.ts';
import type { CallerTag, Facts } from './facts.ts';
import { eligibleFiltered, eligibleUnfiltered, type Eligibility, type Query, type QueryTag } from './eligible.ts';
import type { CompiledGroup } from './group.ts';
import { applyPolicy, type GroupPolicy } from './group-policy.ts';
import type { CompiledPolicy } from './policy.ts';
import type { Resolution, RoutingTable } from './table.ts';
import { parseTag } from './tag.ts';
import type { PatternHits } from './user-agent.ts';

/** A call held against the table: what its tags are, and who may serve it by configuration. */
export interface Evaluation {
  readonly resolution: Resolution;
  readonly policy: CompiledPolicy;
  /** Tags that the caller may not send, where that refuses the call. */
  readonly refusedTags: readonly string[];
  /** Undefined where a tag was refused: permission comes first. */
  readonly eligibility: Eligibility | undefined;
}

/** True when tags filter for this policy in this group. */
export function isFiltering(group: CompiledGroup, policy: CompiledPolicy, table: RoutingTable): boolean {
  return policy.enableTagFiltering || (group.filteringFlag ?? table.config.settings.enableTagFiltering);
}

/** What a policy leaves open of a group; remembered per pair, bounded per group. */
export function groupPolicyOf(group: CompiledGroup, policy: CompiledPolicy, table: RoutingTable): GroupPolicy {
  let applied = group.policies.get(policy.id);
  if (applied === undefined) {
    group.policies.set(policy.id, (applied = applyPolicy(group, policy, table.config.settings)));
  }
  return applied;
}

export function evaluate(facts: Facts, resolution: Resolution, table: RoutingTable): Evaluation {
  const policy = table.policyOf(facts.policy);
  const { group } = resolution;
  const collected = collect(facts, group, judgeOf(policy, table));
  const eligibility =
    collected.refused.length > 0 ? undefined : eligibilityOf(facts, collected, { resolution, policy, table });
  return { resolution, policy, refusedTags: collected.refused, eligibility };
}

interface PolicyInTable {
  readonly resolution: Resolution;
  readonly policy: CompiledPolicy;
  readonly table: RoutingTable;
}

/** By configuration alone, remembered: calls whose tags have the same carriers get the same object. */
function eligibilityOf(facts: Facts, collected: Collected, { resolution, policy, table }: PolicyInTable): Eligibility {
  const { group } = resolution;
  if (!isFiltering(group, policy, table)) return remember(group, 'off', () => eligibleUnfiltered(group));
  const groupPolicy = groupPolicyOf(group, policy, table);
  const hits = group.userAgents.hits(facts.userAgent);
  const byId = resolution.deployment !== undefined;
  const key = `${policy.id}|${hits.id}${byId ? 'i' : ''}${memoKey(collected, groupPolicy.binds)}`;
  return remember(group, key, () => {
    const query = queryOf(collected, { hits, byId, policy });
    return eligibleFiltered({ group, policy: groupPolicy, matchAny: table.config.settings.matchAny, query });
  });
}

function remember(group: CompiledGroup, key: string, compute: () => Eligibility): Eligibility {
  let known = group.memo.get(key);
  if (known === undefined) group.memo.set(key, (known = compute()));
  return known;
}

/** The caller's tags that take part, by kind, as numbers: a carrier set's id, negative when sent with the prefix. */
interface Collected {
  readonly plain: QueryTag[];
  readonly required: QueryTag[];
  readonly excluded: QueryTag[];
  readonly refused: string[];
}

function collect(facts: Facts, group: CompiledGroup, judge: TagJudge): Collected {
  if (facts.tags.length === 0) return NOTHING;
  const collected: Collected = { plain: [], required: [], excluded: [], refused: [] };
  for (const { text } of facts.tags) {
    const parsed = parseTag(text, judge.prefix);
    const role = roleOf(parsed, judge);
    if (role === 'refused') collected.refused.push(text);
    if (role !== 'active') continue;
    const carriers = group.carriers.carriersOf(parsed.name);
    const { prefixed, kind } = parsed;
    if (kind === 'plain') collected.plain.push({ carriers, prefixed });
    else if (kind === 'require') collected.required.push({ carriers, prefixed });
    // Excluding what nobody carries changes nothing.
    else if (carriers.id !== 0) collected.excluded.push({ carriers, prefixed });
  }
  return collected;
}

const NOTHING: Collected = { plain: [], required: [], excluded: [], refused: [] };

export function judge(tag: CallerTag, policy: CompiledPolicy, table: RoutingTable): JudgedTag {
  return judgeTag(tag, judgeOf(policy, table));
}

function judgeOf(policy: CompiledPolicy, table: RoutingTable): TagJudge {
  return { prefix: table.config.settings.prefix, vocabulary: table.vocabulary, policy };
}

function queryOf(collected: Collected, context: { hits: PatternHits; byId: boolean; policy: CompiledPolicy }): Query {
  const { plain, required, excluded } = collected;
  const { hits, byId, policy } = context;
  return { plain, required, excluded, hits, byId, grantsOpenPrivate: policy.grantsOpenPrivate };
}

/**
 * Names the question by what can change its answer: carrier sets, not texts. Unknown tags collapse into one mark, so that
 * invented tags cannot fill the memo; where they take no part they leave no mark at all.
 */
function memoKey({ plain, required, excluded }: Collected, unknownPlainTakesNoPart: boolean): string {
  if (plain.length + required.length + excluded.length === 0) return '';
  const taking = unknownPlainTakesNoPart ? plain.filter((tag) => tag.prefixed || tag.carriers.id !== 0) : plain;
  return `p${idsOf(taking)}r${idsOf(required)}x${idsOf(excluded)}`;
}

function idsOf(tags: readonly QueryTag[]): string {
  if (tags.length === 0) return '';
  if (tags.length === 1) return mark(tags[0]);
  if (tags.length === 2) return idsOfTwo(mark(tags[0]), mark(tags[1]));
  return [...new Set(tags.map(mark))].sort().join();
}

/** The common case, without a set and a sort. */
function idsOfTwo(a: string, b: string): string {
  if (a === b) return a;
  return a < b ? `${a},${b}` : `${b},${a}`;
}

function mark(tag: QueryTag | undefined): string {
  if (tag === undefined) return '';
  return tag.prefixed ? `${tag.carriers.id}'` : String(tag.carriers.id);
}
