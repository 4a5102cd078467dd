import type { Principal } from '../../accounts/principal.ts';
import type { Exchange } from '../../gateway/exchange.ts';
import type { Snapshot } from '../../gateway/snapshot.ts';
import type { Stamp } from '../../gateway/stamp.ts';

/** One request to an endpoint that is answered here, without a deployment. */
export interface Visit {
  readonly exchange: Exchange;
  readonly stamp: Stamp;
  readonly snapshot: Snapshot;
}

/** A visit whose caller is known. */
export interface KnownVisit extends Visit {
  readonly principal: Principal;
}

export function answerJson(visit: Visit, value: unknown): void {
  answerText(visit, JSON.stringify(value), 'application/json');
}

export function answerText(visit: Visit, text: string, contentType: string): void {
  visit.exchange.answer(200, [...visit.stamp.headers, 'content-type', contentType], text);
}
