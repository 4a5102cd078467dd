import type { KeyContext, TeamRecord, TeamRole, UserRole } from './contract.ts';

/** Whoever asks the management API for something. */
export type Subject = MasterSubject | KeySubject;

export interface MasterSubject {
  readonly kind: 'master';
}

/** A stored key. It acts for its user, where it has one; a key without a user may look at itself and no more. */
export interface KeySubject {
  readonly kind: 'key';
  readonly token: string;
  readonly userId: string | null;
  readonly role: UserRole;
  /** The team that the key itself belongs to. */
  readonly teamId: string | null;
  /** The teams that the user is a member of. */
  readonly teams: ReadonlyMap<string, Membership>;
}

export interface Membership {
  readonly role: TeamRole;
  /** Management routes that the team opens to its plain members: `/key/generate` ... */
  readonly permissions: ReadonlySet<string>;
}

export const MASTER_SUBJECT: MasterSubject = { kind: 'master' };

/** `teams`: those that the key's user is a member of. */
export function subjectOf(context: KeyContext, teams: readonly TeamRecord[]): KeySubject {
  const { key, user } = context;
  return {
    kind: 'key',
    token: key.token,
    userId: key.userId,
    // A key of nobody, or of somebody unknown, manages nothing.
    role: user?.role ?? 'internal_user_viewer',
    teamId: key.teamId,
    teams: new Map(key.userId === null ? [] : teams.flatMap((team) => membershipOf(team, key.userId ?? '') ?? [])),
  };
}

function membershipOf(team: TeamRecord, userId: string): [string, Membership][] {
  const member = team.members.find((each) => each.userId === userId);
  if (member === undefined) return [];
  return [[team.teamId, { role: member.role, permissions: new Set(team.memberPermissions) }]];
}

/** How an audit entry names the subject. */
export function actorOf(subject: Subject): string {
  if (subject.kind === 'master') return 'master';
  return subject.userId ?? `key:${subject.token.slice(0, 12)}`;
}

/** True for the master key and for proxy admins: bound by nothing. */
export function isProxyAdmin(subject: Subject): boolean {
  return subject.kind === 'master' || subject.role === 'proxy_admin';
}
