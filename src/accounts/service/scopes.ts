import { GatewayError } from '../../core/errors/gateway-error.ts';
import { scopeProblem } from '../build/key.ts';
import { can, type Owned } from '../can.ts';
import type { KeyContext, KeyRecord, ObjectType } from '../contract.ts';
import { excessiveChange, excessiveGrants } from '../grants.ts';
import { tokenOf } from '../principal-of.ts';
import { isProxyAdmin } from '../subject.ts';
import { may, type AccountsParts, type Ask } from './ask.ts';
import { fieldRefused, notFound, notPermitted } from './refusals.ts';

const HASH = /^[0-9a-f]{64}$/;

/** A key as a management call names it: the key itself, or its hash. Undefined: neither. */
export function tokenFrom(named: string): string | undefined {
  if (named.startsWith('sk-')) return tokenOf(named);
  return HASH.test(named) ? named : undefined;
}

export function ownedKey(key: KeyRecord): Owned {
  return { token: key.token, userId: key.userId, teamId: key.teamId };
}

/** The key that a field names, where the caller may do what it asks for; else 404, or 403 for one that it may see. */
export async function permittedKey(
  named: { readonly key: string; readonly param: string },
  ask: Ask,
  parts: AccountsParts,
): Promise<KeyContext> {
  const token = tokenFrom(named.key);
  const found = token === undefined ? undefined : await parts.store.findKey(token);
  if (found === undefined) throw notFound('key', named.param);
  permit(ask, ownedKey(found.key), { type: 'key', param: named.param });
  return found;
}

const READ_OF = { key: 'key.read', team: 'team.read', project: 'project.read', user: 'user.read' } as const;

/** Refuses what the caller may not do: as not found where it may not even see the thing. */
export function permit(
  ask: Ask,
  object: Owned,
  { type, param }: { readonly type: keyof typeof READ_OF; readonly param: string },
): void {
  if (may(ask, object)) return;
  if (!can(ask.caller.subject, READ_OF[type], object)) throw notFound(type, param);
  throw notPermitted(
    `You may see this ${type}, but not do this to it. An admin of its team, or a proxy admin, may.`,
    param,
  );
}

/** For what only has to do with the whole gateway: makes, changes or shows something of nobody's. */
export function permitAtAll(ask: Ask): void {
  if (may(ask)) return;
  throw notPermitted('Only a proxy admin may do this. Ask with the master key, or with a key of a proxy admin.');
}

/** The key with everything that will bind a call of it, read anew. Refuses scopes that do not fit together. */
export async function inScopes(key: KeyRecord, { store }: AccountsParts): Promise<KeyContext> {
  const [team, project, user] = await Promise.all([
    key.teamId === null ? null : store.getTeam(key.teamId),
    key.projectId === null ? null : store.getProject(key.projectId),
    key.userId === null ? null : store.getUser(key.userId),
  ]);
  if (team === undefined) throw notFound('team', 'team_id');
  if (project === undefined) throw notFound('project', 'project_id');
  const context = { key, team, project, user: user ?? null };
  const problem = scopeProblem(context);
  if (problem !== undefined) throw fieldRefused(problem);
  return context;
}

/**
 * A grant never exceeds its granter. `was`: what the key was allowed so far; to leave it there, or to narrow it, is anybody's
 * right who may change the key. Without it (a new key, whose secret the caller learns) everything is measured.
 */
export function refuseExcess(
  next: KeyContext,
  ask: Ask,
  { parts, was }: { parts: AccountsParts; was?: KeyContext },
): void {
  const { subject, context } = ask.caller;
  if (isProxyAdmin(subject) || context === null) return;
  const table = parts.table();
  const [excess] =
    was === undefined ? excessiveGrants(context, next, table) : excessiveChange(context, { was, next }, table);
  if (excess === undefined) return;
  throw new GatewayError('grant_exceeded', { message: excess.message, param: excess.field });
}

/** The scopes that a decision was made on must still be as they were read when the change is applied. */
export function expectations({ team, project }: Pick<KeyContext, 'team' | 'project'>): {
  readonly type: ObjectType;
  readonly id: string;
  readonly updatedAt: number;
}[] {
  return [
    ...(team === null ? [] : [{ type: 'team' as const, id: team.teamId, updatedAt: team.updatedAt }]),
    ...(project === null ? [] : [{ type: 'project' as const, id: project.projectId, updatedAt: project.updatedAt }]),
  ];
}
