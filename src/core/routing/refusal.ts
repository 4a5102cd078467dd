import { and, isEmpty, membersOf } from '../base/bits.ts';
import { nearest } from '../base/nearest.ts';
import type { RefuseDecision } from './decision.ts';
import type { Evaluation } from './evaluate.ts';
import type { Facts } from './facts.ts';
import type { HealthView } from './health.ts';
import { reachablePool } from './reach.ts';
import type { RoutingTable } from './table.ts';
import { parseTag } from './tag.ts';

/** The codes of a refusal by a group that exists. */
export type Refusal = Exclude<RefuseDecision['code'], 'model_not_found'>;

export interface RefusalInput {
  readonly facts: Facts;
  readonly table: RoutingTable;
  readonly evaluation: Evaluation;
  readonly view: HealthView;
}

/** Most names that are weighed for a "did you mean": a refusal must not grow with the table. */
const MOST_CANDIDATES = 1000;
/** `Retry-After` where nothing is known of when a deployment comes back. */
const RETRY_AFTER_SECONDS = 5;

export function refuseModel(facts: Facts, table: RoutingTable): RefuseDecision {
  const names = [
    ...table.groups.keys(),
    ...[...table.aliases.values()].flatMap((each) => (each.hidden ? [] : each.name)),
  ];
  const reachable = (name: string): boolean => {
    const group = table.resolve(name)?.group;
    return group !== undefined && !isEmpty(reachablePool(group, facts.policy, table));
  };
  const close = nearest(facts.model, names.slice(0, 10 * MOST_CANDIDATES), 10)
    .filter(reachable)
    .slice(0, 3);
  return {
    kind: 'refuse',
    code: 'model_not_found',
    message: `There is no model ${asked(facts)} within reach of this key.${didYouMean(close)} See GET /v1/models.`,
    param: 'model',
    details: { nearest: close },
  };
}

export function refuseTag({ facts, evaluation }: RefusalInput): RefuseDecision {
  const { refusedTags } = evaluation;
  const message =
    refusedTags.length > 0
      ? `This key may not use ${tagWord(refusedTags.length)} ${list(refusedTags)}.`
      : `The tags ${list(steering(facts))} ask for what this key may not reach in ${asked(facts)}.`;
  return { kind: 'refuse', code: 'tag_not_permitted', message, param: 'tags', group: groupOf(evaluation) };
}

export function refuseFencedOut({ facts, evaluation }: RefusalInput): RefuseDecision {
  const byId = evaluation.resolution.deployment !== undefined;
  return {
    kind: 'refuse',
    code: 'fenced_out',
    message: byId
      ? `This key does not reach the deployment ${asked(facts)}.`
      : `This key reaches no deployment of ${asked(facts)}.`,
    param: 'model',
    group: groupOf(evaluation),
  };
}

export function refuseNoMatch(input: RefusalInput): RefuseDecision {
  const { facts, evaluation } = input;
  const sent = steering(facts);
  const close = nearestTags(input);
  const what = sent.length === 0 ? 'a call without tags' : `${tagWord(sent.length)} ${list(sent)}`;
  return {
    kind: 'refuse',
    code: 'no_deployment_for_tags',
    message: `No deployment of ${asked(facts)} within reach of this key matches ${what}, and no default takes it.${didYouMean(close)}`,
    param: 'tags',
    details: { nearest: close },
    group: groupOf(evaluation),
  };
}

export function refuseUnavailable({ facts, evaluation, view }: RefusalInput): RefuseDecision {
  const { group } = evaluation.resolution;
  const eligible = evaluation.eligibility?.eligible;
  const waits = group.deployments.flatMap((deployment, index) => {
    const counts = eligible !== undefined && ((eligible[index >>> 5] ?? 0) >>> (index & 31)) & 1;
    return counts ? (view.unavailability(deployment.id)?.retryAfterSeconds ?? []) : [];
  });
  const seconds = Math.max(1, Math.ceil(waits.reduce((a, b) => Math.min(a, b), waits[0] ?? RETRY_AFTER_SECONDS)));
  return {
    kind: 'refuse',
    code: 'deployments_unavailable',
    message: `Every deployment of ${asked(facts)} that this call may use is unavailable now. Try again in ${seconds} s.`,
    param: 'model',
    retryAfterSeconds: seconds,
    group: group.name,
  };
}

/** Known tags within the caller's reach that look like the ones it sent. */
function nearestTags({ facts, table, evaluation }: RefusalInput): string[] {
  const { group } = evaluation.resolution;
  const { policy, eligibility } = evaluation;
  if (eligibility === undefined) return [];
  // Written on a deployment of the pool: a wildcard there must not confirm a name that only a deployment outside is known by.
  const inReach = (name: string): boolean =>
    policy.permits(name) &&
    Array.from(membersOf(and(group.carriers.carriersOf(name).bits, eligibility.pool))).some((index) =>
      group.deployments[index]?.tags.includes(name),
    );
  const { prefix } = table.config.settings;
  const sent = facts.tags.map((tag) => parseTag(tag.text, prefix).name);
  const candidates = group.carriers.names.slice(0, MOST_CANDIDATES);
  const close = sent.slice(0, 4).flatMap((name) => nearest(name, candidates, 10).filter((each) => each !== name));
  // With a prefix set, a tag without it would only be accounting.
  return [...new Set(close)]
    .filter(inReach)
    .slice(0, 3)
    .map((name) => prefix + name);
}

/** The model in the client's own word. */
function asked(facts: Facts): string {
  return quote(facts.askedAs ?? facts.model);
}

function groupOf(evaluation: Evaluation): string {
  return evaluation.resolution.group.name;
}

function steering(facts: Facts): string[] {
  return facts.tags.map((tag) => tag.text);
}

function tagWord(count: number): string {
  return count === 1 ? 'the tag' : 'the tags';
}

function list(tags: readonly string[]): string {
  const shown = tags.slice(0, 8).map(quote).join(', ');
  return tags.length > 8 ? `${shown} and ${tags.length - 8} more` : shown;
}

function quote(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}...` : text);
}

function didYouMean(names: readonly string[]): string {
  return names.length === 0 ? '' : ` Did you mean ${names.map(quote).join(' or ')}?`;
}
