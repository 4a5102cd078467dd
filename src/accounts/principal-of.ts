import { createHash } from 'node:crypto';
import type { PolicyScope, TagPolicy } from '../core/routing/facts.ts';
import type { KeyContext, TagGrant } from './contract.ts';
import { modelAccess, type ModelAccess } from './model-access.ts';
import type { Principal } from './principal.ts';

/** Why a key that exists may not be used now. */
export type KeyRefusal = 'expired' | 'blocked' | 'team_blocked' | 'project_blocked' | 'user_blocked' | 'orphaned';

/** Why the key may not be used at `now` (milliseconds since 1970); undefined: it may. */
export function keyRefusal({ key, team, project, user }: KeyContext, now: number): KeyRefusal | undefined {
  if (key.expiresAt !== null && key.expiresAt <= now) return 'expired';
  if (key.blocked) return 'blocked';
  // A scope that is named but gone would have bound the key: without it the key must not be freer.
  if ((key.teamId !== null && team === null) || (key.projectId !== null && project === null)) return 'orphaned';
  if (team?.blocked === true) return 'team_blocked';
  if (project?.blocked === true) return 'project_blocked';
  return user?.blocked === true ? 'user_blocked' : undefined;
}

/** The principal of a key: its tags and grants joined with those of its team and project. Frozen. */
export function principalOf(context: KeyContext): Principal {
  const { key, team, project } = context;
  return Object.freeze({
    kind: 'key',
    id: key.token.slice(0, 12),
    policy: policyOf(context),
    account: Object.freeze({
      token: key.token,
      alias: key.alias,
      teamId: team?.teamId ?? null,
      userId: key.userId,
      projectId: project?.projectId ?? null,
      expiresAt: key.expiresAt,
      models: accessOf(context),
      aliases: aliasesOf(context),
      allowedRoutes: key.allowedRoutes,
    }),
  });
}

/** What key, team and project say of tags, as one policy. */
export function policyOf({ key, team, project }: Pick<KeyContext, 'key' | 'team' | 'project'>): TagPolicy {
  return policyOfScopes({ key, ...(team === null ? {} : { team }), ...(project === null ? {} : { project }) });
}

/** A tag must be in the list of every scope that has one; one scope that rejects, rejects. */
export function policyOfScopes(scopes: Readonly<Partial<Record<PolicyScope, TagGrant>>>): TagPolicy {
  const present = (['key', 'team', 'project'] as const).flatMap((scope) => {
    const grant = scopes[scope];
    return grant === undefined ? [] : [{ scope, grant }];
  });
  const [allowedTags, ...furtherAllowedTags] = present.flatMap(({ grant }) =>
    grant.allowedTags === null ? [] : [grant.allowedTags],
  );
  const says = present.flatMap(({ grant }) => grant.onUnpermittedTag ?? []);
  return Object.freeze({
    master: false,
    policyTags: Object.fromEntries(present.map(({ scope, grant }) => [scope, grant.tags])),
    ...(allowedTags === undefined ? {} : { allowedTags, furtherAllowedTags }),
    onUnpermittedTag: says.length > 0 && says.every((each) => each === 'ignore') ? 'ignore' : 'reject',
    enableTagFiltering: present.some(({ grant }) => grant.enableTagFiltering === true),
  });
}

/** The policy where callers may send no tags at all: no grant of a tag opens anything. */
export function withoutCallerTags(policy: TagPolicy): TagPolicy {
  return { ...policy, allowedTags: [], furtherAllowedTags: [] };
}

/** The models of the key, within those of its team and project; a key of no team is bound by its user's too. */
export function accessOf({ key, team, project, user }: KeyContext): ModelAccess {
  const personal = team === null && user !== null ? user.models : [];
  return modelAccess([key.models, team?.models ?? [], project?.models ?? [], personal]);
}

/** The team's aliases, and the key's over them. Anything but a text is no alias. */
function aliasesOf({ key, team }: KeyContext): ReadonlyMap<string, string> {
  const entries = [...Object.entries(team?.modelAliases ?? {}), ...Object.entries(key.aliases)];
  return new Map(entries.flatMap(([name, target]) => (typeof target === 'string' ? [[name, target] as const] : [])));
}

/** The id under which a key is stored and looked up: lower-case hex SHA-256 of the key as sent. */
export function tokenOf(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}
