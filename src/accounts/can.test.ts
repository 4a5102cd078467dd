import { describe, expect, it } from 'vitest';
import { keyRecord, teamRecord } from '../../test/support/account-records.ts';
import { ACTIONS, can, type Action, type Owned } from './can.ts';
import type { TeamRole, UserRole } from './contract.ts';
import { actorOf, isProxyAdmin, MASTER_SUBJECT, subjectOf, type KeySubject, type Subject } from './subject.ts';

const NOBODY = { token: 'own', userId: null, role: 'internal_user_viewer', teamId: null, teams: new Map() } as const;

function keyOf(role: UserRole, member?: TeamRole, permissions: readonly string[] = []): KeySubject {
  const teams = new Map(member === undefined ? [] : [['T', { role: member, permissions: new Set(permissions) }]]);
  return { kind: 'key', token: 'own', userId: 'me', role, teamId: null, teams };
}

const EVERY_ROUTE = ['/key/generate', '/key/update', '/key/delete', '/key/block', '/key/regenerate'];

const SUBJECTS: readonly (readonly [string, Subject])[] = [
  ['master', MASTER_SUBJECT],
  ['proxy_admin', keyOf('proxy_admin')],
  ['proxy_admin_viewer', keyOf('proxy_admin_viewer')],
  ['internal_user', keyOf('internal_user')],
  ['internal_user_viewer', keyOf('internal_user_viewer')],
  ['team admin', keyOf('internal_user', 'admin')],
  ['team admin, viewer', keyOf('internal_user_viewer', 'admin')],
  ['team member', keyOf('internal_user', 'user')],
  ['team member with routes', keyOf('internal_user', 'user', EVERY_ROUTE)],
  ['key of a team and nobody', { kind: 'key', ...NOBODY, teamId: 'T' }],
  ['key of nobody', { kind: 'key', ...NOBODY }],
];

const OBJECTS: readonly (readonly [string, Owned])[] = [
  ['itself', { token: 'own', userId: 'me', teamId: null }],
  ['own', { token: 'other', userId: 'me', teamId: null }],
  ['own in team', { token: 'other', userId: 'me', teamId: 'T' }],
  ['in team', { token: 'other', userId: 'you', teamId: 'T' }],
  ['own in foreign team', { token: 'other', userId: 'me', teamId: 'F' }],
  ['foreign', { token: 'other', userId: 'you', teamId: 'F' }],
  ['nobody', {}],
];

/** Which objects a subject may do an action to: `all`, `-`, or their names. */
function allowed(subject: Subject, action: Action): string {
  const names = OBJECTS.filter(([, object]) => can(subject, action, object)).map(([name]) => name);
  if (names.length === OBJECTS.length) return 'all';
  return names.length === 0 ? '-' : names.join(', ');
}

describe('can', () => {
  it('holds the matrix of roles, actions and owners', async () => {
    const lines = SUBJECTS.flatMap(([name, subject]) => [
      `# ${name}`,
      ...ACTIONS.map((action) => `${action}: ${allowed(subject, action)}`),
      '',
    ]);
    await expect(lines.join('\n')).toMatchFileSnapshot('can.golden.txt');
  });

  it('gives nobody but proxy admins what is neither theirs nor a list', () => {
    for (const [name, subject] of SUBJECTS) {
      if (isProxyAdmin(subject) || name === 'proxy_admin_viewer') continue;
      const foreign = ACTIONS.filter((action) => !action.endsWith('.list') && can(subject, action, OBJECTS[5]?.[1]));
      expect([name, foreign]).toEqual([name, []]);
    }
  });

  it('lets viewers change nothing', () => {
    const writes = ACTIONS.filter((action) => !/\.(read|list)$|^reach\./.test(action));
    for (const role of ['proxy_admin_viewer', 'internal_user_viewer'] as const) {
      for (const [, object] of OBJECTS) {
        const subject = keyOf(role, 'admin', EVERY_ROUTE);
        expect(writes.filter((action) => can(subject, action, object))).toEqual([]);
      }
    }
  });
});

describe('subjectOf', () => {
  const key = keyRecord('mine', { userId: 'me' });
  const team = teamRecord('T', {
    members: [{ userId: 'me', role: 'admin', maxBudgetNano: null }],
    memberPermissions: ['/key/generate'],
  });

  it('gives a key of nobody known no power, whatever teams there are', () => {
    const subject = subjectOf({ key: { ...key, userId: null }, team: null, project: null, user: null }, [team]);
    expect(subject).toMatchObject({ role: 'internal_user_viewer', teams: new Map() });
    expect(actorOf(subject)).toBe(`key:${key.token.slice(0, 12)}`);
  });

  it('finds the teams of the user', () => {
    const subject = subjectOf({ key, team: null, project: null, user: null }, [
      team,
      { ...team, teamId: 'F', members: [] },
    ]);
    expect([...subject.teams]).toEqual([['T', { role: 'admin', permissions: new Set(['/key/generate']) }]]);
    expect(actorOf(subject)).toBe('me');
  });
});
