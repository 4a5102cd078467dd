import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RouteName } from '../../../src/surfaces/admin/paths.ts';
import { ROUTES } from '../../../src/surfaces/admin/routes/all.ts';
import { makeTenant, startManaged, type Managed, type Tenant } from '../../support/management.ts';
import { aboutNothing, contentsOf, hashOf, requestAbout } from '../../support/management-requests.ts';

let managed: Managed;
let a: Tenant;
let b: Tenant;
beforeAll(async () => {
  managed = await startManaged();
  a = await makeTenant(managed, 'a', 'teamA');
  b = await makeTenant(managed, 'b', 'teamB');
});
afterAll(async () => await managed[Symbol.asyncDispose]());

const NAMES = ROUTES.map(({ name }) => name);
const LISTS: ReadonlySet<RouteName> = new Set([
  'GET /key/list',
  'GET /team/list',
  'GET /v2/team/list',
  'GET /project/list',
]);
/** Says nothing of anything but the key that asks. */
const OWN: ReadonlySet<RouteName> = new Set(['POST /key/health']);
/** Everything by which something of a tenant is known. */
const traces = (tenant: Tenant): string[] => {
  const { teamId, projectId, adminId, memberId, ...keys } = tenant;
  return [teamId, projectId, adminId, memberId, ...Object.values(keys).flatMap((key) => [key, hashOf(key)])];
};

describe.each(['adminKey', 'memberKey', 'teamKey', 'projectKey'] as const)("with a tenant's %s", (key) => {
  test.each(NAMES.filter((name) => !LISTS.has(name) && !OWN.has(name)))(
    "%s of the other tenant's things does nothing and says nothing",
    async (name) => {
      const asking = await requestAbout(name, b, managed);
      const before = await contentsOf(managed.store);
      const foreign = await managed.ask(name, { ...asking, key: a[key] });
      const absent = await managed.ask(name, { ...aboutNothing(asking), key: a[key] });
      expect([403, 404]).toContain(foreign.status);
      // What is not there and what is not yours look the same.
      expect(foreign.text).toBe(absent.text);
      expect(await contentsOf(managed.store)).toBe(before);
    },
  );

  test.each([...LISTS])('%s holds nothing of the other tenant', async (name) => {
    for (const asking of [{}, await requestAbout(name, b, managed)]) {
      const { status, text } = await managed.ask(name, { ...asking, key: a[key] });
      expect(status).toBe(200);
      for (const trace of traces(b)) expect(text).not.toContain(trace);
    }
  });
});

test("a team's admin sees and manages what is the team's", async () => {
  const listed = await managed.done('GET /key/list', { key: a.adminKey, query: { size: '500' } });
  expect(listed.keys).toEqual(expect.arrayContaining([a.adminKey, a.memberKey, a.teamKey].map(hashOf)));
  for (const name of ['POST /key/update', 'POST /key/block', 'POST /key/delete', 'POST /team/member_add'] as const) {
    await managed.done(name, { ...(await requestAbout(name, a, managed)), key: a.adminKey });
  }
});

test('a key leaves its team only by the hand of a proxy admin', async () => {
  const { key } = await managed.done('POST /key/generate', { body: { team_id: a.teamId, user_id: a.adminId } });
  for (const body of [{ team_id: null }, { team_id: b.teamId }, { user_id: b.adminId }]) {
    const { status } = await managed.ask('POST /key/update', { key: a.adminKey, body: { key, ...body } });
    expect(status).toBe(403);
    const renewed = await managed.ask('POST /key/regenerate', { key: a.adminKey, body: { key, ...body } });
    expect(renewed.status).toBe(403);
  }
  expect((await managed.done('POST /key/update', { body: { key, team_id: b.teamId } })).team_id).toBe(b.teamId);
});

