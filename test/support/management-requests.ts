import { createHash } from 'node:crypto';
import type { AccountStore } from '../../src/accounts/contract.ts';
import type { RouteName } from '../../src/surfaces/admin/paths.ts';
import type { Asking, Managed, Tenant } from './management.ts';

/** A request to a route about things of one tenant, which are made for it by the master where it would use them up. */
export type RequestAbout = (tenant: Tenant, managed: Managed) => Promise<Asking>;

let made = 0;
const fresh = (): string => `fresh-${(made += 1)}`;

/** A key of the tenant's member, in its team, to be changed or deleted. */
async function freshKey(tenant: Tenant, { done }: Managed): Promise<string> {
  const body = { team_id: tenant.teamId, user_id: tenant.memberId, key: `sk-${fresh()}-0123456789` };
  return (await done('POST /key/generate', { body })).key;
}

async function freshTeam(tenant: Tenant, { done }: Managed): Promise<string> {
  const members_with_roles = [
    { role: 'admin', user_id: tenant.adminId },
    { role: 'user', user_id: tenant.memberId },
  ];
  return (await done('POST /team/new', { body: { team_id: `${tenant.teamId}-${fresh()}`, members_with_roles } }))
    .team_id;
}

async function freshProject(tenant: Tenant, { done }: Managed): Promise<string> {
  const body = { team_id: tenant.teamId, project_id: `${tenant.projectId}-${fresh()}` };
  return (await done('POST /project/new', { body })).project_id;
}

async function freshUser(tenant: Tenant, { done }: Managed): Promise<string> {
  const body = { user_id: `${tenant.memberId}-${fresh()}`, auto_create_key: false };
  return (await done('POST /user/new', { body })).user_id;
}

async function freshTag({ done }: Managed): Promise<string> {
  return (await done('POST /tag/new', { body: { name: fresh() } })).tag.name;
}

async function freshModel({ done }: Managed): Promise<string> {
  const litellm_params = { model: 'openai/fake', api_base: 'http://127.0.0.1:1/v1', tags: ['teamA'] };
  return (await done('POST /model/new', { body: { model_name: 'gpt-4', litellm_params } })).model_id;
}

