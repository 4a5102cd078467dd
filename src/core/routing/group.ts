import { addBit, allBits, noBits, type Bits } from '../base/bits.ts';
import { BoundedMap } from '../base/bounded-map.ts';
import { choiceFields, type ChoiceFields } from './choice.ts';
import { indexCarriers, type CarrierIndex } from './carriers.ts';
import type { Eligibility } from './eligible.ts';
import type { GroupPolicy } from './group-policy.ts';
import { compileUserAgentPatterns, type PatternFailure, type UserAgentPatterns } from './user-agent.ts';
import type { RoutingDeployment, RoutingGroup } from './settings.ts';
import { DEFAULT_TAG } from './tag.ts';

/** One group, compiled: sets of deployment indexes (config order) and what was already worked out for calls like this one. */
export interface CompiledGroup {
  readonly name: string;
  readonly deployments: readonly RoutingDeployment[];
  readonly size: number;
  readonly carriers: CarrierIndex;
  readonly userAgents: UserAgentPatterns;
  readonly all: Bits;
  /** Carry the literal tag `default`. */
  readonly defaults: Bits;
  readonly privates: Bits;
  /** Have tags of their own. */
  readonly tagged: Bits;
  /** False: no deployment has tags, patterns or privacy, and plain tags do not filter here. */
  readonly steered: boolean;
  /** The first `model_info.enable_tag_filtering` among the deployments. */
  readonly filteringFlag: boolean | undefined;
  readonly allowFailOpen: boolean;
  readonly choiceFields: ChoiceFields;
  readonly policies: BoundedMap<number, GroupPolicy>;
  readonly memo: BoundedMap<string, Eligibility>;
}

/** Entries that one group may remember, times its deployments: bounds the memory, whatever callers send. */
const MEMO_CELLS = 4_194_304;

export function compileGroup(group: RoutingGroup): { group: CompiledGroup; failures: readonly PatternFailure[] } {
  const { deployments, name } = group;
  const size = deployments.length;
  const select = (test: (deployment: RoutingDeployment) => boolean): Bits => {
    const bits = noBits(size);
    deployments.forEach((deployment, index) => {
      if (test(deployment)) addBit(bits, index);
    });
    return bits;
  };
  const { patterns, failures } = compileUserAgentPatterns(deployments.map((deployment) => deployment.tagRegex));
  const memoLimit = Math.min(4096, Math.max(64, Math.floor(MEMO_CELLS / Math.max(1, size))));
  const compiled: CompiledGroup = {
    name,
    deployments,
    size,
    carriers: indexCarriers(deployments.map((deployment) => deployment.tags)),
    userAgents: patterns,
    all: allBits(size),
    defaults: select((deployment) => deployment.tags.includes(DEFAULT_TAG)),
    privates: select((deployment) => deployment.private),
    tagged: select((deployment) => deployment.tags.length > 0),
    steered: deployments.some((each) => each.tags.length > 0 || each.tagRegex.length > 0 || each.private),
    filteringFlag: deployments.find((each) => each.enableTagFiltering !== undefined)?.enableTagFiltering,
    allowFailOpen: deployments.some((each) => each.allowFailOpen),
    choiceFields: choiceFields(deployments),
    policies: new BoundedMap(memoLimit),
    memo: new BoundedMap(memoLimit),
  };
  return { group: compiled, failures };
}
