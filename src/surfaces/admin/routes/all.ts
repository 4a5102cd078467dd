import type { AdminRoute } from '../route.ts';
import { AUDIT_ROUTES } from './audit.ts';
import { KEY_ROUTES } from './keys.ts';
import { MODEL_ROUTES } from './models.ts';
import { PROJECT_ROUTES } from './projects.ts';
import { TAG_ROUTES } from './tags.ts';
import { TEAM_ROUTES } from './teams.ts';
import { USER_ROUTES } from './users.ts';

/** Every route of the management API. */
export const ROUTES: readonly AdminRoute[] = [
  ...KEY_ROUTES,
  ...TEAM_ROUTES,
  ...USER_ROUTES,
  ...PROJECT_ROUTES,
  ...TAG_ROUTES,
  ...MODEL_ROUTES,
  ...AUDIT_ROUTES,
];