describe('a grant never exceeds its granter', () => {
  const make = async (body: object): Promise<unknown[]> => {
    const { status, body: answer } = await managed.ask('POST /key/generate', {
      key: a.adminKey,
      body: { team_id: a.teamId, ...body },
    });
    return [status, answer.error?.code, answer.error?.param];
  };
  const NARROWED = { models: ['gpt-4'], max_budget: 5, duration: '10d', allowed_routes: ['/v1', 'management_routes'] };

  test('in tags', async () => {
    expect(await make({})).toEqual([200, undefined, undefined]);
    expect(await make({ tags: ['teamA'] })).toEqual([200, undefined, undefined]);
    // The team's fence still holds it: the key's tag and the team's match no deployment together.
    expect(await make({ tags: ['teamB'] })).toEqual([200, undefined, undefined]);
  });

  test.each<[object, unknown[]]>([
    [{}, [403, 'grant_exceeded', 'models']],
    [{ ...NARROWED }, [200, undefined, undefined]],
    [{ ...NARROWED, models: ['gpt-4', 'gpt-5'] }, [403, 'grant_exceeded', 'models']],
    [{ ...NARROWED, max_budget: 6 }, [403, 'grant_exceeded', 'max_budget']],
    [{ ...NARROWED, max_budget: null }, [403, 'grant_exceeded', 'max_budget']],
    [{ ...NARROWED, duration: '11d' }, [403, 'grant_exceeded', 'duration']],
    [{ ...NARROWED, duration: null }, [403, 'grant_exceeded', 'duration']],
    [{ ...NARROWED, allowed_routes: [] }, [403, 'grant_exceeded', 'allowed_routes']],
  ])('a narrow key makes %j', async (body, wanted) => {
    const narrow = { ...NARROWED, duration: '11d' };
    const { key } = await managed.done('POST /key/generate', {
      body: { team_id: a.teamId, user_id: a.adminId, ...narrow, duration: '10d' },
    });
    const { status, body: answer } = await managed.ask('POST /key/generate', {
      key,
      body: {
        team_id: a.teamId,
        duration: '9d',
        ...body,
        ...('duration' in body && body.duration === '10d' ? { duration: '9d' } : {}),
      },
    });
    expect([status, answer.error?.code, answer.error?.param]).toEqual(wanted);
  });

  test('nor may a narrow key renew a wider one, though it may narrow or rename it', async () => {
    const { key: narrow } = await managed.done('POST /key/generate', {
      body: { team_id: a.teamId, user_id: a.adminId, models: ['gpt-4'] },
    });
    const { key: wide } = await managed.done('POST /key/generate', {
      body: { team_id: a.teamId, user_id: a.memberId },
    });
    expect((await managed.ask('POST /key/regenerate', { key: narrow, body: { key: wide } })).body.error?.code).toBe(
      'grant_exceeded',
    );
    await managed.done('POST /key/update', { key: narrow, body: { key: wide, key_alias: 'renamed' } });
    await managed.done('POST /key/update', { key: narrow, body: { key: wide, models: ['gpt-4'] } });
    const widened = await managed.ask('POST /key/update', { key: narrow, body: { key: wide, models: ['gpt-5'] } });
    expect(widened.body.error?.param).toBe('models');
  });
});

describe("a key for somebody else is no way into that user's other teams", () => {
  const UP = 'acts-in-both';
  let narrow: string;
  beforeAll(async () => {
    await managed.done('POST /user/new', { body: { user_id: UP, user_role: 'proxy_admin', auto_create_key: false } });
    for (const [team_id, role] of [
      [a.teamId, 'user'],
      [b.teamId, 'admin'],
    ]) {
      await managed.done('POST /team/member_add', { body: { team_id, member: { role, user_id: UP } } });
    }
    const made = await managed.done('POST /key/generate', {
      key: a.adminKey,
      body: { team_id: a.teamId, user_id: UP },
    });
    expect(made.allowed_routes).toEqual(['llm_api_routes']);
    narrow = made.key;
  });

  test('it makes calls, and manages nothing', async () => {
    expect((await managed.gateway.get('/v1/models', { key: narrow })).status).toBe(200);
    for (const name of ['GET /team/info', 'POST /team/member_add', 'GET /key/list', 'POST /key/generate'] as const) {
      const { status, body } = await managed.ask(name, { ...(await requestAbout(name, b, managed)), key: narrow });
      expect([name, status, body.error?.code]).toEqual([name, 403, 'route_not_permitted']);
    }
  });

  test.each([
    [['management_routes']],
    [['info_routes']],
    [['/key/generate']],
    [['/team']],
    [['/*']],
    [['/']],
    [['/v1', '/t*']],
    [['llm_api_routes', '/key/*']],
  ])('it cannot be made, nor widened, with %j', async (allowed_routes) => {
    const body = { team_id: a.teamId, user_id: UP, allowed_routes };
    const refused = await managed.ask('POST /key/generate', { key: a.adminKey, body });
    const widened = await managed.ask('POST /key/update', { key: a.adminKey, body: { key: narrow, allowed_routes } });
    const renewed = await managed.ask('POST /key/regenerate', {
      key: a.adminKey,
      body: { key: narrow, allowed_routes },
    });
    for (const { status } of [refused, widened, renewed]) expect([400, 403]).toContain(status);
    expect(widened.body.error.param).toMatch(/^allowed_routes/);
  });

  test('nor may its own full key be renewed by an admin of one of its teams', async () => {
    const { key } = await managed.done('POST /key/generate', { body: { team_id: a.teamId, user_id: UP } });
    const { status, body } = await managed.ask('POST /key/regenerate', { key: a.adminKey, body: { key } });
    expect([status, body.error.code]).toEqual([403, 'grant_exceeded']);
    expect(
      (await managed.ask('POST /key/update', { key: a.adminKey, body: { key: narrow, allowed_routes: null } })).status,
    ).toBe(403);
  });
});
