import { answerHead } from './answer-head.ts';
import type { Call } from './call.ts';
import { answerError, asGatewayError } from './error-answer.ts';
import { mockAnswer, mockOf } from './mock-answer.ts';
import type { GatewayPorts } from './ports.ts';
import { CALL_ROUTES, permitRoute } from './route-permission.ts';
import { accept, refuseForeignBody, type Arrival } from './steps/accept.ts';
import type { Admission } from './steps/admit.ts';
import { attempt } from './steps/attempt.ts';
import { choose } from './steps/choose.ts';
import { identify } from './steps/identify.ts';
import { read } from './steps/read.ts';
import { relay } from './steps/relay.ts';
import { settle } from './steps/settle.ts';

/** The life of a call: eight steps, in order, and one settlement on every way out. */
export class Pipeline {
  readonly #ports: GatewayPorts;
  readonly #admission: Admission;

  constructor(ports: GatewayPorts, admission: Admission) {
    this.#ports = ports;
    this.#admission = admission;
  }

  /** Never rejects: whatever happens is answered, or the connection ended, and settled. */
  async run(arrival: Arrival): Promise<void> {
    const call = accept(arrival, this.#ports.now());
    try {
      await this.#steps(call);
    } catch (thrown) {
      fail(call, thrown, this.#ports.now());
    } finally {
      this.#admission.leave(call);
      if (call.request?.body.kind === 'form') call.request.body.dispose();
      settle(call, this.#ports);
    }
  }

  async #steps(call: Call): Promise<void> {
    const ports = this.#ports;
    call.principal = await identify(call.exchange.headers, call.snapshot, ports.principals);
    permitRoute(call.principal, call.exchange.path, CALL_ROUTES);
    refuseForeignBody(call);
    await read(call, ports);
    this.#admission.admit(call);
    choose(call, ports);
    const mock = mockOf(call);
    if (mock === undefined) await relay(call, await attempt(call, ports), ports);
    else answerMock(call, mock, ports.now());
  }
}

function answerMock(call: Call, mock: unknown, now: number): void {
  const answer = mockAnswer(call, mock, Math.floor(Date.now() / 1000));
  const { exchange } = call;
  const head = answerHead(call, [], now);
  call.status = 200;
  call.outcome = 'ok';
  if ('json' in answer) {
    exchange.answer(200, [...head, 'content-type', 'application/json'], answer.json);
    return;
  }
  exchange.head(200, [...head, 'content-type', 'text/event-stream; charset=utf-8', 'cache-control', 'no-cache']);
  exchange.write(answer.events.join(''));
  exchange.end();
}

/** The answer of a call that did not get through. What was routed still says where to. */
function fail(call: Call, thrown: unknown, now: number): void {
  const error = asGatewayError(call.cutFor ?? thrown);
  const { exchange } = call;
  call.code = error.code;
  call.internal = error.internal;
  call.status = error.status;
  if (exchange.aborted) {
    call.outcome = 'client_gone';
    return;
  }
  if (error.code === 'internal_error' || call.cutFor !== undefined) call.outcome = 'gateway_failed';
  else call.outcome = error.code.startsWith('upstream_') ? 'upstream_failed' : 'refused';
  if (exchange.committed) exchange.destroy();
  else answerError(exchange, error, failureHead(call, now));
}

function failureHead(call: Call, now: number): readonly string[] {
  if (call.deployment !== undefined) return answerHead(call, [], now);
  const explained = call.explanation === undefined ? [] : ['x-waymark-explain', call.explanation];
  return [...call.stamp.headers, ...explained];
}
