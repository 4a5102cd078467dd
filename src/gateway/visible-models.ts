import { groupIsOpen } from '../accounts/reach-report.ts';
import { withoutCallerTags } from '../accounts/principal-of.ts';
import type { Principal } from '../accounts/principal.ts';
import type { DeploymentConfig } from '../config/contract.ts';
import { isGlob } from '../core/base/glob.ts';
import type { TagPolicy } from '../core/routing/facts.ts';
import { reachableDeployments } from '../core/routing/reach.ts';
import type { Snapshot } from './snapshot.ts';

/** A model as its caller sees it: those of its deployments that lie within reach. */
export interface VisibleModel {
  readonly name: string;
  readonly group: string;
  readonly deployments: readonly DeploymentConfig[];
}

/**
 * What a principal can get to by any call it may make, in config order: its models and its fence both count. Groups first,
 * then aliases that are not hidden, then names of a wildcard group that the key's own lists spell out.
 */
export function visibleModels(principal: Principal, snapshot: Snapshot): readonly VisibleModel[] {
  const deployments = visibleDeployments(principal, snapshot);
  const groups = Map.groupBy(deployments, (one) => one.group);
  const { config, table } = snapshot;
  const permitted = permission(principal, snapshot);
  const listed = [
    ...Array.from(groups.keys(), (group) => ({ name: group, group })),
    ...config.aliases.filter((alias) => !alias.hidden).map(({ name, group }) => ({ name, group })),
    ...(principal.account?.models.lists.flat() ?? []).flatMap((name) => {
      const resolution = isGlob(name) ? undefined : table.resolve(name);
      return resolution?.captured === undefined ? [] : [{ name, group: resolution.group.name }];
    }),
  ];
  const byName = new Map<string, VisibleModel>();
  for (const { name, group } of listed) {
    const behind = groups.get(group);
    if (behind !== undefined && !byName.has(name) && permitted(name, group)) {
      byName.set(name, { name, group, deployments: behind });
    }
  }
  return [...byName.values()];
}

export function modelNames(principal: Principal, snapshot: Snapshot): readonly string[] {
  return visibleModels(principal, snapshot).map((one) => one.name);
}

/** The deployments within reach, in config order. */
export function visibleDeployments(principal: Principal, snapshot: Snapshot): readonly DeploymentConfig[] {
  const { table, config, accessGroups } = snapshot;
  const access = principal.account?.models;
  const reach = new Set<string>();
  const policy = reachPolicy(principal, snapshot);
  for (const name of table.groups.keys()) {
    if (access !== undefined && !groupIsOpen(name, { access, accessGroups }, table)) continue;
    for (const id of reachableDeployments(name, policy, table)) reach.add(id);
  }
  return config.deployments.filter((one) => reach.has(one.id));
}

/** The policy that bounds what a key can get to: where callers may send no tags, no grant of a tag opens anything. */
export function reachPolicy({ policy }: Principal, { config }: Snapshot): TagPolicy {
  if (policy.master || !config.server.rejectClientTags) return policy;
  return withoutCallerTags(policy);
}

/** Whether the lists of models let a call by this name into this group. */
function permission({ account }: Principal, { accessGroups }: Snapshot): (name: string, group: string) => boolean {
  if (account === undefined) return () => true;
  return (requested, group) => account.models.allows({ requested, group }, accessGroups);
}
