import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../contract.ts';
import { differences } from './differences.ts';
import { mapKey, mapOldKey, shownToken } from './map-key.ts';
import { mapModel } from './map-model.ts';
import { mapProject } from './map-project.ts';
import { mapTag } from './map-tag.ts';
import { mapTeam } from './map-team.ts';
import { mapUser } from './map-user.ts';
import { momentIn, momentText } from './row.ts';

const NOW = Date.parse('2026-06-01T00:00:00Z');
const TOKEN = 'ab'.repeat(32);
const BUDGET = { budget_id: 'b', max_budget: 2, tpm_limit: 10, budget_duration: '7d' };
const context = { now: NOW, prefix: '', budgets: new Map<string, JsonObject>([['b', BUDGET]]) };
const none = { emails: new Map<string, string>(), seats: new Map(), aliases: new Map() };

const key = (row: JsonObject) => mapKey({ token: TOKEN, ...row }, context);
const team = (row: JsonObject, more = {}) => mapTeam({ team_id: 't', ...row }, { ...context, ...none, ...more });
const user = (row: JsonObject) => mapUser({ user_id: 'u', ...row }, context);

describe('a key', () => {
  test.each<[JsonObject, object]>([
    [
      { max_budget: null, budget_id: 'b' },
      { maxBudgetNano: 2e9, tpmLimit: 10, budgetDuration: '7d' },
    ],
    [
      { max_budget: 1, budget_id: 'b' },
      { maxBudgetNano: 1e9, tpmLimit: 10 },
    ],
    [{ max_budget: 'Infinity' }, { maxBudgetNano: null }],
    [{ budget_id: 'gone' }, { maxBudgetNano: null }],
    [{ expires: '2030-01-01T00:00:00.5' }, { expiresAt: Date.parse('2030-01-01T00:00:00.5Z') }],
    [{ expires: '2030-01-01T02:00:00+02:00' }, { expiresAt: Date.parse('2030-01-01T00:00:00Z') }],
    [{ expires: null }, { expiresAt: null }],
    [{ blocked: null }, { blocked: false }],
    [{ aliases: '{"fast":"gpt-4"}' }, { aliases: { fast: 'gpt-4' } }],
    [{ metadata: { tags: ['a', ' a ', '!b'], empty: null } }, { tags: ['a', '!b'], metadata: {} }],
    [{ key_alias: ' spaced ' }, { alias: 'spaced' }],
    [{ key_alias: '' }, { alias: null }],
    [{ key_type: 'management' }, { allowedRoutes: ['management_routes'] }],
    [{ key_type: 'management', allowed_routes: ['/v1/*'] }, { allowedRoutes: ['/v1/*'] }],
    [{ user_id: 'u', metadata: { service_account_id: 's' } }, { serviceAccount: false }],
    [
      { created_at: null, created_by: null },
      { createdAt: NOW, createdBy: 'litellm', keyName: 'sk-...' },
    ],
    [
      { created_at: '2026-01-01T00:00:00', updated_at: '2025-01-01T00:00:00' },
      { createdAt: Date.parse('2026-01-01T00:00:00Z'), updatedAt: Date.parse('2026-01-01T00:00:00Z') },
    ],
  ])('%j', (row, fields) => expect(key(row)).toMatchObject({ kind: 'record', record: fields }));

  test.each<[JsonObject, string]>([
    [{ token: 'sk-plain' }, 'It is stored under something else than its SHA-256.'],
    [{ token: TOKEN.toUpperCase() }, 'It is stored under something else than its SHA-256.'],
    [{ metadata: { tags: 'teamA' } }, 'metadata.tags is a text, not a list.'],
    [{ metadata: ['x'] }, 'metadata is a list, not an object.'],
    [{ expires: 'infinity' }, 'expires is no time.'],
    [{ allowed_routes: ['everything'] }, 'allowed_routes[0] is neither a path nor a group of routes'],
    [{ models: ['a\u0000'] }, 'models[0] has a NUL character in it.'],
    [{ max_budget: -1 }, 'max_budget is negative.'],
  ])('%j is refused', (row, reason) => {
    const mapped = key(row);
    expect(mapped).toMatchObject({ kind: 'refused' });
    expect(mapped).toHaveProperty('reason', expect.stringContaining(reason));
  });

  test('of the admin pages is left', () =>
    expect(key({ team_id: 'litellm-dashboard' })).toMatchObject({ kind: 'left' }));

  test('that is no hash is not shown', () => {
    expect([TOKEN, 'sk-plain'].map((token) => shownToken({ token }))).toEqual([TOKEN, '(not shown)']);
    expect(shownToken({ token: 'sk-plain', key_alias: 'mine' })).toBe('mine');
  });

  test('in its grace period ends with it, or with its successor', () => {
    const next = key({ expires: '2030-01-01T00:00:00' });
    if (next.kind !== 'record') throw new Error(next.reason);
    const end = (revokedAt: string) =>
      mapOldKey({ token: 'cd'.repeat(32), revoke_at: revokedAt }, next.record, NOW)?.expiresAt;
    expect(end('2029-01-01T00:00:00')).toBe(Date.parse('2029-01-01T00:00:00Z'));
    expect(end('2031-01-01T00:00:00')).toBe(Date.parse('2030-01-01T00:00:00Z'));
    expect(end('2026-06-01T00:00:00')).toBeUndefined();
  });
});

