import { expect } from 'vitest';
import type { AccountStore } from '../../src/accounts/contract.ts';
import type { RouteName } from '../../src/surfaces/admin/paths.ts';
import { ROUTES } from '../../src/surfaces/admin/routes/all.ts';
import { startHarness, type Harness, type HarnessOptions } from './harness.ts';
import { MemoryAccountStore } from './memory-account-store.ts';

/** What a management call answered. */
export interface Answered {
  readonly status: number;
  /** The parsed body: an answer of the route's shape, or an error. */
  readonly body: any; // oxlint-disable-line typescript/no-explicit-any -- tests read into answers of every shape
  readonly text: string;
}

export interface Asking {
  /** The master key unless given. */
  readonly key?: string | null;
  readonly body?: unknown;
  readonly query?: Readonly<Record<string, string>>;
  readonly params?: Readonly<Record<string, string>>;
}

/** A gateway with a store, asked through its management API. Every answer is held to the shape that its route documents. */
export interface Managed {
  readonly gateway: Harness;
  readonly store: AccountStore;
  readonly ask: (route: RouteName, asking?: Asking) => Promise<Answered>;
  /** The same; expects 200 and gives the body. */
  readonly done: (route: RouteName, asking?: Asking) => Promise<Answered['body']>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Two teams with a deployment each, in one group; filtering on. */
export const TWO_TEAMS_CONFIG = {
  model_list: ['teamA', 'teamB'].map((tag) => ({
    model_name: 'gpt-4',
    litellm_params: { model: 'openai/fake', api_key: 'sk-upstream', api_base: 'http://127.0.0.1:1/v1', tags: [tag] },
    model_info: { id: tag === 'teamA' ? 'team-a-model' : 'team-b-model' },
  })),
  router_settings: { enable_tag_filtering: true },
};

export async function startManaged(
  config: object = TWO_TEAMS_CONFIG,
  { accounts = new MemoryAccountStore(), ...options }: HarnessOptions = {},
): Promise<Managed> {
  const gateway = await startHarness(config, { ...options, accounts });
  const ask: Managed['ask'] = async (name, asking = {}) => {
    const response = await send(gateway, name, asking);
    const text = await response.text();
    const body: unknown =
      response.headers.get('content-type')?.startsWith('application/json') === true ? JSON.parse(text) : text;
    holdToItsShape(name, response.status, body);
    return { status: response.status, body, text };
  };
  return {
    gateway,
    store: accounts,
    ask,
    done: async (name, asking) => {
      const answered = await ask(name, asking);
      expect(answered.status, `${name}: ${answered.text}`).toBe(200);
      return answered.body;
    },
    [Symbol.asyncDispose]: async () => await gateway[Symbol.asyncDispose](),
  };
}

async function send(gateway: Harness, name: RouteName, asking: Asking): Promise<Response> {
  const { key, body, query = {}, params = {} } = asking;
  const [method = '', pattern = ''] = name.split(' ');
  const path = pattern.replaceAll(/\{(\w+)\}/g, (_, part: string) => encodeURIComponent(params[part] ?? ''));
  const search = new URLSearchParams(query).toString();
  const url = search === '' ? path : `${path}?${search}`;
  const init = key === undefined ? {} : { key };
  if (method === 'GET') return await gateway.get(url, init);
  if (method === 'POST') return await gateway.post(url, body ?? {}, init);
  const headers = key === null ? {} : { authorization: `Bearer ${key ?? gateway.masterKey}` };
  return await fetch(gateway.url + url, { method, headers, body: JSON.stringify(body ?? {}) });
}

const SHAPES = new Map(ROUTES.map((route) => [route.name, route.answer]));

/** Everything that is answered is documented: an unknown field fails, and so does an error without its envelope. */
function holdToItsShape(name: RouteName, status: number, body: unknown): void {
  if (typeof body === 'string') return;
  if (status !== 200) {
    expect(Object.keys(body as object)).toEqual(['error']);
    expect(Object.keys((body as { error: object }).error)).toEqual(
      expect.arrayContaining(['message', 'type', 'param', 'code']),
    );
    return;
  }
  const parsed = SHAPES.get(name)?.safeParse(body);
  if (parsed?.success === false) expect(parsed.error.issues, `${name} answers ${JSON.stringify(body)}`).toEqual([]);
}

/** One tenant: a team with an admin, a member and their keys, a project, and a key of the team and of nobody. */
export interface Tenant {
  readonly teamId: string;
  readonly projectId: string;
  readonly adminId: string;
  readonly memberId: string;
  /** Keys, as they are sent. */
  readonly adminKey: string;
  readonly memberKey: string;
  readonly teamKey: string;
  readonly projectKey: string;
}

/** Makes a tenant whose team carries the policy tag `tag`. */
export async function makeTenant({ done }: Managed, name: string, tag: string): Promise<Tenant> {
  const [teamId, projectId, adminId, memberId] = [`team-${name}`, `project-${name}`, `admin-${name}`, `member-${name}`];
  for (const user_id of [adminId, memberId]) {
    await done('POST /user/new', { body: { user_id, user_email: `${user_id}@example.com`, auto_create_key: false } });
  }
  const members_with_roles = [
    { role: 'admin', user_id: adminId },
    { role: 'user', user_id: memberId },
  ];
  await done('POST /team/new', { body: { team_id: teamId, team_alias: name, tags: [tag], members_with_roles } });
  await done('POST /project/new', { body: { project_id: projectId, team_id: teamId, tags: [tag] } });
  const keyOf = async (body: object): Promise<string> =>
    (await done('POST /key/generate', { body: { team_id: teamId, ...body } })).key;
  return {
    teamId,
    projectId,
    adminId,
    memberId,
    adminKey: await keyOf({ user_id: adminId, key_alias: `${name}-admin` }),
    memberKey: await keyOf({ user_id: memberId, key_alias: `${name}-member` }),
    teamKey: await keyOf({ key_alias: `${name}-team` }),
    projectKey: await keyOf({ project_id: projectId, key_alias: `${name}-project` }),
  };
}

/** A key of a user with a role over the whole gateway. */
export async function makeUserKey({ done }: Managed, role: string): Promise<string> {
  return (await done('POST /user/new', { body: { user_id: `user-${role}`, user_role: role } })).key;
}
