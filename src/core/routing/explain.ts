import { countBits, hasBit, membersOf, noBits, type Bits } from '../base/bits.ts';
import { errorKind } from '../errors/catalogue.ts';
import { orderOf } from './choice.ts';
import { decide, refusalOf, settle, type DecideContext, type Outcome } from './decide.ts';
import { NOTHING_LOOKED_AT, type Decision, type Explanation } from './decision.ts';
import { evaluate, isFiltering, type Evaluation } from './evaluate.ts';
import { explainTags } from './explain-tags.ts';
import type { Facts } from './facts.ts';
import type { CompiledGroup } from './group.ts';
import { reasonsFor } from './reasons.ts';
import { resolutionOf } from './resolution.ts';
import type { RoutingTable } from './table.ts';

/** The decision on a call with everything that led to it: `decide` and a printer. Nothing is sent. */
export function explain(facts: Facts, table: RoutingTable, context: DecideContext): Explanation {
  const resolution = resolutionOf(facts, table);
  const base = { model: facts.askedAs ?? facts.model, config_version: table.config.version };
  if (resolution === undefined) return { ...base, ...explainUnknown(decide(facts, table, context)) };
  const evaluation = evaluate(facts, resolution, table);
  const outcome = settle(evaluation, context.view);
  const { group } = resolution;
  const verdict = verdictOf(outcome, { facts, table, evaluation, context });
  const candidates = outcome.kind === 'send' ? outcome.candidates : noBits(group.size);
  const eligible = eligibleOf(outcome, evaluation);
  const order =
    outcome.kind === 'send' ? orderOf(outcome.choice(), { deployments: group.deployments, ...context }) : [];
  const available = membersOf(candidates).filter((index) => isAvailable(group, index, context));
  return {
    ...base,
    ...verdict,
    group: group.name,
    filtering: isFiltering(group, evaluation.policy, table),
    eligible: idsOf(group, membersOf(eligible)),
    available: idsOf(group, available),
    order: idsOf(group, order),
    failed_open: outcome.kind === 'send' && outcome.failedOpen,
    tags: explainTags(facts, { evaluation, table }),
    deployments: group.deployments.map((deployment, index) => ({
      id: deployment.id,
      kept: hasBit(candidates, index) || hasBit(eligible, index),
      reasons: reasonsFor(index, { facts, evaluation, outcome, table, view: context.view }),
    })),
    fallbacks: fallbacksOf(group.name, table),
  };
}

type Verdict = Pick<Explanation, 'decision' | 'status' | 'code' | 'message' | 'nearest' | 'retry_after'>;

interface VerdictContext {
  readonly facts: Facts;
  readonly table: RoutingTable;
  readonly evaluation: Evaluation;
  readonly context: DecideContext;
}

function verdictOf(outcome: Outcome, { facts, table, evaluation, context }: VerdictContext): Verdict {
  if (outcome.kind === 'send') {
    return { decision: 'send', status: 200, code: null, message: null, nearest: [], retry_after: null };
  }
  return refusalVerdict(refusalOf(outcome.refusal, { facts, table, evaluation, view: context.view }));
}

function refusalVerdict(refusal: Extract<Decision, { kind: 'refuse' }>): Verdict {
  const nearest = refusal.details?.['nearest'];
  return {
    decision: 'refuse',
    status: errorKind(refusal.code).status,
    code: refusal.code,
    message: refusal.message,
    nearest: Array.isArray(nearest) ? nearest.map(String) : [],
    retry_after: refusal.retryAfterSeconds ?? null,
  };
}

function explainUnknown(decision: Decision): Omit<Explanation, 'model' | 'config_version'> {
  if (decision.kind === 'send') throw new TypeError('A call for a name that nothing answers to cannot be sent');
  return {
    ...refusalVerdict(decision),
    ...NOTHING_LOOKED_AT,
  };
}

/** By configuration: what the rules left; what fail-open opened, where they left nothing. */
function eligibleOf(outcome: Outcome, { eligibility, resolution }: Evaluation): Bits {
  const nobody = noBits(resolution.group.size);
  if (outcome.kind === 'refuse')
    return outcome.refusal === 'deployments_unavailable' ? (outcome.eligible ?? nobody) : nobody;
  const ruled = eligibility?.eligible ?? nobody;
  return outcome.failedOpen && countBits(ruled) > 0 ? ruled : outcome.candidates;
}

function isAvailable(group: CompiledGroup, index: number, { view }: DecideContext): boolean {
  const id = group.deployments[index]?.id;
  return id !== undefined && view.unavailability(id) === undefined;
}

function idsOf(group: CompiledGroup, indexes: Iterable<number>): string[] {
  return Array.from(indexes, (index) => group.deployments[index]?.id ?? '');
}

function fallbacksOf(group: string, { config }: RoutingTable): Explanation['fallbacks'] {
  const { general, contextWindow, contentPolicy } = config.fallbacks;
  const chains = [
    { kind: 'general', groups: general.get(group) ?? general.get('*')?.filter((each) => each !== group) },
    { kind: 'context_window', groups: contextWindow.get(group) },
    { kind: 'content_policy', groups: contentPolicy.get(group) },
  ] as const;
  return chains.flatMap(({ kind, groups }) => (groups === undefined || groups.length === 0 ? [] : [{ kind, groups }]));
}
