import { seededRandom } from '../../core/base/random.ts';
import { GatewayError } from '../../core/errors/gateway-error.ts';
import { decide, type DecideContext } from '../../core/routing/decide.ts';
import type { Explanation, RefuseDecision } from '../../core/routing/decision.ts';
import { explain } from '../../core/routing/explain.ts';
import type { Facts } from '../../core/routing/facts.ts';
import type { Call } from '../call.ts';
import { compact, explainHeader, wantsExplanation } from '../explain-header.ts';
import { factsOf } from '../facts.ts';
import { unknownModel } from '../model-permission.ts';
import type { GatewayPorts } from '../ports.ts';
import { outOfReach } from '../responses/reference.ts';

/** A refusal is written down with all reasons in groups up to this size, and told to an administrator up to it. */
const MOST_EXPLAINED = 100;

/** Step 5: picks the deployment, or refuses in the words that the caller may hear; log and administrators hear all reasons. */
export function choose(call: Call, ports: GatewayPorts): void {
  const { snapshot } = call;
  const facts = factsOf(call);
  const decision = decide(facts, snapshot.table, { view: snapshot.health, random: explaining(call, facts, ports) });
  if (decision.kind === 'refuse') throw refusal(decision, facts, call);
  const deployment = snapshot.deployments.get(decision.deploymentId);
  if (deployment === undefined)
    throw new Error(`the routing table names an unknown deployment ${decision.deploymentId}`);
  call.decision = decision;
  call.deployment = deployment;
}

/** Explains the call where somebody wants to know. Returns the numbers for the decision: the very same, so that both agree. */
function explaining(call: Call, facts: Facts, ports: GatewayPorts): DecideContext['random'] {
  const forCaller = wantsExplanation(call);
  if (!forCaller && !ports.log.detailed) return ports.random;
  const { snapshot, stamp } = call;
  const seed = ports.random() * 0x1_0000_0000;
  const explanation = explain(facts, snapshot.table, { view: snapshot.health, random: seededRandom(seed) });
  if (forCaller) call.explanation = explainHeader(explanation);
  if (ports.log.detailed) {
    ports.log.detail('decided', { callId: stamp.callId, decisionId: stamp.decisionId, explanation });
  }
  return seededRandom(seed);
}

function refusal(decision: RefuseDecision, facts: Facts, call: Call): GatewayError {
  const { principal, request, snapshot } = call;
  if (request?.response !== undefined && (decision.code === 'model_not_found' || decision.code === 'fenced_out')) {
    return outOfReach(request.response);
  }
  if (decision.code === 'model_not_found' && principal?.account !== undefined) {
    // Routing knows the fence of a key, and not its lists of models.
    return unknownModel(request?.model ?? '', principal, snapshot);
  }
  const explanation = explained(decision, facts, call);
  let { details } = decision;
  if (facts.policy.master && explanation !== undefined) details = { ...details, deployments: explanation.deployments };
  return new GatewayError(decision.code, {
    message: decision.message,
    param: decision.param,
    ...(details === undefined ? {} : { details }),
    ...(explanation === undefined ? {} : { internal: compact(explanation) }),
    ...(decision.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: decision.retryAfterSeconds }),
  });
}

function explained(decision: RefuseDecision, facts: Facts, call: Call): Explanation | undefined {
  const { table, health } = call.snapshot;
  const size = decision.group === undefined ? 0 : (table.groups.get(decision.group)?.deployments.length ?? 0);
  if (size === 0 || size > MOST_EXPLAINED) return undefined;
  return explain(facts, table, { view: health, random: () => 0 });
}
