/** Asks the real routing functions about a tag case, and checks on the way that decide and explain agree. */
import { seededRandom } from '../../src/core/base/random.ts';
import type { Decision, Explanation } from '../../src/core/routing/decision.ts';
import { decide } from '../../src/core/routing/decide.ts';
import { explain } from '../../src/core/routing/explain.ts';
import type { Facts } from '../../src/core/routing/facts.ts';
import type { HealthView } from '../../src/core/routing/health.ts';
import { compileTable } from '../../src/core/routing/table.ts';
import type { RoutingTable } from '../../src/core/routing/table.ts';
import { caseConfig, caseFacts, caseHealth } from './case-to-routing.ts';
import type { CaseAnswer, TagCase } from './tag-case.ts';

/** The answer of the compiled table. Throws where decide and explain contradict each other. */
export function compiledDecide(given: TagCase, seed = 1): CaseAnswer {
  const { table, problems } = compileTable(caseConfig(given));
  if (problems.some((problem) => problem.code === 'bad-regex')) return { config_error: 'tag_regex' };
  const facts = caseFacts(given);
  if (facts === undefined) return { status: 400, code: 'invalid_tags' };
  return askTable(table, { facts, view: caseHealth(given), seed });
}

export interface Question {
  readonly facts: Facts;
  readonly view: HealthView;
  readonly seed: number;
}

export function askTable(table: RoutingTable, { facts, view, seed }: Question): CaseAnswer {
  const explanation = explain(facts, table, { view, random: seededRandom(seed) });
  const decision = decide(facts, table, { view, random: seededRandom(seed) });
  const contradiction = contradictionOf(decision, explanation);
  if (contradiction !== undefined) throw new Error(contradiction);
  return answerOf(explanation);
}

function answerOf(explanation: Explanation): CaseAnswer {
  const { eligible, available, failed_open, status, code } = explanation;
  if (explanation.decision === 'send') return { eligible, available, failed_open };
  return status === 503 ? { status, code: code ?? '', eligible } : { status, code: code ?? '' };
}

/** What decide says against explain; undefined where they agree. */
function contradictionOf(decision: Decision, explanation: Explanation): string | undefined {
  if (decision.kind !== explanation.decision) return `decide: ${decision.kind}, explain: ${explanation.decision}`;
  if (decision.kind === 'refuse') {
    if (decision.code !== explanation.code) return `decide: ${decision.code}, explain: ${explanation.code}`;
    if (decision.message !== explanation.message) return `decide: ${decision.message}, explain: ${explanation.message}`;
    return undefined;
  }
  const first = explanation.order[0];
  if (decision.deploymentId !== first) return `decide sends to ${decision.deploymentId}, explain to ${first} first`;
  if (!explanation.available.includes(decision.deploymentId)) return `${decision.deploymentId} is not available`;
  if (decision.failedOpen !== explanation.failed_open) return 'decide and explain differ on failing open';
  return sameSet(explanation.order, explanation.available)
    ? undefined
    : `order ${explanation.order.join()} is not available ${explanation.available.join()} in some order`;
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  return [...a].sort().join() === [...b].sort().join();
}
