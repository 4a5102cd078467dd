import { and, intersects, noBits, or, without, type Bits } from '../base/bits.ts';
import type { CarrierSet } from './carriers.ts';
import type { PolicyScope } from './facts.ts';
import type { CompiledGroup } from './group.ts';
import type { CompiledPolicy, PolicyTag } from './policy.ts';
import type { RoutingSettings } from './settings.ts';

/** What a policy leaves open of one group, before the caller's own tags. */
export interface GroupPolicy {
  /** After the policy's `!` and `&`. */
  readonly constrained: Bits;
  /** After the fences too. */
  readonly fenced: Bits;
  /** Carry a plain or required policy tag: private ones among them are open. */
  readonly opened: Bits;
  readonly hasFence: boolean;
  readonly hasRequirement: boolean;
  /** Unknown plain caller tags are accounting only. */
  readonly binds: boolean;
  /** Under `tag_authority: union`: plain policy tags that join the caller's. */
  readonly joined: readonly CarrierSet[];
}

/** Applies policy constraints, then fences. Accounting-only policy tags take no part. */
export function applyPolicy(group: CompiledGroup, policy: CompiledPolicy, settings: RoutingSettings): GroupPolicy {
  const binding = policy.tags.filter((tag) => !tag.accounting);
  const constrained = constrain(group, binding);
  const plain = group.steered ? binding.filter((tag) => tag.kind === 'plain') : [];
  const fenceApplies = settings.authority === 'fence' && plain.length > 0;
  return {
    constrained,
    fenced: fenceApplies ? and(constrained, fenceOf(group, plain, settings.matchAny)) : constrained,
    opened: carriedByAny(
      group,
      binding.filter((tag) => tag.kind !== 'exclude'),
    ),
    hasFence: fenceApplies,
    hasRequirement: binding.some((tag) => tag.kind === 'require'),
    binds: fenceApplies || binding.some((tag) => tag.kind !== 'plain'),
    joined: settings.authority === 'union' ? plain.map((tag) => group.carriers.carriersOf(tag.name)) : [],
  };
}

function constrain(group: CompiledGroup, tags: readonly PolicyTag[]): Bits {
  let left = group.all;
  for (const tag of tags) {
    if (tag.kind === 'plain') continue;
    const { bits } = group.carriers.carriersOf(tag.name);
    left = tag.kind === 'exclude' ? without(left, bits) : and(left, bits);
  }
  return left;
}

/** The scopes with plain tags, AND-ed; those that nobody in the group carries do not count, unless that is all of them. */
export function fenceOf(group: CompiledGroup, plain: readonly PolicyTag[], matchAny: boolean): Bits {
  const fences = scopesOf(plain)
    .map((scope) =>
      scopeFence(
        group,
        plain.filter((tag) => tag.scope === scope),
        matchAny,
      ),
    )
    .filter((fence) => fence !== undefined);
  return fences.length === 0 ? group.defaults : fences.reduce(and);
}

/** Deployments that match one scope's tags; undefined when no deployment of the group carries any of them. */
export function scopeFence(group: CompiledGroup, tags: readonly PolicyTag[], matchAny: boolean): Bits | undefined {
  const any = carriedByAny(group, tags);
  if (!intersects(any, group.all)) return undefined;
  return matchAny ? any : tags.map((tag) => group.carriers.carriersOf(tag.name).bits).reduce(and);
}

export function scopesOf(tags: readonly PolicyTag[]): readonly PolicyScope[] {
  return [...new Set(tags.map((tag) => tag.scope))];
}

function carriedByAny(group: CompiledGroup, tags: readonly PolicyTag[]): Bits {
  return tags.reduce((bits, tag) => or(bits, group.carriers.carriersOf(tag.name).bits), noBits(group.size));
}
