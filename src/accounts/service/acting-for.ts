import { GatewayError } from '../../core/errors/gateway-error.ts';
import type { KeyRecord } from '../contract.ts';
import { isProxyAdmin } from '../subject.ts';
import type { Ask } from './ask.ts';

/** What a key may use that makes calls and nothing else. */
export const CALLS_ONLY: readonly string[] = ['llm_api_routes'];

const GROUPS_OF_CALLS: ReadonlySet<string> = new Set([
  'llm_api_routes',
  'openai_routes',
  'anthropic_routes',
  'google_routes',
  'mcp_routes',
  'mapped_pass_through_routes',
]);

/** Under these stands the management API. */
const MANAGED = ['/key', '/team', '/v2', '/user', '/project', '/tag', '/model', '/audit'];

/**
 * True where the key would act for somebody else than the caller: whoever has it may do, in all of that user's teams, what the
 * user may. An admin of one team must not get into another by making a key for a member of both.
 */
export function actsForAnother(key: KeyRecord, { caller: { subject } }: Ask): boolean {
  return !isProxyAdmin(subject) && subject.kind === 'key' && key.userId !== null && key.userId !== subject.userId;
}

/** Refuses a key that its maker would know, and that could manage in somebody else's name. */
export function refuseActingFor(key: KeyRecord, ask: Ask): void {
  if (!actsForAnother(key, ask) || makesCallsOnly(key.allowedRoutes)) return;
  throw new GatewayError('grant_exceeded', {
    message:
      'A key of another user, made or renewed by you, may make calls only: set allowed_routes to ["llm_api_routes"], or ask a proxy admin.',
    param: 'allowed_routes',
  });
}

/** No list is every route. */
function makesCallsOnly(routes: readonly string[]): boolean {
  return routes.length > 0 && routes.every((route) => GROUPS_OF_CALLS.has(route) || isPathOfCalls(route));
}

function isPathOfCalls(route: string): boolean {
  if (!route.startsWith('/')) return false;
  const path = route.replace(/\*.*$/, '');
  return !MANAGED.some((managed) => path.startsWith(managed) || managed.startsWith(path));
}
