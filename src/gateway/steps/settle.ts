import type { Call } from '../call.ts';
import type { GatewayPorts } from '../ports.ts';

/** Step 8, once for every call whatever became of it: writes it down. */
export function settle(call: Call, ports: GatewayPorts): void {
  const { exchange, request, stamp } = call;
  ports.log.call({
    callId: stamp.callId,
    decisionId: stamp.decisionId,
    method: exchange.method,
    path: exchange.path,
    remoteAddress: exchange.remoteAddress,
    principal: call.principal?.id,
    model: request?.model,
    group: call.decision?.group,
    deploymentId: call.deployment?.id,
    upstreamModel: call.upstreamModel === '' ? undefined : call.upstreamModel,
    tags: request === undefined ? [] : request.tags.map((tag) => tag.text),
    stream: request?.stream ?? false,
    outcome: call.outcome ?? 'gateway_failed',
    status: call.status,
    code: call.code,
    upstreamStatus: call.upstreamStatus,
    upstreamMs: call.upstreamMs,
    durationMs: ports.now() - call.startedAt,
    internal: call.internal,
  });
}
