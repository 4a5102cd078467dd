import { describe, expect, it } from 'vitest';
import { keyRecord, projectRecord, teamRecord } from '../../../test/support/account-records.ts';
import { isSecretName as isSecretInConfig } from '../../config/secrets.ts';
import type { KeyRecord } from '../contract.ts';
import { keyGenerate, keyRegenerate } from '../fields/key-bodies.ts';
import { modelNew, modelUpdate } from '../fields/model-bodies.ts';
import { projectNew } from '../fields/project-bodies.ts';
import { readBody, type BodyReading, type BodyShape } from '../fields/read-body.ts';
import { tagNew } from '../fields/tag-bodies.ts';
import { teamUpdate } from '../fields/team-bodies.ts';
import { userUpdate } from '../fields/user-bodies.ts';
import { describeKey } from '../mint.ts';
import type { Built } from './build.ts';
import { mintedFor, newKey, regeneratedKey, scopeProblem, updatedKey } from './key.ts';
import { isSecretName, newModel, updatedModel } from './model.ts';
import { newProject } from './project.ts';
import { newTag } from './tag.ts';
import { firstMembers, newTeam, readMembers, updatedTeam } from './team.ts';
import { newUser, updatedUser } from './user.ts';

const NOW = Date.UTC(2030, 0, 31);
const CONTEXT = { now: NOW, actor: 'me', prefix: 'r:' };
const DAY = 86_400_000;

function read<S extends BodyShape>(shape: S, body: object): Extract<BodyReading<S>, { ok: true }> {
  const reading = readBody(shape, body);
  if (!reading.ok) throw new TypeError(reading.problem.message);
  return reading;
}

function record<R>(built: Built<R>): R {
  if (!built.ok) throw new TypeError(built.problem.message);
  return built.record;
}

function problem(built: Built<unknown>): string {
  return built.ok ? 'fine' : `${built.problem.field}: ${built.problem.message}`;
}

const MINTED = describeKey('sk-0123456789abcdef');

function generate(body: object): Built<KeyRecord> {
  return newKey(read(keyGenerate, body), { minted: MINTED }, CONTEXT);
}

function update(was: Partial<KeyRecord>, body: object): Built<KeyRecord> {
  return updatedKey(read(keyGenerate, body), keyRecord('k', was), CONTEXT);
}

