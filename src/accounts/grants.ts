import { intersects } from '../core/base/bits.ts';
import { globCovered, globsOverlap, isGlob } from '../core/base/glob.ts';
import { reachableDeployments } from '../core/routing/reach.ts';
import { isFiltering } from '../core/routing/evaluate.ts';
import type { TagPolicy } from '../core/routing/facts.ts';
import type { CompiledPolicy } from '../core/routing/policy.ts';
import type { RoutingTable } from '../core/routing/table.ts';
import { parseTag } from '../core/routing/tag.ts';
import type { KeyContext, Limits } from './contract.ts';
import { momentAfter } from './duration.ts';
import { coversModels } from './model-access.ts';
import { accessOf, policyOf } from './principal-of.ts';

/** One way in which a key would be more than the one that makes or changes it. */
export interface ExcessiveGrant {
  /** The field to mend: `tags`, `models`, `max_budget` ... */
  readonly field: string;
  readonly message: string;
}

/**
 * A grant never exceeds its granter. Both sides are whole: a key with its team and project, as calls are bound by them.
 * Held at creation and at every update. Empty: nothing exceeds.
 */
export function excessiveGrants(granter: KeyContext, next: KeyContext, table: RoutingTable): readonly ExcessiveGrant[] {
  return [
    ...excessiveModels(granter, next),
    ...excessiveTags(policyOf(granter), policyOf(next), table),
    ...limitsOn(granter, next).flatMap((limits) => excessiveLimits(limits, next.key)),
    ...excessiveExpiry(granter, next),
    ...excessiveRoutes(granter.key.allowedRoutes, next.key.allowedRoutes),
    ...excessivePermissions(granter, next),
  ];
}

/**
 * The same for a change of a key that exists: what leaves the key within all that it was is anybody's right who may change it.
 * Held as a whole, not field by field: models that the key had and tags that the granter has may together be more than either.
 */
export function excessiveChange(
  granter: KeyContext,
  { was, next }: { readonly was: KeyContext; readonly next: KeyContext },
  table: RoutingTable,
): readonly ExcessiveGrant[] {
  return excessiveGrants(was, next, table).length === 0 ? [] : excessiveGrants(granter, next, table);
}

function excessiveModels(granter: KeyContext, next: KeyContext): ExcessiveGrant[] {
  if (coversModels(accessOf(granter), accessOf(next))) return [];
  const message = 'The models go beyond those of the key that asks. Name models that it may use itself.';
  return [{ field: 'models', message }];
}

/** Reach within reach over every group, and no caller tag that the granter may not send itself. */
export function excessiveTags(granter: TagPolicy, next: TagPolicy, table: RoutingTable): ExcessiveGrant[] {
  if (granter.master) return [];
  const found: ExcessiveGrant[] = [];
  for (const group of table.groups.keys()) {
    const within = new Set(reachableDeployments(group, granter, table));
    const all = reachableDeployments(group, next, table).every((id) => within.has(id));
    if (all && joinsAll(group, { granter, next }, table)) continue;
    const message = `With these tags the key would reach deployments of ${JSON.stringify(group)} that the key that asks does not reach. Give it tags that lead no further, or ask with a key of its team.`;
    found.push({ field: 'tags', message });
    break;
  }
  const foreign = foreignName(granter, next, table);
  if (foreign !== undefined) {
    const message = `The key that asks may not send the tag ${JSON.stringify(foreign)} itself, and so cannot give it to a key, which may always send its own.`;
    found.push({ field: 'tags', message });
  }
  if (!sendsWithin(granter, next, table)) {
    const message = 'The allowed tags go beyond those of the key that asks.';
    found.push({ field: 'allowed_tags', message });
  }
  return found;
}

/**
 * Under `tag_authority: union` plain policy tags take part in every match, so that a call may get to less than its pool. With all
 * of the granter's and more, a key asks for nothing that the granter could not ask for by sending the rest itself.
 */
function joinsAll(
  name: string,
  { granter, next }: { granter: TagPolicy; next: TagPolicy },
  table: RoutingTable,
): boolean {
  const group = table.groups.get(name);
  if (group === undefined || table.config.settings.authority !== 'union') return true;
  const [outer, inner] = [table.policyOf(granter), table.policyOf(next)];
  const joined = joinedNames(outer);
  if (joined.size === 0 || !isFiltering(group, outer, table)) return true;
  // Beside a constraint, tags that nobody carries take no part: a first constraint would let them fall out of the match.
  const loosened = hasConstraint(inner) && !hasConstraint(outer);
  if (loosened || !isFiltering(group, inner, table) || !joined.isSubsetOf(joinedNames(inner))) return false;
  // A private deployment that a policy tag opens is open to fail-open too, and one that a grant opens is not.
  const added = ownNames(next, table).difference(ownNames(granter, table));
  return ![...added].some((tag) => intersects(group.privates, group.carriers.carriersOf(tag).bits));
}

function hasConstraint({ tags }: CompiledPolicy): boolean {
  return tags.some((tag) => tag.kind !== 'plain' && !tag.accounting);
}

