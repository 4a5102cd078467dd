import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BodyShape } from '../../../src/accounts/fields/read-body.ts';
import type { RouteName } from '../../../src/surfaces/admin/paths.ts';
import { ROUTES } from '../../../src/surfaces/admin/routes/all.ts';
import { KEYS, PROJECTS, TAGS, TEAMS, USERS } from '../../../src/adapters/sql/tables.ts';
import { makeTenant, startManaged, type Managed, type Tenant } from '../../support/management.ts';
import { hashOf } from '../../support/management-requests.ts';

let managed: Managed;
let tenant: Tenant;

interface Target {
  readonly route: RouteName;
  readonly id: () => Record<string, string>;
  readonly read: () => Promise<object | undefined>;
  /** Fields of the record that no body changes. */
  readonly fixed: readonly string[];
  readonly key?: () => string;
}

const STAMPS = ['createdAt', 'createdBy'];
const readMemberKey = async (): Promise<object | undefined> =>
  (await managed.store.findKey(hashOf(tenant.memberKey)))?.key;
const KEY_FIXED = ['token', 'keyName', 'serviceAccount', 'replacedBy', ...STAMPS];

const TARGETS: readonly Target[] = [
  { route: 'POST /key/update', id: () => ({ key: tenant.memberKey }), read: readMemberKey, fixed: KEY_FIXED },
  {
    route: 'POST /key/update',
    id: () => ({ key: tenant.memberKey }),
    read: readMemberKey,
    fixed: [...KEY_FIXED, 'teamId', 'projectId', 'userId'],
    key: () => tenant.adminKey,
  },
  {
    route: 'POST /team/update',
    id: () => ({ team_id: tenant.teamId }),
    read: async () => await managed.store.getTeam(tenant.teamId),
    fixed: ['teamId', 'members', ...STAMPS],
  },
  {
    route: 'POST /project/update',
    id: () => ({ project_id: tenant.projectId }),
    read: async () => await managed.store.getProject(tenant.projectId),
    fixed: ['projectId', 'teamId', ...STAMPS],
  },
  {
    route: 'POST /user/update',
    id: () => ({ user_id: tenant.memberId }),
    read: async () => await managed.store.getUser(tenant.memberId),
    fixed: ['userId', ...STAMPS],
  },
  {
    route: 'POST /tag/update',
    id: () => ({ name: 'teamA' }),
    read: async () => await managed.store.getTag('teamA'),
    fixed: ['name', ...STAMPS],
  },
];

/** Every name under which something is stored, or shown by any route. */
function everyName(): ReadonlySet<string> {
  const columns = [KEYS, TEAMS, PROJECTS, USERS, TAGS].flatMap(({ columns: each }) =>
    each.flatMap(({ name, property }) => [name, property]),
  );
  const bodies = ROUTES.flatMap(({ body }) => Object.keys(body?.shape ?? {}));
  const shown = [
    'token',
    'token_id',
    'key_name',
    'spend',
    'created_at',
    'created_by',
    'updated_by',
    'service_account',
    'replaced_by',
    'role',
  ];
  return new Set([...columns, ...bodies, ...shown, 'id', 'constructor', 'toString', '$set', 'metadata.tags']);
}

const VALUES: readonly unknown[] = ['proxy_admin', { x: 1 }, null, 1, true, ['x'], '2030-01-01T00:00:00Z'];

describe.each(TARGETS)('$route', ({ route, id, read, fixed, key }) => {
  // Each target in a world of its own: the one before may have moved the key that the next one is about.
  beforeAll(async () => {
    managed = await startManaged();
    tenant = await makeTenant(managed, 'a', 'teamA');
    await managed.done('POST /tag/new', { body: { name: 'teamA' } });
  });
  afterAll(async () => await managed[Symbol.asyncDispose]());

  const shape = ROUTES.find(({ name }) => name === route)?.body as BodyShape;

  test('of every name with every kind of value: only what the body documents changes, and no more than that', async () => {
    const names = [...everyName()].filter((name) => !Object.keys(id()).includes(name));
    expect(names.length).toBeGreaterThan(60);
    let taken = 0;
    for (const name of names) {
      for (const value of Object.hasOwn(shape.shape, name) ? VALUES : VALUES.slice(0, 2)) {
        const before = (await read()) as Record<string, unknown>;
        const { status, body } = await managed.ask(route, {
          body: { ...id(), [name]: value },
          ...(key === undefined ? {} : { key: key() }),
        });
        const after = (await read()) as Record<string, unknown>;
        const told = `${name}: ${JSON.stringify(value)} was answered ${status}`;
        expect(after, `${told}, and the record is gone`).toBeDefined();
        const changed = Object.keys(after).filter(
          (field) => JSON.stringify(after[field]) !== JSON.stringify(before[field]),
        );
        if (status === 200) taken += 1;
        else expect(changed, told).toEqual([]);
        if (!Object.hasOwn(shape.shape, name)) expect([status, body.error?.param], told).toEqual([400, name]);
        expect(
          fixed.filter((field) => changed.includes(field)),
          told,
        ).toEqual([]);
        const one = changed.filter((field) => field !== 'updatedAt' && field !== 'updatedBy');
        expect(one.length, `${told} and changed ${one.join(', ')}`).toBeLessThanOrEqual(1);
      }
    }
    expect(taken).toBeGreaterThan(20);
  });
});
