import type { Principal } from '../accounts/principal.ts';
import { GatewayError } from '../core/errors/gateway-error.ts';

/** LiteLLM's names for the groups of routes that an endpoint belongs to, as `allowed_routes` spells them. */
export type RouteGroups = ReadonlySet<string>;

/** Calls that are routed to a deployment. */
export const CALL_ROUTES: RouteGroups = new Set(['llm_api_routes', 'openai_routes']);
/** Lists of models, and what would become of a call: for those who call, and for those who only look. */
export const MODEL_ROUTES: RouteGroups = new Set([...CALL_ROUTES, 'info_routes']);
/** What stands behind the models. */
export const INFO_ROUTES: RouteGroups = new Set(['info_routes']);

/**
 * Throws `route_not_permitted` where the key's `allowed_routes` name neither the path, nor a path above it (`/v1` or `/v1/*`),
 * nor a group that the endpoint belongs to. No list: every endpoint.
 */
export function permitRoute(principal: Principal, path: string, groups: RouteGroups): void {
  const allowed = principal.account?.allowedRoutes ?? [];
  if (allowed.length === 0 || allowed.some((entry) => groups.has(entry) || covers(entry, path))) return;
  throw new GatewayError('route_not_permitted', {
    message: 'This key may not use this endpoint: it is not among its allowed_routes.',
  });
}

function covers(entry: string, path: string): boolean {
  if (!entry.startsWith('/')) return false;
  if (entry.endsWith('*')) return path.startsWith(entry.slice(0, -1));
  return path === entry || path.startsWith(`${entry}/`);
}