describe('a new key', () => {
  it('is blank but for what is given', () => {
    const stamps = { createdAt: NOW, createdBy: 'me', updatedAt: NOW, updatedBy: 'me' };
    const { token, keyName } = MINTED;
    expect(record(generate({}))).toEqual({ ...keyRecord('k'), ...stamps, token, keyName });
    expect(record(generate({ tags: null, models: null, duration: null }))).toEqual(record(generate({})));
  });

  it.each<[string, object, Partial<KeyRecord>]>([
    ['tags', { tags: [' a ', '&b', '!c', 'a', 'r:d'] }, { tags: ['a', '&b', '!c', 'r:d'], metadata: {} }],
    ['tags in metadata', { metadata: { tags: ['a'], note: 1 } }, { tags: ['a'], metadata: { note: 1 } }],
    ['tags in both places', { tags: ['a'], metadata: { tags: ['a'] } }, { tags: ['a'], metadata: {} }],
    ['allowed tags', { allowed_tags: [] }, { allowedTags: [] }],
    [
      'router settings',
      { router_settings: { enable_tag_filtering: true, num_retries: 2 } },
      { enableTagFiltering: true, extra: { router_settings: { num_retries: 2 } } },
    ],
    ['money', { max_budget: 0.1, soft_budget: 9_000_000 }, { maxBudgetNano: 100_000_000, softBudgetNano: 9e15 }],
    ['a duration', { duration: '1mo' }, { expiresAt: Date.UTC(2030, 1, 28) }],
    ['for ever', { duration: '-1' }, { expiresAt: null }],
    ['an end', { expires: '2030-02-01T00:00:00+01:00' }, { expiresAt: Date.UTC(2030, 0, 31, 23) }],
    ['a type', { key_type: 'llm_api' }, { allowedRoutes: ['llm_api_routes'] }],
    ['the default type', { key_type: 'default', allowed_routes: ['/v1/*'] }, { allowedRoutes: ['/v1/*'] }],
    ['what is only kept', { guardrails: ['g'], policies: null }, { extra: { guardrails: ['g'] } }],
    [
      'the names of every object',
      { metadata: { constructor: 1 }, aliases: { toString: 'gpt' } },
      { metadata: { constructor: 1 }, aliases: { toString: 'gpt' } },
    ],
  ])('takes %s', (_, body, wanted) => {
    expect(record(generate(body))).toMatchObject(wanted);
  });

  it.each([
    [
      'two lists of tags',
      { tags: ['a'], metadata: { tags: ['b'] } },
      'tags: tags and metadata.tags are one field under two names, and they differ. Send one of them.',
    ],
    [
      'a list and none',
      { tags: null, metadata: { tags: ['b'] } },
      'tags: tags and metadata.tags are one field under two names, and they differ. Send one of them.',
    ],
    ['a badly shaped tag', { tags: ['a', ''] }, 'tags[1]: tags[1] is an empty text.'],
    ['a lone marker', { tags: ['!'] }, 'tags[0]: tags[0] is only a marker, with no tag behind it.'],
    ['a lone marker with the prefix', { tags: ['r:&'] }, 'tags[0]: tags[0] is only a marker, with no tag behind it.'],
    ['a lone prefix', { tags: ['r:'] }, 'tags[0]: tags[0] is only the prefix "r:", with no tag behind it.'],
    ['no list in metadata', { metadata: { tags: 'a' } }, 'metadata.tags: metadata.tags is a text, not a list.'],
    ['no text in metadata', { metadata: { tags: [1] } }, 'metadata.tags[0]: metadata.tags[0] is a number, not a text.'],
    [
      'a marker in what is allowed',
      { allowed_tags: ['!a'] },
      'allowed_tags[0]: allowed_tags[0] begins with a marker. Write the name without it.',
    ],
    [
      'the prefix in what is allowed',
      { allowed_tags: ['r:a'] },
      'allowed_tags[0]: allowed_tags[0] begins with the prefix r:. Write the name without it.',
    ],
    [
      'a costly pattern',
      { allowed_tags: ['*a*a*a*a*'] },
      'allowed_tags[0]: allowed_tags[0] has more than 4 wildcards.',
    ],
    [
      'two ends',
      { duration: '1d', expires: '2030-02-01T00:00:00Z' },
      'expires: expires stands beside duration. Send one of them.',
    ],
    [
      'a type beside routes',
      { key_type: 'llm_api', allowed_routes: ['/v1/*'] },
      'key_type: key_type stands beside allowed_routes. Send one of them.',
    ],
    [
      'no route',
      { allowed_routes: ['llm_api_route'] },
      'allowed_routes[0]: allowed_routes[0] is neither a path nor a group of routes. Did you mean llm_api_routes?',
    ],
    [
      'a wildcard inside',
      { allowed_routes: ['/a*b'] },
      'allowed_routes[0]: allowed_routes[0] has a * that is not its last character.',
    ],
  ])('refuses %s', (_, body, wanted) => {
    expect(problem(generate(body))).toBe(wanted);
  });

  it('may bring its own secret', () => {
    const source = { field: 'new_key' as const, randomBytes: (size: number) => new Uint8Array(size) };
    expect(record(mintedFor('sk-0123456789abcdef', source))).toEqual(MINTED);
    expect(record(mintedFor(null, source)).key).toBe(`sk-${'A'.repeat(43)}`);
    expect(problem(mintedFor('sk-1', source))).toMatch(/^new_key: A key has at least 16 characters/);
  });
});

describe('an updated key', () => {
  const FULL: Partial<KeyRecord> = {
    tags: ['a'],
    allowedTags: ['x*'],
    enableTagFiltering: true,
    metadata: { one: 1, two: 2 },
    extra: { guardrails: ['g'], router_settings: { num_retries: 1 } },
    alias: 'alias',
    models: ['gpt'],
    maxBudgetNano: 5,
    expiresAt: NOW + DAY,
    allowedRoutes: ['/v1/*'],
  };

  it('stays as it was where nothing is given', () => {
    const { updatedAt: _at, updatedBy: _by, ...was } = keyRecord('k', FULL);
    expect(record(update(FULL, {}))).toMatchObject(was);
  });

  it.each<[string, object, Partial<KeyRecord>]>([
    ['merges metadata', { metadata: { two: 3, three: 4 } }, { metadata: { one: 1, two: 3, three: 4 }, tags: ['a'] }],
    ['deletes a note', { metadata: { one: null } }, { metadata: { two: 2 }, tags: ['a'] }],
    ['deletes all notes and no tags', { metadata: null }, { metadata: {}, tags: ['a'] }],
    ['deletes the tags', { tags: null }, { tags: [], metadata: { one: 1, two: 2 } }],
    ['deletes the tags in metadata', { metadata: { tags: null } }, { tags: [], metadata: { one: 1, two: 2 } }],
    ['deletes the list', { allowed_tags: null }, { allowedTags: null }],
    [
      'merges router settings',
      { router_settings: { timeout: 3 } },
      { enableTagFiltering: true, extra: { guardrails: ['g'], router_settings: { num_retries: 1, timeout: 3 } } },
    ],
    ['deletes router settings', { router_settings: null }, { enableTagFiltering: null, extra: { guardrails: ['g'] } }],
    ['deletes what is only kept', { guardrails: null }, { extra: { router_settings: { num_retries: 1 } } }],
    [
      'deletes the rest',
      { key_alias: null, models: null, max_budget: null, duration: null, allowed_routes: null },
      { alias: null, models: [], maxBudgetNano: null, expiresAt: null, allowedRoutes: [] },
    ],
    ['deletes its end', { expires: null }, { expiresAt: null }],
    ['leaves its routes with the default type', { key_type: 'default' }, { allowedRoutes: ['/v1/*'] }],
  ])('%s', (_, body, wanted) => {
    const built = record(update(FULL, body));
    for (const [field, value] of Object.entries(wanted))
      expect([field, built[field as keyof KeyRecord]]).toEqual([field, value]);
  });

  it('is always newer than it was, whatever the clock says', () => {
    expect(record(update({ updatedAt: NOW + 5 }, {}))).toMatchObject({
      updatedAt: NOW + 6,
      updatedBy: 'me',
      createdBy: 'master',
    });
  });

  it('is no key that was replaced', () => {
    expect(problem(update({ replacedBy: 'x' }, { duration: null }))).toMatch(/^key: This key was regenerated/);
  });
});

