import { addBit, and, membersOf, noBits, or, without, type Bits } from '../base/bits.ts';
import { groupPolicyOf, isFiltering } from './evaluate.ts';
import type { TagPolicy } from './facts.ts';
import type { CompiledGroup } from './group.ts';
import type { CompiledPolicy } from './policy.ts';
import type { RoutingTable } from './table.ts';

/** Ids of the deployments of a group that a principal can get to by any call it may make, in config order. */
export function reachableDeployments(group: string, policy: TagPolicy, table: RoutingTable): readonly string[] {
  const compiled = table.groups.get(group);
  if (compiled === undefined) return [];
  const pool = reachablePool(compiled, policy, table);
  return Array.from(membersOf(pool), (index) => compiled.deployments[index]?.id ?? '');
}

/** The union of the pools of every call: private deployments count where a policy tag or a tag that may be sent opens them. */
export function reachablePool(group: CompiledGroup, tagPolicy: TagPolicy, table: RoutingTable): Bits {
  const policy = table.policyOf(tagPolicy);
  if (!isFiltering(group, policy, table)) return without(group.all, group.privates);
  const { fenced, opened } = groupPolicyOf(group, policy, table);
  const openable = policy.grantsOpenPrivate ? or(opened, grantable(group, policy, table)) : opened;
  return without(fenced, without(group.privates, openable));
}

/** Private deployments with a tag that the caller may send and that is more than accounting. */
function grantable(group: CompiledGroup, policy: CompiledPolicy, table: RoutingTable): Bits {
  const bits = noBits(group.size);
  for (const index of membersOf(and(group.privates, group.tagged))) {
    const tags = group.deployments[index]?.tags ?? [];
    if (tags.some((tag) => !table.vocabulary.rulesFor(tag).accounting && policy.opensBy(tag))) addBit(bits, index);
  }
  return bits;
}
