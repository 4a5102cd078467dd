import { seededRandom } from '../../core/base/random.ts';
import { GatewayError } from '../../core/errors/gateway-error.ts';
import { decide } from '../../core/routing/decide.ts';
import type { RefuseDecision } from '../../core/routing/decision.ts';
import { explain } from '../../core/routing/explain.ts';
import type { Facts } from '../../core/routing/facts.ts';
import type { Call } from '../call.ts';
import { explanationOf, wantsExplanation } from '../explain-header.ts';
import { factsOf } from '../facts.ts';
import type { GatewayPorts } from '../ports.ts';

/** Step 5: picks the deployment, or refuses in the words that the caller may hear; an administrator hears all reasons. */
export function choose(call: Call, ports: GatewayPorts): void {
  const { snapshot } = call;
  const facts = factsOf(call);
  let { random } = ports;
  if (wantsExplanation(call)) {
    // Both draw the same numbers: the explanation must not name another deployment than the one that serves.
    const seed = random() * 0x1_0000_0000;
    call.explanation = explanationOf(call, seededRandom(seed));
    random = seededRandom(seed);
  }
  const context = { view: snapshot.health, random };
  const decision = decide(facts, snapshot.table, context);
  if (ports.log.detailed) {
    ports.log.detail('decided', { callId: call.stamp.callId, explanation: explain(facts, snapshot.table, context) });
  }
  if (decision.kind === 'refuse') throw refusal(decision, facts, call);
  const deployment = snapshot.deployments.get(decision.deploymentId);
  if (deployment === undefined)
    throw new Error(`the routing table names an unknown deployment ${decision.deploymentId}`);
  call.decision = decision;
  call.deployment = deployment;
}

function refusal(decision: RefuseDecision, facts: Facts, call: Call): GatewayError {
  const { snapshot } = call;
  let { details } = decision;
  if (facts.policy.master && decision.code !== 'model_not_found') {
    const context = { view: snapshot.health, random: () => 0 };
    details = { ...details, deployments: explain(facts, snapshot.table, context).deployments };
  }
  return new GatewayError(decision.code, {
    message: decision.message,
    param: decision.param,
    ...(details === undefined ? {} : { details }),
    ...(decision.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: decision.retryAfterSeconds }),
  });
}
