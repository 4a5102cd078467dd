import { globsOverlap, isGlob } from '../core/base/glob.ts';
import { explain } from '../core/routing/explain.ts';
import type { TagPolicy } from '../core/routing/facts.ts';
import { ALL_AVAILABLE } from '../core/routing/health.ts';
import { reachableDeployments } from '../core/routing/reach.ts';
import type { RoutingTable } from '../core/routing/table.ts';
import { NOTHING, type AccessGroups, type ModelAccess } from './model-access.ts';

/** Why a deployment cannot be reached; the codes are those of explanations, and two of this report's own. */
export interface ReachReason {
  readonly code: string;
  readonly text: string;
}

/** Snake case: this is the wire shape of `/key/reach` and `/team/reach`. */
export interface ReachReport {
  readonly groups: readonly GroupReach[];
  readonly config_version: string;
}

export interface GroupReach {
  readonly group: string;
  /** True when some call to the group can be served. */
  readonly reachable: boolean;
  readonly deployments: readonly DeploymentReach[];
}

export interface DeploymentReach {
  readonly id: string;
  readonly reachable: boolean;
  /** Why not, or under which condition; empty where there is none. */
  readonly reasons: readonly ReachReason[];
}

export interface ReachQuestion {
  readonly policy: TagPolicy;
  readonly access: ModelAccess;
  readonly accessGroups: AccessGroups;
  /** False: only what can be reached is named, and nothing is said of the rest. */
  readonly everything: boolean;
}

/** What a principal can get to by any call it may make, group by group, by configuration: health is not looked at. */
export function reachReport(question: ReachQuestion, table: RoutingTable): ReachReport {
  const groups = [...table.groups.keys()].map((group) => reachOfGroup(group, question, table));
  const shown = question.everything ? groups : groups.filter((group) => group.reachable).map(withoutUnreachable);
  return { groups: shown, config_version: table.config.version };
}

function withoutUnreachable(group: GroupReach): GroupReach {
  return { ...group, deployments: group.deployments.filter((each) => each.reachable) };
}

function reachOfGroup(name: string, question: ReachQuestion, table: RoutingTable): GroupReach {
  const deployments = groupIsOpen(name, question, table)
    ? deploymentsOf(name, question, table)
    : closedDeployments(name, table);
  return { group: name, reachable: deployments.some((each) => each.reachable), deployments };
}

function closedDeployments(name: string, table: RoutingTable): readonly DeploymentReach[] {
  const text = 'the group is not among the models of the key, its team, project or user';
  const reasons = [{ code: 'model_not_permitted', text }];
  return (table.groups.get(name)?.deployments ?? []).map(({ id }) => ({ id, reachable: false, reasons }));
}

function deploymentsOf(name: string, { policy }: ReachQuestion, table: RoutingTable): readonly DeploymentReach[] {
  const reach = new Set(reachableDeployments(name, policy, table));
  const facts = { model: name, tags: [], policy };
  const untagged = explain(facts, table, { view: ALL_AVAILABLE, random: () => 0 });
  const told = untagged.group === name ? untagged.deployments : [];
  return (table.groups.get(name)?.deployments ?? []).map(({ id, private: isPrivate }, index) => {
    const reasons = told[index]?.reasons ?? [];
    const closing = reasons.filter((each) => POLICY_CODES.has(each.code));
    if (!reach.has(id)) return { id, reachable: false, reasons: closedReasons(closing, untagged.filtering) };
    const byTag = isPrivate && closing.length > 0;
    return { id, reachable: true, reasons: byTag ? [BY_GRANTED_TAG] : [] };
  });
}

/** Reasons that no caller tag changes. */
const POLICY_CODES: ReadonlySet<string> = new Set([
  'excluded_by_policy',
  'lacks_required_by_policy',
  'outside_fence',
  'private',
]);

const BY_GRANTED_TAG: ReachReason = {
  code: 'private',
  text: 'is private: only a call with a tag of its own, which the key may send, reaches it',
};

function closedReasons(found: readonly ReachReason[], filtering: boolean): readonly ReachReason[] {
  if (!filtering)
    return [{ code: 'private', text: 'is private, and tags do not filter in this group: nobody reaches it' }];
  return found.length > 0 ? found : [{ code: 'not_in_reach', text: 'no call that the key may make reaches it' }];
}

/** Whether the lists of models let a call into the group: under its own name, an alias of it, or a name that its wildcard covers. */
export function groupIsOpen(
  group: string,
  { access, accessGroups }: Pick<ReachQuestion, 'access' | 'accessGroups'>,
  table: RoutingTable,
): boolean {
  const names = [group, ...[...table.aliases.values()].filter((each) => each.group === group).map((each) => each.name)];
  if (names.some((requested) => access.allows({ requested, group }, accessGroups))) return true;
  return isGlob(group) && commonName([group], { access, accessGroups, group });
}

/** True when some name that a wildcard group covers is in every list. */
function commonName(
  chosen: readonly string[],
  context: { access: ModelAccess; accessGroups: AccessGroups; group: string },
): boolean {
  const { access, accessGroups, group } = context;
  const list = access.lists[chosen.length - 1];
  if (list === undefined) return true;
  return list.some((entry) => {
    if (entry === NOTHING) return false;
    // A list that names the group itself, or an access group of it, takes every name that the group covers.
    const pattern = entry === group || accessGroups.get(entry)?.has(group) === true ? group : entry;
    return globsOverlap(...chosen, pattern) && commonName([...chosen, pattern], context);
  });
}
