import { hasBit } from '../base/bits.ts';
import type { Outcome } from './decide.ts';
import type { Reason } from './decision.ts';
import type { Basis, Eligibility } from './eligible.ts';
import type { Evaluation } from './evaluate.ts';
import { scopeFence, scopesOf } from './group-policy.ts';
import type { Facts } from './facts.ts';
import type { CompiledGroup } from './group.ts';
import type { HealthView } from './health.ts';
import type { PolicyTag } from './policy.ts';
import type { RoutingTable } from './table.ts';

export interface ReasonContext {
  readonly facts: Facts;
  readonly evaluation: Evaluation;
  readonly outcome: Outcome;
  readonly table: RoutingTable;
  readonly view: HealthView;
}

const KEPT: Readonly<Record<Basis, string>> = {
  filtering_off: 'tags do not filter in this group',
  fenced_out: 'nothing is left inside the policy',
  matches: 'matches what the caller asked for',
  unknown_to_default: 'carries the tag default, which takes tags that nobody knows',
  known_without_match: 'no deployment within reach matches the known tags',
  inside_fence: 'lies inside the fence of the policy tags',
  meets_requirements: 'carries every required tag',
  untagged_to_default: 'carries the tag default, which takes calls without tags',
  untagged_to_all: 'the call has no tags and the group no default',
  by_id: 'was asked for by its id',
};

const KEPT_CODES: Readonly<Partial<Record<Basis, string>>> = {
  unknown_to_default: 'default',
  untagged_to_default: 'default',
};

/** Why one deployment was kept or dropped, the first rule that decided; then its health. */
export function reasonsFor(index: number, context: ReasonContext): readonly Reason[] {
  const { evaluation, outcome } = context;
  const { eligibility, resolution } = evaluation;
  if (eligibility === undefined)
    return [{ code: 'tag_not_permitted', text: 'the call sends a tag that its key may not use' }];
  const kept = hasBit(eligibility.eligible, index);
  const opened = outcome.kind === 'send' && outcome.failedOpen && hasBit(outcome.candidates, index);
  const reasons: Reason[] = [kept ? keptReason(eligibility) : dropped(index, context)];
  if (opened)
    reasons.push({
      code: 'failed_open',
      text: 'the group fails open: allow_fail_open is set on one of its deployments',
    });
  if (kept && resolution.deployment !== undefined && resolution.deployment !== index) {
    reasons.push({ code: 'not_asked_for', text: 'the call names another deployment by its id' });
  }
  return kept || opened ? [...reasons, ...healthReasons(index, context)] : reasons;
}

function keptReason({ basis }: Eligibility): Reason {
  return { code: KEPT_CODES[basis] ?? basis, text: KEPT[basis] };
}

function dropped(index: number, context: ReasonContext): Reason {
  const { eligibility } = context.evaluation;
  if (eligibility === undefined)
    return { code: 'tag_not_permitted', text: 'the call sends a tag that its key may not use' };
  if (eligibility.basis === 'filtering_off' || !hasBit(eligibility.pool, index))
    return outsidePool(index, eligibility, context);
  if (!hasBit(eligibility.left, index)) return callerConstraint();
  if (eligibility.basis === 'matches' && context.facts.tags.length === 0) return NO_PATTERN_HIT;
  return UNMATCHED[eligibility.basis] ?? { code: 'not_eligible', text: 'is not among what the rules leave' };
}

function callerConstraint(): Reason {
  return { code: 'excluded_by_caller', text: 'lacks a tag that the call requires, or carries one that it excludes' };
}

function outsidePool(index: number, eligibility: Eligibility, context: ReasonContext): Reason {
  const { policy, resolution } = context.evaluation;
  const { group } = resolution;
  const binding = policy.tags.filter((tag) => !tag.accounting);
  if (!hasBit(eligibility.constrained, index)) return constraintReason(index, group, binding);
  if (!hasBit(eligibility.fenced, index)) return fenceReason(index, binding, context);
  return { code: 'private', text: 'is private: only a policy tag or a granted tag reaches it' };
}

function constraintReason(index: number, group: CompiledGroup, binding: readonly PolicyTag[]): Reason {
  const carries = (tag: PolicyTag): boolean => hasBit(group.carriers.carriersOf(tag.name).bits, index);
  const excluded = binding.find((tag) => tag.kind === 'exclude' && carries(tag));
  if (excluded !== undefined) {
    return { code: 'excluded_by_policy', text: `carries ${excluded.name}, which the ${excluded.scope} excludes` };
  }
  const required = binding.find((tag) => tag.kind === 'require' && !carries(tag));
  return {
    code: 'lacks_required_by_policy',
    text: `lacks ${required?.name ?? 'a tag'}, which the ${required?.scope ?? 'policy'} requires`,
  };
}

function fenceReason(index: number, binding: readonly PolicyTag[], { evaluation, table }: ReasonContext): Reason {
  const { group } = evaluation.resolution;
  const plain = binding.filter((tag) => tag.kind === 'plain');
  for (const scope of scopesOf(plain)) {
    const tags = plain.filter((tag) => tag.scope === scope);
    const fence = scopeFence(group, tags, table.config.settings.matchAny);
    if (fence !== undefined && !hasBit(fence, index)) {
      return {
        code: 'outside_fence',
        text: `lies outside the fence of the ${scope} (${tags.map((tag) => tag.name).join(', ')})`,
      };
    }
  }
  return { code: 'outside_fence', text: 'no deployment carries the policy tags, so only those tagged default stay' };
}

const NO_PATTERN_HIT: Reason = { code: 'no_match', text: 'has no pattern that the User-Agent hits' };

const UNMATCHED: Readonly<Partial<Record<Basis, Reason>>> = {
  matches: { code: 'no_match', text: 'carries none of the tags that the call asks for' },
  known_without_match: {
    code: 'no_match',
    text: 'does not match tags that the group knows, and those never fall to default',
  },
  unknown_to_default: {
    code: 'not_default',
    text: 'nobody knows the tags, so only deployments tagged default take the call',
  },
  untagged_to_default: {
    code: 'not_default',
    text: 'the call has no tags, and the group has a default for those',
  },
};

function healthReasons(index: number, { evaluation, view }: ReasonContext): readonly Reason[] {
  const id = evaluation.resolution.group.deployments[index]?.id ?? '';
  const state = view.unavailability(id);
  if (state === undefined) return [];
  const words = {
    cooling: 'is cooling down',
    full: 'has no free slot',
    tried: 'was tried already',
    unbuildable: 'could not be built',
  };
  const text = state.text === undefined ? words[state.reason] : `${words[state.reason]}: ${state.text}`;
  return [{ code: state.reason, text }];
}
