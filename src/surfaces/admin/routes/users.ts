import { z } from 'zod';
import type { UserFilter } from '../../../accounts/contract.ts';
import { userDelete, userNew, userUpdate } from '../../../accounts/fields/user-bodies.ts';
import { listUsers } from '../../../accounts/service/lists.ts';
import { changeUser, deleteUsers, makeUser, readUser } from '../../../accounts/service/users.ts';
import { namedPage } from '../../../accounts/views/page-views.ts';
import { timeOf } from '../../../accounts/views/row-parts.ts';
import { userInfo, userRow } from '../../../accounts/views/user-views.ts';
import { pageAnswer, said, userChangedAnswer, userInfoAnswer, userMadeAnswer, userRowAnswer } from '../answers.ts';
import { listQuery, pageFields, text } from '../query.ts';
import { route, type AdminRoute, type Asked, type RouteParts } from '../route.ts';

const ROLES = z.enum(['proxy_admin', 'proxy_admin_viewer', 'internal_user', 'internal_user_viewer']);

const LIST_FIELDS = z.object({
  role: ROLES.optional().meta({ description: 'Users of this role.' }),
  user_email: text.optional().meta({ description: 'The user of this e-mail address.' }),
  search: text.optional().meta({ description: 'A part of the e-mail address, the alias or the id.' }),
  ...pageFields('page_size'),
});

async function list({ ask, query }: Asked<never, z.output<typeof LIST_FIELDS>>, parts: RouteParts): Promise<object> {
  const given: [keyof UserFilter, string | undefined][] = [
    ['role', query.role],
    ['email', query.user_email],
    ['search', query.search],
  ];
  const filter: UserFilter = Object.fromEntries(given.filter(([, value]) => value !== undefined));
  const paging = listQuery(query, query.page_size);
  const page = await listUsers({ filter, query: paging }, ask, parts);
  const users = [];
  for (const user of page.entries) {
    const teams = await parts.store.teamsOfUser(user.userId);
    const ids = teams.map(({ teamId }) => teamId);
    users.push(userRow(user, ids));
  }
  return namedPage(page, paging, { users });
}

export const USER_ROUTES: readonly AdminRoute[] = [
  route('POST /user/new', {
    permission: 'user.create',
    summary: 'Makes a user, and a first key unless `auto_create_key` is false.',
    body: userNew,
    answer: userMadeAnswer,
    run: async ({ ask, body }, parts) => {
      const { user, teams, key } = await makeUser(body, ask, parts);
      const ids = teams.map(({ teamId }) => teamId);
      return {
        ...userRow(user, ids),
        key: key?.minted.key ?? null,
        token: key?.record.token ?? null,
        key_name: key?.record.keyName ?? null,
        key_alias: key?.record.alias ?? null,
        expires: timeOf(key?.record.expiresAt ?? null),
        warnings: body.warnings,
      };
    },
  }),
  route('POST /user/update', {
    permission: 'user.update',
    summary: 'Changes a user. What is left out stays; an explicit null deletes.',
    body: userUpdate,
    answer: userChangedAnswer,
    run: async ({ ask, body }, parts) => {
      const user = await changeUser(body, ask, parts);
      const teams = await parts.store.teamsOfUser(user.userId);
      const ids = teams.map(({ teamId }) => teamId);
      return { user_id: user.userId, data: userRow(user, ids), warnings: body.warnings };
    },
  }),
  route('GET /user/info', {
    permission: 'user.read',
    summary: 'Shows a user with keys and teams; without `user_id` the one whose key asks.',
    query: z.object({ user_id: text.optional().meta({ description: 'The user.' }) }),
    answer: userInfoAnswer,
    run: async ({ ask, query }, parts) => {
      const { user, keys, teams } = await readUser(query.user_id, ask, parts);
      return userInfo(user, { keys, teams });
    },
  }),
  route('GET /user/list', {
    permission: 'user.list',
    summary: 'Lists users, for proxy admins.',
    query: LIST_FIELDS,
    answer: pageAnswer('users', userRowAnswer, 'The users.'),
    run: list,
  }),
  route('POST /user/delete', {
    permission: 'user.delete',
    summary: 'Deletes users for good, with their personal keys and their seats in teams: all that are named, or none.',
    body: userDelete,
    answer: z.strictObject({ deleted_users: said(z.array(z.string()), 'Ids of the users that are gone.') }),
    run: async ({ ask, body }, parts) => {
      const gone = await deleteUsers(body.value.user_ids, ask, parts);
      return { deleted_users: gone.map(({ userId }) => userId) };
    },
  }),
];
