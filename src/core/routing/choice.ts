import { membersOf, type Bits } from '../base/bits.ts';
import type { Random } from '../base/random.ts';
import type { HealthView } from './health.ts';
import type { RoutingDeployment } from './settings.ts';

/** Deployments of one `order` level, ready for weighted draws. */
interface Tier {
  /** Indexes in the group. */
  readonly members: Int32Array;
  /** Undefined: all weigh the same. */
  readonly weights: Float64Array | undefined;
  /** Running sums of `weights`. */
  readonly cumulative: Float64Array | undefined;
}

/** Candidates by `order` level, lowest first; deployments without an order come last. */
export interface Choice {
  readonly tiers: readonly Tier[];
}

/** What choosing needs of a group, by deployment index. A table is undefined where no deployment sets the field; NaN: not set. */
export interface ChoiceFields {
  readonly order: Float64Array | undefined;
  readonly weight: Float64Array | undefined;
  readonly rpm: Float64Array | undefined;
  readonly tpm: Float64Array | undefined;
}

export function choiceFields(deployments: readonly RoutingDeployment[]): ChoiceFields {
  const field = (name: 'order' | 'weight' | 'rpm' | 'tpm'): Float64Array | undefined => {
    if (deployments.every((deployment) => deployment[name] === undefined)) return undefined;
    return Float64Array.from(deployments, (deployment) => deployment[name] ?? Number.NaN);
  };
  return { order: field('order'), weight: field('weight'), rpm: field('rpm'), tpm: field('tpm') };
}

/**
 * Weighted shuffle: by `weight` where any candidate sets one (the others count 1), else by `rpm`, else by `tpm` (the others
 * count as the smallest that is set), else evenly. Weights that are all 0 count as none.
 */
export function prepareChoice(candidates: Bits, fields: ChoiceFields): Choice {
  const members = membersOf(candidates);
  const weigh = weigherOf(members, fields);
  const levels = fields.order === undefined ? [members] : splitByOrder(members, fields.order);
  return { tiers: levels.map((level) => makeTier(level, weigh)) };
}

type Weigher = ((index: number) => number) | undefined;

function weigherOf(members: Int32Array, fields: ChoiceFields): Weigher {
  const byWeight = smallestSet(members, fields.weight);
  if (byWeight !== undefined) return weigher(fields.weight, 1);
  for (const table of [fields.rpm, fields.tpm]) {
    const smallest = smallestSet(members, table);
    if (smallest !== undefined) return weigher(table, smallest);
  }
  return undefined;
}

function weigher(table: Float64Array | undefined, unset: number): Weigher {
  return (index) => {
    const value = table?.[index] ?? Number.NaN;
    return Number.isNaN(value) ? unset : Math.max(0, value);
  };
}

function smallestSet(members: Int32Array, table: Float64Array | undefined): number | undefined {
  let smallest: number | undefined;
  if (table === undefined) return undefined;
  for (let at = 0; at < members.length; at += 1) {
    const value = table[members[at] ?? -1] ?? Number.NaN;
    if (!Number.isNaN(value) && (smallest === undefined || value < smallest)) smallest = value;
  }
  return smallest;
}

function splitByOrder(members: Int32Array, order: Float64Array): Int32Array[] {
  const levels = new Map<number, number[]>();
  for (const index of members) {
    const set = order[index] ?? Number.NaN;
    const level = Number.isNaN(set) ? Infinity : set;
    const sameLevel = levels.get(level);
    if (sameLevel === undefined) levels.set(level, [index]);
    else sameLevel.push(index);
  }
  return [...levels].sort(([a], [b]) => a - b).map(([, indexes]) => Int32Array.from(indexes));
}

function makeTier(members: Int32Array, weigh: Weigher): Tier {
  if (weigh === undefined) return { members, weights: undefined, cumulative: undefined };
  const weights = new Float64Array(members.length);
  // A plain loop: `Float64Array.from` walks an iterator, which costs ten times as much on thousands of members.
  for (let at = 0; at < members.length; at += 1) weights[at] = weigh(members[at] ?? -1);
  return weighTier(members, weights);
}

function weighTier(members: Int32Array, weights: Float64Array): Tier {
  const cumulative = new Float64Array(weights.length);
  let total = 0;
  for (let at = 0; at < weights.length; at += 1) {
    total += weights[at] ?? 0;
    cumulative[at] = total;
  }
  return total > 0 ? { members, weights, cumulative } : { members, weights: undefined, cumulative: undefined };
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
  const members = Int32Array.from(positions, (at) => tier.members[at] ?? -1);
  const { weights } = tier;
  if (weights === undefined) return { members, weights, cumulative: undefined };
  return weighTier(
    members,
    Float64Array.from(positions, (at) => weights[at] ?? 0),
  );
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
      keyed.push({
        index,
        key: -Math.log(1 - context.random()) / (tier.weights === undefined ? 1 : tier.weights[at] || Number.MIN_VALUE),
      });
    });
    keyed.sort((a, b) => a.key - b.key);
    order.push(...keyed.map((entry) => entry.index));
  }
  return order;
}