function joinedNames({ tags }: CompiledPolicy): ReadonlySet<string> {
  return new Set(tags.filter((tag) => tag.kind === 'plain' && !tag.accounting).map((tag) => tag.name));
}

/** A policy tag of `next` that `granter` may not send: whoever has a tag may send it, and what is spent counts for it. */
function foreignName(granter: TagPolicy, next: TagPolicy, table: RoutingTable): string | undefined {
  const policy = table.policyOf(granter);
  return [...ownNames(next, table)].find((name) => !policy.permits(name));
}

type Lists = readonly (readonly string[])[];

/** Every caller tag that `next` may send, `granter` may send too. */
function sendsWithin(granter: TagPolicy, next: TagPolicy, table: RoutingTable): boolean {
  const [outer, inner] = [listsOf(granter), listsOf(next)];
  const own = ownNames(granter, table);
  const restricted = table.config.settings.declared
    .filter((each) => each.restricted === true)
    .map((each) => each.pattern);
  const permitted = (entry: string): boolean => {
    if (!isGlob(entry) && own.has(entry)) return true;
    if (outer.length > 0) return outer.every((list) => globCovered(entry, [...list, ...own]));
    return !restricted.some((pattern) => globsOverlap(pattern, entry));
  };
  if (inner.length === 0) return outer.length === 0;
  return inner.some((list) => list.every(permitted));
}

function listsOf({ allowedTags, furtherAllowedTags = [] }: TagPolicy): Lists {
  return allowedTags === undefined ? furtherAllowedTags : [allowedTags, ...furtherAllowedTags];
}

/** Names of plain and required policy tags: whoever has them may send them. */
function ownNames(policy: TagPolicy, table: RoutingTable): ReadonlySet<string> {
  const { prefix } = table.config.settings;
  const tags = Object.values(policy.policyTags).flat();
  return new Set(tags.map((tag) => parseTag(tag, prefix)).flatMap((tag) => (tag.kind === 'exclude' ? [] : tag.name)));
}

const LIMITS: readonly (readonly [field: string, read: (limits: Limits) => number | null])[] = [
  ['max_budget', (limits) => limits.maxBudgetNano],
  ['tpm_limit', (limits) => limits.tpmLimit],
  ['rpm_limit', (limits) => limits.rpmLimit],
  ['max_parallel_requests', (limits) => limits.maxParallelRequests],
];

/** What limits the granter: its own, and those of a team or project that `next` would leave. */
function limitsOn(granter: KeyContext, next: KeyContext): readonly Limits[] {
  const { key, team, project } = granter;
  const left = [
    team === null || team.teamId === next.team?.teamId ? null : team,
    project === null || project.projectId === next.project?.projectId ? null : project,
  ];
  return [key, ...left.filter((scope) => scope !== null)];
}

function excessiveLimits(granter: Limits, next: Limits): ExcessiveGrant[] {
  const found = LIMITS.flatMap(([field, read]) => {
    const [most, wanted] = [read(granter), read(next)];
    if (most === null || (wanted !== null && wanted <= most)) return [];
    return [{ field, message: `${field} goes beyond that of the key that asks. Set one that is no larger.` }];
  });
  if (granter.maxBudgetNano === null || renewsWithin(granter.budgetDuration, next.budgetDuration)) return found;
  const message =
    'The budget would begin again more often than that of the key that asks. Set a longer budget_duration.';
  return [...found, { field: 'budget_duration', message }];
}

const [SHORTEST_MONTH, LONGEST_MONTH] = [Date.UTC(2023, 1, 1), Date.UTC(2023, 6, 1)];

/** Whether a budget begins again no more often. Null: never. Months are held at their shortest against their longest. */
function renewsWithin(granter: string | null, next: string | null): boolean {
  if (next === null || next === granter) return true;
  if (granter === null) return false;
  return lengthOf(next, SHORTEST_MONTH) >= lengthOf(granter, LONGEST_MONTH);
}

function lengthOf(duration: string, from: number): number {
  return (momentAfter(from, duration) ?? Infinity) - from;
}

function excessiveExpiry(granter: KeyContext, next: KeyContext): ExcessiveGrant[] {
  const { expiresAt } = granter.key;
  if (expiresAt === null || (next.key.expiresAt !== null && next.key.expiresAt <= expiresAt)) return [];
  return [{ field: 'duration', message: 'The key would outlive the key that asks. Set a shorter duration.' }];
}

/** Empty: all routes. An entry ending in `*` stands for everything below it. */
function excessiveRoutes(granter: readonly string[], next: readonly string[]): ExcessiveGrant[] {
  if (granter.length === 0) return [];
  if (next.length > 0 && next.every((route) => globCovered(route, granter))) return [];
  return [{ field: 'allowed_routes', message: 'The routes go beyond those of the key that asks.' }];
}

function excessivePermissions(granter: KeyContext, next: KeyContext): ExcessiveGrant[] {
  const held = new Map(Object.entries(granter.key.permissions).map(([name, value]) => [name, JSON.stringify(value)]));
  const within = Object.entries(next.key.permissions).every(
    ([name, value]) => held.get(name) === JSON.stringify(value),
  );
  return within ? [] : [{ field: 'permissions', message: 'The permissions go beyond those of the key that asks.' }];
}
