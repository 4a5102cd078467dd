import { GatewayError } from '../../core/errors/gateway-error.ts';
import type { ParameterSettings } from '../../config/contract.ts';
import type { TopLevel } from '../../core/wire/contract.ts';
import { jsonString } from '../../core/wire/json-text.ts';
import { splice } from '../../core/wire/splice.ts';
import type { AttemptTimeouts, UpstreamAnswer, UpstreamRequest } from '../../providers/contract.ts';
import type { Call, CallRequest } from '../call.ts';
import { addressOf, streamTimeouts, wholeTimeouts, type Deployment } from '../deployment.ts';
import type { HeaderView } from '../exchange.ts';
import { isControl } from '../fields.ts';
import { outgoingForm } from '../multipart/form-upstream.ts';
import { applyDefaults, applyPlan, callerSettings, searchedFor, type GatheredEdits } from '../parameter-edits.ts';
import { planWithCaller } from '../parameters.ts';
import type { GatewayPorts } from '../ports.ts';
import { storedPath } from '../responses/stored-path.ts';
import { upstreamError } from '../upstream-error.ts';

/** The caller's headers that go upstream; no other does. A deployment's `extra_headers` win over them. */
const FORWARDED = ['accept', 'openai-beta', 'idempotency-key', 'traceparent', 'tracestate'] as const;

/** Step 6: sends the call to its deployment, once. Resolves at the answer's head, whatever its status. */
export async function attempt(call: Call, ports: GatewayPorts): Promise<UpstreamAnswer> {
  const request = buildRequest(call);
  call.sentAt = ports.now();
  try {
    const answer = await ports.upstream.send(request, call);
    call.upstreamStatus = answer.status;
    return answer;
  } catch (thrown) {
    throw upstreamError(thrown);
  } finally {
    call.upstreamMs = ports.now() - call.sentAt;
  }
}

function buildRequest(call: Call): UpstreamRequest {
  const { deployment, request, decision } = call;
  if (deployment?.target === undefined || request === undefined)
    throw new Error('a call is sent only after it was chosen for');
  const { upstreamModel, path } = addressOf(deployment, call.endpoint.operation, decision?.captured);
  call.upstreamModel = upstreamModel;
  if (path === undefined) {
    throw new GatewayError('endpoint_not_supported', {
      message: `The deployment that this call was routed to does not offer ${call.endpoint.operation}.`,
      param: 'model',
    });
  }
  const { body, contentType } = outgoingBody(call, request, deployment);
  return {
    origin: deployment.target.origin,
    method: methodOf(call),
    path: pathOf(call, path),
    headers: requestHeaders(deployment, call.exchange.headers, contentType),
    body,
    timeouts: timeoutsFor(request, deployment),
  };
}

function outgoingBody(
  call: Call,
  { body }: CallRequest,
  deployment: Deployment,
): Pick<UpstreamRequest, 'body'> & { readonly contentType: string | null | undefined } {
  if (body.kind === 'none') return { body: null, contentType: null };
  if (body.kind === 'form') return outgoingForm(call, body, deployment);
  return { body: spliced(call, body.top, deployment), contentType: undefined };
}

/** Only what is asked of a stored response has another method than POST; the router lets no other through. */
function methodOf({ endpoint, exchange }: Call): UpstreamRequest['method'] {
  if (endpoint.stored === undefined) return 'POST';
  return exchange.method === 'GET' || exchange.method === 'DELETE' ? exchange.method : 'POST';
}

function pathOf({ endpoint, exchange, request }: Call, path: string): string {
  if (endpoint.stored === undefined) return path;
  const upstreamId = request?.response?.upstreamId ?? '';
  return storedPath(path, endpoint.stored, { upstreamId, query: exchange.query });
}

/**
 * `contentType`: of a form, where it names the boundary and stands whatever a deployment's `extra_headers` say; null: there is no
 * body to name.
 */
function requestHeaders(deployment: Deployment, headers: HeaderView, contentType: string | null | undefined): string[] {
  const { requestHead } = deployment;
  const own = (_: string, index: number): boolean => requestHead[index - (index % 2)] !== 'content-type';
  const pairs = contentType === undefined ? [...requestHead] : requestHead.filter(own);
  if (typeof contentType === 'string') pairs.push('content-type', contentType);
  for (const name of FORWARDED) {
    const value = headers.get(name);
    if (value !== undefined && !deployment.headerNames.has(name)) pairs.push(name, value);
  }
  return pairs;
}

/** A body with what changes in it: the model, our own fields, missing defaults, what its provider takes otherwise; nothing else. */
function spliced(call: Call, top: TopLevel, deployment: Deployment): Uint8Array {
  const edits = editsFor(call, top, deployment);
  const { operation } = call.endpoint;
  const caller = edits.remove.length === 0 ? undefined : callerSettings(top);
  if (caller !== undefined) return splicedAsAsked({ call, top, deployment, edits }, caller);
  const plan = deployment.plans.get(operation);
  if (plan !== undefined) applyPlan(plan, top, { edits, provider: deployment.parameters.provider, operation });
  applyDefaults(plan?.defaults ?? deployment.parameters.defaults, top, edits);
  return splice(top, edits);
}

/** For a caller that says itself what becomes of parameters: of any names, so the body is walked for those as well. */
function splicedAsAsked(
  { call, top, deployment, edits }: { call: Call; top: TopLevel; deployment: Deployment; edits: GatheredEdits },
  caller: ParameterSettings,
): Uint8Array {
  const { operation } = call.endpoint;
  const { parameters } = deployment;
  const names = caller.dropped.map(({ field }) => field);
  const found = searchedFor(top, call.snapshot.fields, names);
  const plan = planWithCaller(parameters, operation, caller);
  applyPlan(plan, found, { edits, provider: parameters.provider, operation });
  applyDefaults(plan.defaults, found, edits);
  return splice(found, edits);
}

function editsFor(call: Call, top: TopLevel, deployment: Deployment): GatheredEdits {
  const metadata = call.request?.metadata;
  const set = new Map([['model', jsonString(call.upstreamModel)]]);
  const remove = top.present().filter(isControl);
  const previous = call.request?.response;
  if (previous !== undefined) set.set('previous_response_id', jsonString(previous.upstreamId));
  if (top.has('metadata')) {
    // Where there is a Responses API at all it defines the field.
    const definesMetadata = call.endpoint.operation === 'responses' || deployment.target?.definesMetadata === true;
    if (metadata !== undefined && definesMetadata) set.set('metadata', metadata);
    else remove.push('metadata');
  }
  return { set, remove };
}

function timeoutsFor(request: CallRequest, deployment: Deployment): AttemptTimeouts {
  const { timeoutSeconds, streamTimeoutSeconds } = request;
  if (!request.stream) return timeoutSeconds === undefined ? deployment.timeouts : wholeTimeouts(timeoutSeconds);
  const given = streamTimeoutSeconds ?? timeoutSeconds;
  if (given === undefined) return deployment.streamTimeouts;
  return streamTimeouts(given, Math.max(given, timeoutSeconds ?? deployment.timeouts.totalSeconds));
}
