import type { AccountStore } from '../../accounts/contract.ts';
import { keyRefusal } from '../../accounts/principal-of.ts';
import type { PrincipalSource } from '../../accounts/principal.ts';
import type { Caller } from '../../accounts/service/ask.ts';
import { MASTER_SUBJECT, subjectOf } from '../../accounts/subject.ts';
import { GatewayError } from '../../core/errors/gateway-error.ts';
import { keyRefused } from '../../gateway/key-errors.ts';
import type { ManagementVisit } from '../../gateway/management.ts';
import { permitRoute, type RouteGroups } from '../../gateway/route-permission.ts';
import { identify } from '../../gateway/steps/identify.ts';

export interface CallerSources {
  readonly principals: PrincipalSource;
  readonly store: AccountStore;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** LiteLLM's names of groups of routes, as `allowed_routes` of a key may hold them. */
const READING: RouteGroups = new Set(['management_routes', 'info_routes']);
const CHANGING: RouteGroups = new Set(['management_routes']);

/**
 * Who asks. Calls may be judged by what a cache remembers for a moment; the right to manage is read anew each time. Rejects
 * with the errors of `identify`, and with StoreUnavailable.
 */
export async function callerOf({ exchange, snapshot }: ManagementVisit, sources: CallerSources): Promise<Caller> {
  const principal = await identify(exchange.headers, snapshot, sources.principals);
  if (principal.kind === 'master') return { subject: MASTER_SUBJECT, context: null };
  permitRoute(principal, exchange.path, exchange.method === 'GET' ? READING : CHANGING);
  const token = principal.account?.token;
  const context = token === undefined ? undefined : await sources.store.findKey(token);
  if (context === undefined) {
    const message = 'Authentication Error, Invalid proxy server token passed. The key is not known here.';
    throw new GatewayError('invalid_api_key', { message, param: 'key' });
  }
  const refusal = keyRefusal(context, sources.now());
  if (refusal !== undefined) throw keyRefused(refusal);
  const { userId } = context.key;
  const teams = userId === null ? [] : await sources.store.teamsOfUser(userId);
  return { subject: subjectOf(context, teams), context };
}