describe('a regenerated key', () => {
  const was = keyRecord('old', { tags: ['a'], alias: 'alias', teamId: 'T', expiresAt: NOW + 2 * DAY });

  it('is the old one under another secret', () => {
    const { next, old } = record(
      regeneratedKey(read(keyRegenerate, { max_budget: 1 }), { was, minted: MINTED }, CONTEXT),
    );
    expect(next).toEqual({
      ...was,
      token: MINTED.token,
      keyName: MINTED.keyName,
      maxBudgetNano: 1e9,
      createdAt: NOW,
      createdBy: 'me',
      updatedAt: NOW,
      updatedBy: 'me',
    });
    expect(old).toBeUndefined();
  });

  it.each([
    ['1d', NOW + DAY],
    ['1w', NOW + 2 * DAY],
  ])('lets the old one go on for %s, but no longer than it had', (grace, end) => {
    const given = read(keyRegenerate, { grace_period: grace });
    const { old } = record(regeneratedKey(given, { was, minted: MINTED }, CONTEXT));
    expect(old).toMatchObject({ token: was.token, expiresAt: end, replacedBy: MINTED.token });
  });
});

describe('scopeProblem', () => {
  const team = teamRecord('T');
  it.each([
    ['fine', keyRecord('k'), null, null, undefined],
    ['fine in a project', keyRecord('k', { teamId: 'T', projectId: 'p' }), team, projectRecord('p', 'T'), undefined],
    ['no such team', keyRecord('k', { teamId: 'T' }), null, null, 'team_id'],
    ['no such project', keyRecord('k', { projectId: 'p' }), null, null, 'project_id'],
    [
      'a project of another team',
      keyRecord('k', { teamId: 'T', projectId: 'p' }),
      team,
      projectRecord('p', 'F'),
      'project_id',
    ],
    ['a project and no team', keyRecord('k', { projectId: 'p' }), null, projectRecord('p', 'T'), 'project_id'],
  ])('%s', (_, key, ofTeam, project, wanted) => {
    expect(scopeProblem({ key, team: ofTeam, project, user: null })?.field).toBe(wanted);
  });
});

describe('teams', () => {
  const emails = new Map([['a@b.c', 'u1']]);
  it('begin with their members, and their creator as an admin', () => {
    const body = {
      members_with_roles: [
        { role: 'user' as const, user_email: 'a@b.c' },
        { role: 'user' as const, user_id: 'me' },
      ],
      admins: ['u2'],
    };
    const members = record(firstMembers(body, { creator: 'me', emails }));
    expect(members.map(({ userId, role }) => [userId, role])).toEqual([
      ['me', 'admin'],
      ['u1', 'user'],
      ['u2', 'admin'],
    ]);
    const team = record(
      newTeam(read(teamUpdate, { team_id: 'T', tags: ['teamA'] }), { teamId: 'T', members }, CONTEXT),
    );
    expect(team).toMatchObject({ teamId: 'T', members, tags: ['teamA'], memberPermissions: [] });
  });

  it.each([
    [[{ role: 'user' as const }], 'member: member names no user. Send user_id or user_email.'],
    [
      [{ role: 'user' as const, user_email: 'x@y.z' }],
      'member: member has an e-mail address that no user has. Make the user first, or send user_id.',
    ],
    [
      [
        { role: 'user' as const, user_id: 'u1' },
        { role: 'admin' as const, user_email: 'a@b.c' },
      ],
      'member[1]: member[1] names a user a second time.',
    ],
  ])('refuse %j', (listed, wanted) => {
    expect(problem(readMembers(listed, { field: 'member', emails }))).toBe(wanted);
  });

  it('open only routes that can be opened', () => {
    const given = read(teamUpdate, { team_id: 'T', team_member_permissions: ['/key/generat'] });
    expect(problem(updatedTeam(given, teamRecord('T'), CONTEXT))).toBe(
      'team_member_permissions[0]: team_member_permissions[0] is no route that members can be given. Write /key/generate.',
    );
  });
});

