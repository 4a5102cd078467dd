import type { KeySubject, Subject } from './subject.ts';

/** Everything that the management API lets somebody do. A route declares one of these, or it does not start. */
export const ACTIONS = [
  'key.create',
  'key.update',
  'key.delete',
  'key.block',
  'key.regenerate',
  'key.read',
  'key.list',
  'team.create',
  'team.update',
  'team.delete',
  'team.block',
  'team.members',
  'team.read',
  'team.list',
  'project.create',
  'project.update',
  'project.delete',
  'project.read',
  'project.list',
  'user.create',
  'user.update',
  'user.delete',
  'user.read',
  'user.list',
  'tag.create',
  'tag.update',
  'tag.delete',
  'tag.read',
  'tag.list',
  'model.create',
  'model.update',
  'model.delete',
  'model.read',
  'reach.key',
  'reach.team',
  'audit.read',
] as const;

export type Action = (typeof ACTIONS)[number];

/** Whose the thing is that an action is about. All absent: a thing of nobody's, or a list. */
export interface Owned {
  /** The key itself, where the thing is a key. */
  readonly token?: string;
  readonly userId?: string | null;
  readonly teamId?: string | null;
}

/** Route names under which LiteLLM lets a team open an action to its plain members. */
const MEMBER_ROUTES: ReadonlyMap<Action, string> = new Map([
  ['key.create', '/key/generate'],
  ['key.update', '/key/update'],
  ['key.delete', '/key/delete'],
  ['key.block', '/key/block'],
  ['key.regenerate', '/key/regenerate'],
]);

const LISTS: ReadonlySet<Action> = new Set(['key.list', 'team.list', 'project.list']);
const READS: ReadonlySet<Action> = new Set(ACTIONS.filter((each) => /\.(read|list)$|^reach\./.test(each)));

/**
 * The one decision of the management API: whether `subject` may do `action` to a thing of `object`'s. Lists are open to all
 * who see anything of the kind; what they show is narrowed in the query. Anything not said here is refused.
 */
export function can(subject: Subject, action: Action, object: Owned = {}): boolean {
  if (subject.kind === 'master' || subject.role === 'proxy_admin') return true;
  if (READS.has(action) && subject.role === 'proxy_admin_viewer') return true;
  if (action === 'key.read' || action === 'reach.key') return mayReadKey(subject, object);
  if (LISTS.has(action)) return true;
  if (action === 'team.read' || action === 'project.read' || action === 'reach.team') return inTeam(subject, object);
  if (action === 'user.read') return subject.userId !== null && object.userId === subject.userId;
  if (subject.role !== 'internal_user') return false;
  if (action === 'team.members') return administers(subject, object.teamId);
  return MEMBER_ROUTES.has(action) && mayChangeKey(subject, action, object);
}

function mayReadKey(subject: KeySubject, object: Owned): boolean {
  if (object.token !== undefined && object.token === subject.token) return true;
  return isOwn(subject, object) || administers(subject, object.teamId);
}

/** A personal key by its owner; a team's key by an admin of the team, or by its owner where the team opens the route. */
function mayChangeKey(subject: KeySubject, action: Action, object: Owned): boolean {
  if (object.teamId == null) return isOwn(subject, object);
  if (administers(subject, object.teamId)) return true;
  const opened = subject.teams.get(object.teamId)?.permissions.has(MEMBER_ROUTES.get(action) ?? '') === true;
  return opened && isOwn(subject, object);
}

function isOwn(subject: KeySubject, object: Owned): boolean {
  return subject.userId !== null && object.userId === subject.userId;
}

function administers(subject: KeySubject, teamId: string | null | undefined): boolean {
  return teamId != null && subject.teams.get(teamId)?.role === 'admin';
}

/** A member of the team, or a key that belongs to it. */
function inTeam(subject: KeySubject, { teamId }: Owned): boolean {
  return teamId != null && (subject.teams.has(teamId) || subject.teamId === teamId);
}
