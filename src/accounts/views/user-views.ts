import type { JsonObject, KeyRecord, TeamRecord, UserRecord } from '../contract.ts';
import { keyRow } from './key-views.ts';
import { limitsRow, stampRow, type Spent } from './row-parts.ts';
import { teamRow } from './team-views.ts';

/** `teams`: ids of the teams that the user is a member of. */
export function userRow(user: UserRecord, teams: readonly string[], spent?: Spent): JsonObject {
  return {
    sso_user_id: null,
    ...user.extra,
    user_id: user.userId,
    user_email: user.email,
    user_alias: user.alias,
    user_role: user.role,
    teams,
    models: user.models,
    blocked: user.blocked,
    metadata: user.metadata,
    ...limitsRow(user, spent),
    ...stampRow(user),
  };
}

export interface UserBelongings {
  readonly keys: readonly KeyRecord[];
  readonly teams: readonly TeamRecord[];
}

/** The answer to `/user/info`. */
export function userInfo(user: UserRecord, { keys, teams }: UserBelongings, spent?: Spent): JsonObject {
  const ids = teams.map((team) => team.teamId);
  return {
    user_id: user.userId,
    user_info: userRow(user, ids, spent),
    keys: keys.map((key) => keyRow(key)),
    teams: teams.map((team) => teamRow(team)),
  };
}
