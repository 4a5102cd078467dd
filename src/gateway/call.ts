import type { Principal } from '../accounts/principal.ts';
import type { SendDecision } from '../core/routing/decision.ts';
import type { CallerTag } from '../core/routing/facts.ts';
import type { GatewayError } from '../core/errors/gateway-error.ts';
import type { TopLevel } from '../core/wire/contract.ts';
import type { AbortHook } from '../providers/contract.ts';
import type { Deployment } from './deployment.ts';
import type { CallEndpoint } from './endpoint.ts';
import type { Exchange } from './exchange.ts';
import type { FormBody } from './multipart/form-body.ts';
import type { ResponseReference } from './responses/reference.ts';
import type { Snapshot } from './snapshot.ts';
import type { Stamp } from './stamp.ts';

/** A call's body, as it will go on. */
export type CallBody = { readonly kind: 'json'; readonly top: TopLevel } | FormBody | { readonly kind: 'none' };

/** What a body asks of the gateway, read once. */
export interface CallRequest {
  readonly body: CallBody;
  /** The group, alias, deployment id or wildcard name asked for. */
  readonly model: string;
  /** What routing is asked for: `model`, or what the key or its team call so. */
  readonly routedModel: string;
  /** The response that the call asks for or goes on from: only the deployment that made it can serve the call. */
  readonly response?: ResponseReference | undefined;
  readonly stream: boolean;
  readonly tags: readonly CallerTag[];
  /** `metadata` as it may go upstream (JSON text), where the upstream's API defines it; undefined: it stays here. */
  readonly metadata: string | undefined;
  readonly mockResponse: unknown;
  /** Seconds, from the body or the headers. */
  readonly timeoutSeconds: number | undefined;
  readonly streamTimeoutSeconds: number | undefined;
}

/** How a call ended. */
export type CallOutcome = 'ok' | 'refused' | 'client_gone' | 'upstream_failed' | 'gateway_failed';

/**
 * One client request inside the gateway, from accept to settle. The steps fill it in, each its own part. Whoever waits for an
 * upstream on its behalf hears when the client has left, or when the gateway itself ends the call.
 */
export class Call implements AbortHook {
  readonly exchange: Exchange;
  readonly stamp: Stamp;
  readonly snapshot: Snapshot;
  readonly endpoint: CallEndpoint;
  /** Milliseconds of the monotonic clock. */
  readonly startedAt: number;
  principal: Principal | undefined;
  request: CallRequest | undefined;
  decision: SendDecision | undefined;
  deployment: Deployment | undefined;
  upstreamModel = '';
  /** The compact explanation that the caller asked for and may see. */
  explanation: string | undefined;
  /** Milliseconds of the monotonic clock; 0: nothing was sent. */
  sentAt = 0;
  upstreamStatus: number | undefined;
  upstreamMs = 0;
  status = 0;
  outcome: CallOutcome | undefined;
  /** `error.code` of the answer. */
  code: string | undefined;
  /** For the log only. */
  internal: string | undefined;
  /** Why the gateway ended the call before its answer was complete; undefined: it did not. */
  cutFor: GatewayError | undefined;
  /** Its place among the calls that run, which `Admission` keeps; -1: none. */
  place = -1;
  #abortListener: (() => void) | undefined;

  constructor(init: Pick<Call, 'exchange' | 'stamp' | 'snapshot' | 'endpoint' | 'startedAt'>) {
    this.exchange = init.exchange;
    this.stamp = init.stamp;
    this.snapshot = init.snapshot;
    this.endpoint = init.endpoint;
    this.startedAt = init.startedAt;
  }

  get aborted(): boolean {
    return this.cutFor !== undefined || this.exchange.aborted;
  }

  onAbort(listener: () => void): void {
    this.#abortListener = listener;
    this.exchange.onAbort(listener);
    if (this.cutFor !== undefined) listener();
  }

  /** Ends what the call waits for at its upstream; the caller is told `reason`. */
  cut(reason: GatewayError): void {
    this.cutFor = reason;
    this.#abortListener?.();
  }
}