describe('users, projects and tags', () => {
  it('are built from their bodies', () => {
    const user = newUser(read(userUpdate, { user_id: 'u', user_email: 'a@b.c', metadata: { a: 1 } }), 'u', CONTEXT);
    expect(user).toMatchObject({ userId: 'u', email: 'a@b.c', role: 'internal_user', metadata: { a: 1 } });
    const changed = updatedUser(
      read(userUpdate, { user_id: 'u', user_email: null, metadata: { b: 2 }, blocked: true }),
      user,
      CONTEXT,
    );
    expect(changed).toMatchObject({ email: null, metadata: { a: 1, b: 2 }, blocked: true, updatedAt: NOW + 1 });
    const project = newProject(
      read(projectNew, { team_id: 'T', tags: ['p'], description: 'd' }),
      { projectId: 'p', teamId: 'T' },
      CONTEXT,
    );
    expect(record(project)).toMatchObject({ projectId: 'p', teamId: 'T', tags: ['p'], extra: { description: 'd' } });
    expect(record(newTag(read(tagNew, { name: 'a', description: 'd' }), 'a', CONTEXT))).toMatchObject({
      name: 'a',
      description: 'd',
    });
    expect(problem(newTag(read(tagNew, { name: '!a' }), '!a', CONTEXT))).toBe(
      'name: name begins with a marker. Write the name without it.',
    );
  });
});

describe('stored models', () => {
  const params = {
    model: 'openai/gpt-5',
    api_key: 'sk-1',
    api_base: 'https://user:secret@host/v1',
    extra_headers: { authorization: 'x' },
    nested: { deep: [{ client_secret: 'x' }] },
    max_tokens: 5,
    tags: ['teamA'],
    input_cost_per_token: 1,
  };

  it('keep their credentials apart', () => {
    const body = read(modelNew, {
      model_name: 'gpt',
      litellm_params: params,
      model_info: { id: 'mine', private: true },
    });
    const { record: stored, credentials } = record(newModel(body.value, 'mine', CONTEXT));
    expect(stored).toMatchObject({ id: 'mine', modelName: 'gpt', modelInfo: { private: true } });
    expect(Object.keys(stored.params)).toEqual(['model', 'max_tokens', 'tags', 'input_cost_per_token']);
    expect(Object.keys(credentials)).toEqual(['api_key', 'api_base', 'extra_headers', 'nested']);
  });

  it('merge what changes, and move a parameter that becomes a secret', () => {
    const was = record(newModel(read(modelNew, { model_name: 'gpt', litellm_params: params }).value, 'mine', CONTEXT));
    const body = read(modelUpdate, {
      model_info: { id: 'mine' },
      litellm_params: { api_key: 'sk-2', api_base: 'https://host/v1', nested: null },
    });
    const { record: stored, credentials } = record(updatedModel(body.value, was, CONTEXT));
    expect(stored.params).toMatchObject({ model: 'openai/gpt-5', api_base: 'https://host/v1', tags: ['teamA'] });
    expect(credentials).toEqual({ api_key: 'sk-2', extra_headers: { authorization: 'x' } });
  });

  it('have a model and tags', () => {
    const was = record(newModel(read(modelNew, { model_name: 'gpt', litellm_params: params }).value, 'mine', CONTEXT));
    const change = (given: object): string =>
      problem(
        updatedModel(read(modelUpdate, { model_info: { id: 'mine' }, litellm_params: given }).value, was, CONTEXT),
      );
    expect(change({ model: null })).toMatch(/^litellm_params.model: /);
    expect(change({ tags: 'a' })).toBe('litellm_params.tags: litellm_params.tags is a text, not a list.');
    expect(change({ tags: ['a', ' '] })).toMatch(/^litellm_params.tags\[1\]: /);
  });

  it('hold for a secret whatever the config holds for one', () => {
    const names = [
      'azure_ad_token',
      'aws_session_token',
      'vertex_credentials',
      'client_secret',
      'api_key',
      'auth_value',
      'token',
    ];
    expect(names.filter((name) => !isSecretInConfig(name))).toEqual([]);
    expect(names.filter((name) => !isSecretName(name))).toEqual([]);
    expect(isSecretName('litellm_credential_name')).toBe(false);
  });
});
