import type { Facts } from '../core/routing/facts.ts';
import type { Call } from './call.ts';
import { decodeHeader } from './header-text.ts';

/** The facts of a call that has been read. */
export function factsOf(call: Call): Facts {
  const { request, principal } = call;
  if (request === undefined || principal === undefined)
    throw new Error('a call is chosen for only after it has been read');
  const userAgent = call.exchange.headers.get('user-agent');
  return {
    model: request.routedModel,
    ...(request.routedModel === request.model ? {} : { askedAs: request.model }),
    ...(request.response === undefined ? {} : { pinned: request.response.deploymentId }),
    tags: request.tags,
    policy: principal.policy,
    ...(userAgent === undefined || userAgent === '' ? {} : { userAgent: decodeHeader(userAgent) }),
  };
}