describe('a team', () => {
  test.each<[JsonObject, readonly string[]]>([
    [
      {
        members_with_roles: [
          { user_id: 'x', role: 'user' },
          { user_id: 'x', role: 'admin' },
        ],
      },
      ['x admin'],
    ],
    [{ members_with_roles: '[{"user_id":"x","role":"user"}]' }, ['x user']],
    [{ members_with_roles: [{ user_email: 'x@example.com', role: 'user' }] }, ['known user']],
    [{ members_with_roles: [{ role: 'admin' }, 7] }, []],
    [{ members_with_roles: {}, admins: ['x'], members: ['x', 'y'] }, ['x admin', 'y user']],
    // The two lists of early versions count only where there is nothing newer.
    [{ members_with_roles: [{ user_id: 'x', role: 'user' }], admins: ['y'] }, ['x user']],
  ])('%j', (row, seats) => {
    const mapped = team(row, { emails: new Map([['x@example.com', 'known']]) });
    const members = mapped.kind === 'record' ? mapped.record.members : [];
    expect(members.map(({ userId, role }) => `${userId} ${role}`)).toEqual(seats);
  });

  test('has the aliases and the seats of other tables', () => {
    const seat = { user_id: 'x', team_id: 't', budget_id: 'b' };
    const mapped = team(
      { model_id: 3, members_with_roles: [{ user_id: 'x', role: 'user' }] },
      { seats: new Map([['t', new Map([['x', seat]])]]), aliases: new Map([[3, { aliases: '{"a":"b"}' }]]) },
    );
    expect(mapped).toMatchObject({ record: { modelAliases: { a: 'b' }, members: [{ maxBudgetNano: 2e9 }] } });
    expect(mapped).toHaveProperty('notes', [
      'budget_duration of a member has no counterpart and is not carried over.',
      'tpm_limit of a member has no counterpart and is not carried over.',
    ]);
  });
});

describe('a user', () => {
  test.each([
    ['proxy_admin', 'proxy_admin'],
    ['internal_user_viewer', 'internal_user_viewer'],
    ['org_admin', 'internal_user'],
    ['team', 'internal_user_viewer'],
    ['something new', 'internal_user_viewer'],
    [null, 'internal_user'],
  ])('with the role %s is a %s', (role, becomes) => {
    expect(user({ user_role: role })).toMatchObject({ record: { role: becomes } });
  });

  test.each([
    [{ scim_active: false }, true],
    [{ scim_active: true }, false],
    [{}, false],
  ])('with the notes %j is blocked: %s', (metadata, blocked) => {
    expect(user({ metadata })).toMatchObject({ record: { blocked } });
  });
});

