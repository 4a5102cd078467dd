import type { JudgedTag } from './call-tags.ts';
import type { Explanation, TagEffect } from './decision.ts';
import { groupPolicyOf, isFiltering, judge, type Evaluation } from './evaluate.ts';
import type { Facts, TagSource } from './facts.ts';
import type { CompiledPolicy, PolicyTag } from './policy.ts';
import type { RoutingTable } from './table.ts';
import type { TagKind } from './tag.ts';

type ExplainedTag = Explanation['tags'][number];

interface TagContext {
  readonly evaluation: Evaluation;
  readonly table: RoutingTable;
}

/** Every tag of a call, the caller's and the policy's, in the order in which they merge, with what it did. */
export function explainTags(facts: Facts, context: TagContext): readonly ExplainedTag[] {
  const merged = new Map<string, { tag: string; sources: TagSource[]; kind: TagKind; effect: TagEffect }>();
  const { policy } = context.evaluation;
  for (const tag of facts.tags) {
    const judged = judge(tag, policy, context.table);
    const effect = callerEffect(judged, context);
    merged.set(tag.text, { tag: tag.text, sources: [...tag.sources], kind: judged.kind, effect });
  }
  for (const tag of policy.tags) {
    const effect = policyEffect(tag, context);
    const known = merged.get(tag.text);
    if (known === undefined) merged.set(tag.text, { tag: tag.text, sources: [tag.scope], kind: tag.kind, effect });
    else {
      if (!known.sources.includes(tag.scope)) known.sources.push(tag.scope);
      // What binds says more than what merely repeats it.
      known.effect = effect;
    }
  }
  return [...merged.values()];
}

function callerEffect(judged: JudgedTag, { evaluation, table }: TagContext): TagEffect {
  const { group } = evaluation.resolution;
  if (judged.role === 'ignored') return 'ignored';
  if (judged.role === 'refused' || judged.role === 'dropped') return 'not_permitted';
  if (judged.role === 'accounting' || !isFiltering(group, evaluation.policy, table)) return 'accounting';
  if (judged.kind === 'exclude') return 'excludes';
  if (judged.kind === 'require') return 'requires';
  const unknown = group.carriers.carriersOf(judged.name).id === 0;
  if (!judged.prefixed && (!group.steered || (unknown && binds(evaluation, table)))) return 'accounting';
  return unknown ? 'unknown' : 'matches';
}

function policyEffect(tag: PolicyTag, { evaluation, table }: TagContext): TagEffect {
  const { group } = evaluation.resolution;
  if (tag.accounting || !isFiltering(group, evaluation.policy, table)) return 'accounting';
  if (tag.kind === 'exclude') return 'excludes';
  if (tag.kind === 'require') return 'requires';
  if (!group.steered) return 'accounting';
  if (table.config.settings.authority === 'union') return 'matches';
  const carried = (each: PolicyTag): boolean => group.carriers.carriersOf(each.name).id !== 0;
  const scope = fencingTags(evaluation.policy).filter((each) => each.scope === tag.scope);
  return carried(tag) || scope.some(carried) || !fencingTags(evaluation.policy).some(carried) ? 'fences' : 'accounting';
}

function fencingTags(policy: CompiledPolicy): readonly PolicyTag[] {
  return policy.tags.filter((tag) => tag.kind === 'plain' && !tag.accounting);
}

function binds({ resolution, policy }: Evaluation, table: RoutingTable): boolean {
  return groupPolicyOf(resolution.group, policy, table).binds;
}
