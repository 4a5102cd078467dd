import { membersOf, type Bits } from '../base/bits.ts';
import type { Random } from '../base/random.ts';
import type { HealthView } from './health.ts';
import type { RoutingDeployment } from './settings.ts';

/** Deployments of one `order` level, ready for weighted draws. */
interface Tier {
  /** Indexes in the group. */
  readonly members: Int32Array;
  readonly weights: Float64Array;
  /** Running sums of `weights`; undefined: all weigh the same. */
  readonly cumulative: Float64Array | undefined;
}

/** Candidates by `order` level, lowest first; deployments without an order come last. */
export interface Choice {
  readonly tiers: readonly Tier[];
}

/**
 * Weighted shuffle: by `weight` where any candidate sets one (the others count 1), else by `rpm`, else by `tpm` (the others
 * count as the smallest that is set), else evenly. Weights that are all 0 count as none.
 */
export function prepareChoice(candidates: Bits, deployments: readonly RoutingDeployment[]): Choice {
  const members = Array.from(membersOf(candidates));
  const weigh = weigherOf(members.flatMap((index) => deployments[index] ?? []));
  const levels = new Map<number, number[]>();
  for (const index of members) {
    const level = deployments[index]?.order ?? Infinity;
    const sameLevel = levels.get(level);
    if (sameLevel === undefined) levels.set(level, [index]);
    else sameLevel.push(index);
  }
  const ordered = [...levels].sort(([a], [b]) => a - b);
  return { tiers: ordered.map(([, indexes]) => makeTier(indexes, deployments, weigh)) };
}

type Weigher = ((deployment: RoutingDeployment) => number) | undefined;

function weigherOf(candidates: readonly RoutingDeployment[]): Weigher {
  if (candidates.some((each) => each.weight !== undefined)) return (each) => Math.max(0, each.weight ?? 1);
  for (const field of ['rpm', 'tpm'] as const) {
    const values = candidates.flatMap((each) => each[field] ?? []);
    if (values.length === 0) continue;
    const smallest = values.reduce((a, b) => Math.min(a, b));
    return (each) => Math.max(0, each[field] ?? smallest);
  }
  return undefined;
}

function makeTier(indexes: readonly number[], deployments: readonly RoutingDeployment[], weigh: Weigher): Tier {
  const members = Int32Array.from(indexes);
  const weights = new Float64Array(indexes.length).fill(1);
  if (weigh === undefined) return { members, weights, cumulative: undefined };
  const cumulative = new Float64Array(indexes.length);
  let total = 0;
  indexes.forEach((index, at) => {
    const deployment = deployments[index];
    weights[at] = deployment === undefined ? 0 : weigh(deployment);
    total += weights[at] ?? 0;
    cumulative[at] = total;
  });
  if (total > 0) return { members, weights, cumulative };
  return { members, weights: weights.fill(1), cumulative: undefined };
}

/** Draws tried before the unavailable ones are counted out: keeps the cost flat in large groups with few unavailable. */
const BLIND_DRAWS = 16;

export interface PickContext {
  readonly deployments: readonly RoutingDeployment[];
  readonly view: HealthView;
  readonly random: Random;
}

/** The index of the deployment to send to, or -1 when none can serve. */
export function pick(choice: Choice, context: PickContext): number {
  for (const tier of choice.tiers) {
    const picked = pickFrom(tier, context);
    if (picked >= 0) return picked;
  }
  return -1;
}

function pickFrom(tier: Tier, context: PickContext): number {
  const { view, random } = context;
  if (view.allAvailable) return draw(tier, random);
  for (let attempt = 0; attempt < BLIND_DRAWS; attempt += 1) {
    const index = draw(tier, random);
    if (canServe(index, context)) return index;
  }
  const rest = Array.from(tier.members).filter((index) => canServe(index, context));
  if (rest.length === 0) return -1;
  return draw(narrowTier(tier, new Set(rest)), random);
}

function canServe(index: number, { deployments, view }: PickContext): boolean {
  const id = deployments[index]?.id;
  return id !== undefined && view.unavailability(id) === undefined;
}

function narrowTier(tier: Tier, kept: ReadonlySet<number>): Tier {
  const positions = Array.from(tier.members.keys()).filter((at) => kept.has(tier.members[at] ?? -1));
  const weights = Float64Array.from(positions, (at) => tier.weights[at] ?? 0);
  const members = Int32Array.from(positions, (at) => tier.members[at] ?? -1);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (total === 0) return { members, weights: weights.fill(1), cumulative: undefined };
  let sum = 0;
  return { members, weights, cumulative: weights.map((weight) => (sum += weight)) };
}

function draw({ members, cumulative }: Tier, random: Random): number {
  if (members.length === 1) return members[0] ?? -1;
  if (cumulative === undefined) return members[Math.floor(random() * members.length)] ?? -1;
  const target = random() * (cumulative[cumulative.length - 1] ?? 0);
  let low = 0;
  let high = cumulative.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((cumulative[middle] ?? 0) > target) high = middle;
    else low = middle + 1;
  }
  return members[low] ?? -1;
}

/** The order in which the available candidates would be tried: the first as `pick` draws it, the rest a weighted shuffle. */
export function orderOf(choice: Choice, context: PickContext): number[] {
  const first = pick(choice, context);
  const order = first < 0 ? [] : [first];
  for (const tier of choice.tiers) {
    const keyed: { index: number; key: number }[] = [];
    tier.members.forEach((index, at) => {
      if (index === first || !canServe(index, context)) return;
      // Exponential keys: sorting by them is drawing by weight without putting back.
      keyed.push({ index, key: -Math.log(1 - context.random()) / (tier.weights[at] || Number.MIN_VALUE) });
    });
    keyed.sort((a, b) => a.key - b.key);
    order.push(...keyed.map((entry) => entry.index));
  }
  return order;
}