test('a project belongs to a team', () => {
  expect(mapProject({ project_id: 'p' }, context)).toMatchObject({ kind: 'left' });
  expect(mapProject({ project_id: 'p', team_id: 't', budget_id: 'b' }, context)).toMatchObject({
    record: { projectId: 'p', teamId: 't', maxBudgetNano: 2e9 },
  });
});

test('a tag has the budget that it points at', () => {
  expect(mapTag({ tag_name: 'x', budget_id: 'b' }, context)).toMatchObject({ record: { name: 'x', tpmLimit: 10 } });
});

describe('a stored model', () => {
  const SEALED = 'A'.repeat(64);
  const open = (text: string) => (text.startsWith('sealed:') ? text.slice(7) : undefined);
  const model = (row: JsonObject, more = {}) =>
    mapModel({ model_id: 'm', model_name: 'g', ...row }, { ...context, open, credentials: new Map(), ...more });

  test('is opened, and its credentials stand apart', () => {
    const params = { model: 'sealed:openai/x', api_key: 'sealed:sk-1', rpm: 3, tags: ['a'], nothing: null };
    expect(model({ litellm_params: params, model_info: { id: 'other', db_model: true, mode: 'chat' } })).toMatchObject({
      record: {
        record: {
          id: 'm',
          modelName: 'g',
          params: { model: 'openai/x', rpm: 3, tags: ['a'] },
          modelInfo: { mode: 'chat' },
        },
        credentials: { api_key: 'sk-1' },
      },
    });
  });

  test('takes what its named credential adds, less what it sets itself', () => {
    const credentials = new Map([['c', { credential_values: { api_key: 'sealed:k', api_base: 'sealed:http://c' } }]]);
    const params = { model: 'x', api_base: 'http://own', litellm_credential_name: 'sealed:c' };
    expect(model({ litellm_params: params }, { credentials })).toMatchObject({
      record: { record: { params: { api_base: 'http://own' } }, credentials: { api_key: 'k' } },
    });
    const unknown = model({ litellm_params: params });
    expect(unknown).toMatchObject({ record: { record: { params: { litellm_credential_name: 'c' } } } });
  });

  test('whose credential alone is sealed comes without it, and says so', () => {
    expect(model({ litellm_params: { model: 'x', api_key: SEALED } })).toMatchObject({
      record: { credentials: {} },
      notes: ['litellm_params.api_key is sealed and is not carried over.'],
    });
  });

  test.each([{ model: SEALED }, { model: 'x', api_base: SEALED }, { model: 'v2:gcm:xyz' }])(
    '%j cannot be told where it goes: it is refused',
    (params) => expect(model({ litellm_params: params })).toMatchObject({ kind: 'refused' }),
  );

  test.each<JsonObject>([{ blocked: true }, { model_info: { team_id: 't' } }])('%j is left', (row) => {
    expect(model({ litellm_params: { model: 'x' }, ...row })).toMatchObject({ kind: 'left' });
  });
});

test.each<[object, object, readonly string[]]>([
  [{ a: 1, updatedAt: 1 }, { a: 1, updatedAt: 2 }, []],
  [{ a: { x: 1, y: [1, 2] } }, { a: { y: [1, 2], x: 1 } }, []],
  [{ a: [1, 2] }, { a: [2, 1] }, ['a']],
  [{ a: null }, { a: 0, b: 1 }, ['a', 'b']],
])('%j and %j differ in %j', (a, b, names) => expect(differences(a, b)).toEqual(names));

test('a time without a zone is UTC', () => {
  expect(momentText('2026-01-02T03:04:05.678')).toBe('2026-01-02T03:04:05.678Z');
  expect(momentText('2026-01-02T03:04:05+00:00')).toBe('2026-01-02T03:04:05+00:00');
  expect(momentIn({ at: '2026-01-02T03:04:05' }, 'at')).toBe(Date.UTC(2026, 0, 2, 3, 4, 5));
  expect(momentIn({ at: 'nonsense' }, 'at')).toBeUndefined();
});