/** One request to every route, all valid, each about things of one tenant. */
const REQUESTS: Readonly<Record<RouteName, RequestAbout>> = {
  'POST /key/generate': async ({ teamId, memberId }) => ({ body: { team_id: teamId, user_id: memberId } }),
  'POST /key/service-account/generate': async ({ teamId }) => ({ body: { team_id: teamId } }),
  'POST /key/update': async (tenant, managed) => ({
    body: { key: await freshKey(tenant, managed), metadata: { touched: true } },
  }),
  'GET /key/info': async ({ memberKey }) => ({ query: { key: memberKey } }),
  'GET /key/list': async ({ teamId }) => ({ query: { team_id: teamId, size: '500', return_full_object: 'true' } }),
  'POST /key/delete': async (tenant, managed) => ({ body: { keys: [await freshKey(tenant, managed)] } }),
  'POST /key/block': async (tenant, managed) => ({ body: { key: await freshKey(tenant, managed) } }),
  'POST /key/unblock': async (tenant, managed) => ({ body: { key: await freshKey(tenant, managed) } }),
  'POST /key/regenerate': async (tenant, managed) => ({ body: { key: await freshKey(tenant, managed) } }),
  'POST /key/{key}/regenerate': async (tenant, managed) => ({ params: { key: await freshKey(tenant, managed) } }),
  'POST /key/health': async () => ({}),
  'GET /key/reach': async ({ memberKey }) => ({ query: { key: memberKey } }),
  'POST /team/new': async ({ adminId }) => ({
    body: { team_id: fresh(), members_with_roles: [{ role: 'admin', user_id: adminId }] },
  }),
  'POST /team/update': async ({ teamId }) => ({ body: { team_id: teamId, metadata: { touched: true } } }),
  'GET /team/info': async ({ teamId }) => ({ query: { team_id: teamId } }),
  'GET /team/list': async ({ memberId }) => ({ query: { user_id: memberId } }),
  'GET /v2/team/list': async ({ teamId }) => ({ query: { search: teamId } }),
  'POST /team/delete': async (tenant, managed) => ({ body: { team_ids: [await freshTeam(tenant, managed)] } }),
  'POST /team/block': async (tenant, managed) => ({ body: { team_id: await freshTeam(tenant, managed) } }),
  'POST /team/unblock': async (tenant, managed) => ({ body: { team_id: await freshTeam(tenant, managed) } }),
  'POST /team/member_add': async ({ teamId }) => ({
    body: { team_id: teamId, member: { role: 'user', user_id: fresh() } },
  }),
  'POST /team/member_update': async ({ teamId, memberId }) => ({
    body: { team_id: teamId, user_id: memberId, max_budget_in_team: 1 },
  }),
  'POST /team/member_delete': async (tenant, managed) => {
    const user_id = fresh();
    const { teamId: team_id } = tenant;
    await managed.done('POST /team/member_add', { body: { team_id, member: { role: 'user', user_id } } });
    return { body: { team_id, user_id } };
  },
  'GET /team/reach': async ({ teamId }) => ({ query: { team_id: teamId } }),
  'POST /user/new': async () => ({ body: { user_id: fresh() } }),
  'POST /user/update': async ({ memberId }) => ({ body: { user_id: memberId, metadata: { touched: true } } }),
  'GET /user/info': async ({ memberId }) => ({ query: { user_id: memberId } }),
  'GET /user/list': async ({ memberId }) => ({ query: { search: memberId } }),
  'POST /user/delete': async (tenant, managed) => ({ body: { user_ids: [await freshUser(tenant, managed)] } }),
  'POST /project/new': async ({ teamId }) => ({ body: { team_id: teamId, project_id: fresh() } }),
  'POST /project/update': async ({ projectId }) => ({ body: { project_id: projectId, metadata: { touched: true } } }),
  'GET /project/info': async ({ projectId }) => ({ query: { project_id: projectId } }),
  'GET /project/list': async ({ teamId }) => ({ query: { team_id: teamId } }),
  'DELETE /project/delete': async (tenant, managed) => ({
    body: { project_ids: [await freshProject(tenant, managed)] },
  }),
  'POST /tag/new': async () => ({ body: { name: fresh() } }),
  'POST /tag/update': async (_tenant, managed) => ({ body: { name: await freshTag(managed), description: 'x' } }),
  'POST /tag/info': async (_tenant, managed) => ({ body: { names: [await freshTag(managed)] } }),
  'GET /tag/list': async () => ({}),
  'POST /tag/delete': async (_tenant, managed) => ({ body: { name: await freshTag(managed) } }),
  'POST /model/new': async () => ({
    body: { model_name: 'gpt-4', litellm_params: { model: 'openai/fake', tags: ['teamA'] } },
  }),
  'POST /model/update': async (_tenant, managed) => ({
    body: { model_info: { id: await freshModel(managed), touched: true } },
  }),
  'POST /model/delete': async (_tenant, managed) => ({ body: { id: await freshModel(managed) } }),
  'GET /audit': async () => ({}),
};

/** A valid request to a route, about things of the tenant. */
export async function requestAbout(name: RouteName, tenant: Tenant, managed: Managed): Promise<Asking> {
  const make = REQUESTS[name];
  if (make === undefined) throw new Error(`Write a request to ${name}: every route is tried by every role.`);
  return await make(tenant, managed);
}

/** The same request about things that nobody has. */
export function aboutNothing(asking: Asking): Asking {
  const text = JSON.stringify(asking)
    .replaceAll(/"sk-[^"]+"/g, '"sk-nobody-has-this-key-0"')
    .replaceAll(/"(team|project|member|admin)-b(-fresh-\d+)?"/g, '"$1-none"');
  return JSON.parse(text) as Asking;
}

/** Everything that the store holds but the audit log, to tell that nothing has changed. */
export async function contentsOf(store: AccountStore): Promise<string> {
  const all = { size: 500 };
  const lists = await Promise.all([
    store.listKeys({}, all),
    store.listTeams({}, all),
    store.listProjects({}, all),
    store.listUsers({}, all),
    store.listTags(all),
  ]);
  return JSON.stringify([...lists.map(({ entries }) => entries), await store.listModels()]);
}

export function hashOf(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}
