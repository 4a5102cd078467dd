import { hasBit, onlyBit, someMember, type Bits } from '../base/bits.ts';
import type { Random } from '../base/random.ts';
import { pick, prepareChoice, type Choice } from './choice.ts';
import type { Decision, SendDecision } from './decision.ts';
import type { Eligibility } from './eligible.ts';
import { evaluate, type Evaluation } from './evaluate.ts';
import type { Facts } from './facts.ts';
import type { CompiledGroup } from './group.ts';
import type { HealthView } from './health.ts';
import { refuseFencedOut, refuseModel, refuseNoMatch, refuseTag, refuseUnavailable, type Refusal } from './refusal.ts';
import { resolutionOf } from './resolution.ts';
import type { RoutingTable } from './table.ts';

/** What changes between two calls with the same facts. */
export interface DecideContext {
  readonly view: HealthView;
  readonly random: Random;
}

/** Where a call goes, or why it goes nowhere. Policy first, health second, choice last. Pure but for `random`. */
export function decide(facts: Facts, table: RoutingTable, context: DecideContext): Decision {
  const resolution = resolutionOf(facts, table);
  if (resolution === undefined) return refuseModel(facts, table);
  const evaluation = evaluate(facts, resolution, table);
  const outcome = settle(evaluation, context.view);
  if (outcome.kind === 'refuse') return refusalOf(outcome.refusal, { facts, table, evaluation, view: context.view });
  const { group } = resolution;
  const index =
    resolution.deployment ??
    pick(outcome.choice(), { deployments: group.deployments, view: context.view, random: context.random });
  return sendTo(evaluation, index, outcome.failedOpen);
}

/** The verdict on a call before one deployment is drawn: shared by `decide` and `explain`. */
export type Outcome =
  | { readonly kind: 'send'; readonly candidates: Bits; readonly failedOpen: boolean; readonly choice: () => Choice }
  | { readonly kind: 'refuse'; readonly refusal: Refusal; readonly eligible: Bits | undefined };

export function settle(evaluation: Evaluation, view: HealthView): Outcome {
  const { eligibility, resolution } = evaluation;
  if (eligibility === undefined) return { kind: 'refuse', refusal: 'tag_not_permitted', eligible: undefined };
  if (resolution.deployment !== undefined) return settleById(eligibility, { evaluation, view });
  const { group } = resolution;
  if (eligibility.refusal === undefined && anyAvailable(eligibility.eligible, group, view)) {
    return send(group, eligibility, false);
  }
  const { refusal, opened } = eligibility;
  if (refusal === 'fenced_out' || refusal === 'tag_not_permitted' || opened === undefined) {
    return { kind: 'refuse', refusal: refusal ?? 'deployments_unavailable', eligible: eligibility.eligible };
  }
  if (anyAvailable(opened, group, view)) return send(group, eligibility, true);
  return {
    kind: 'refuse',
    refusal: 'deployments_unavailable',
    eligible: refusal === undefined ? eligibility.eligible : opened,
  };
}

/** A call by deployment id must find its deployment among the eligible, and able to serve. */
function settleById(eligibility: Eligibility, context: { evaluation: Evaluation; view: HealthView }): Outcome {
  const { group, deployment = -1 } = context.evaluation.resolution;
  const { pool, eligible } = eligibility;
  const refuse = (refusal: Refusal): Outcome => ({ kind: 'refuse', refusal, eligible: undefined });
  if (!hasBit(pool, deployment)) return refuse('fenced_out');
  if (!hasBit(eligible, deployment)) return refuse('no_deployment_for_tags');
  const only = onlyBit(group.size, deployment);
  if (context.view.unavailability(group.deployments[deployment]?.id ?? '') !== undefined) {
    return { kind: 'refuse', refusal: 'deployments_unavailable', eligible: only };
  }
  return { kind: 'send', candidates: only, failedOpen: false, choice: () => prepareChoice(only, group.choiceFields) };
}

function send(group: CompiledGroup, eligibility: Eligibility, failedOpen: boolean): Outcome {
  const { choices, opened, eligible } = eligibility;
  const candidates = failedOpen ? (opened ?? eligible) : eligible;
  const slot = failedOpen ? 'opened' : 'eligible';
  return {
    kind: 'send',
    candidates,
    failedOpen,
    choice: () => (choices[slot] ??= prepareChoice(candidates, group.choiceFields)),
  };
}

function anyAvailable(candidates: Bits, group: CompiledGroup, view: HealthView): boolean {
  // What is asked about here is never empty: an empty set was refused before.
  if (view.allAvailable) return true;
  return someMember(candidates, (index) => {
    const id = group.deployments[index]?.id;
    return id !== undefined && view.unavailability(id) === undefined;
  });
}

function sendTo(evaluation: Evaluation, index: number, failedOpen: boolean): SendDecision {
  const { group, captured } = evaluation.resolution;
  const deploymentId = group.deployments[index]?.id ?? '';
  if (captured === undefined) return { kind: 'send', deploymentId, group: group.name, failedOpen };
  return { kind: 'send', deploymentId, group: group.name, captured, failedOpen };
}

export interface RefusalContext {
  readonly facts: Facts;
  readonly table: RoutingTable;
  readonly evaluation: Evaluation;
  readonly view: HealthView;
}

export function refusalOf(refusal: Refusal, context: RefusalContext): Extract<Decision, { kind: 'refuse' }> {
  switch (refusal) {
    case 'tag_not_permitted':
      return refuseTag(context);
    case 'fenced_out':
      return refuseFencedOut(context);
    case 'no_deployment_for_tags':
      return refuseNoMatch(context);
    case 'deployments_unavailable':
      return refuseUnavailable(context);
  }
}
