import type { AdminRoute } from '../route.ts';
import { KEY_ROUTES } from './keys.ts';
import { TEAM_ROUTES } from './teams.ts';

/** Every route of the management API. */
export const ROUTES: readonly AdminRoute[] = [...KEY_ROUTES, ...TEAM_ROUTES];
