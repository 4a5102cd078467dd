import { z } from 'zod';
import { can } from '../../../accounts/can.ts';
import type { TeamFilter, TeamRecord } from '../../../accounts/contract.ts';
import {
  teamBlock,
  teamDelete,
  teamMemberAdd,
  teamMemberDelete,
  teamMemberUpdate,
  teamNew,
  teamUpdate,
} from '../../../accounts/fields/team-bodies.ts';
import { listTeams } from '../../../accounts/service/lists.ts';
import { reachOfTeam } from '../../../accounts/service/reach.ts';
import { warningsForScope } from '../../../accounts/service/tag-warnings.ts';
import {
  addMembers,
  blockTeam,
  changeMember,
  changeTeam,
  deleteTeams,
  keysOf,
  makeTeam,
  permittedTeam,
  readTeam,
  removeMember,
} from '../../../accounts/service/teams.ts';
import { namedPage } from '../../../accounts/views/page-views.ts';
import { membershipsOf, teamInfo, teamListEntry, teamRow } from '../../../accounts/views/team-views.ts';
import {
  membersAnswer,
  reachAnswer,
  said,
  teamChangedAnswer,
  teamInfoAnswer,
  teamListAnswer,
  teamMadeAnswer,
  teamPageAnswer,
  teamRowAnswer,
} from '../answers.ts';
import { listQuery, pageFields, text } from '../query.ts';
import { route, type AdminRoute, type Asked, type RouteParts } from '../route.ts';

const TEAM_ID = z.object({ team_id: text.meta({ description: 'The team.' }) });
const USER_ID = text.optional().meta({ description: 'Teams that this user is a member of.' });
const ORGANIZATION_ID = text.optional().meta({ description: 'Refused: there are no organisations above teams.' });

/** Teams of the whole list at once: LiteLLM's first list has no pages. */
const MOST_TEAMS = 500;

const block =
  (blocked: boolean) =>
  async ({ ask, body }: Asked<typeof teamBlock, unknown>, parts: RouteParts): Promise<object> =>
    teamRow(await blockTeam({ teamId: body.value.team_id, blocked }, ask, parts));

function withMemberships(team: TeamRecord, warnings: readonly string[]): object {
  return { ...teamRow(team), team_memberships: membershipsOf(team), warnings };
}

const LIST_FIELDS = z.object({
  user_id: USER_ID,
  team_alias: text.optional().meta({ description: 'Teams of this alias.' }),
  search: text.optional().meta({ description: 'A part of the alias or the id.' }),
  ...pageFields('page_size'),
});

async function page({ ask, query }: Asked<never, z.output<typeof LIST_FIELDS>>, parts: RouteParts): Promise<object> {
  const given: [keyof TeamFilter, string | undefined][] = [
    ['userId', query.user_id],
    ['alias', query.team_alias],
    ['search', query.search],
  ];
  const filter: TeamFilter = Object.fromEntries(given.filter(([, value]) => value !== undefined));
  const paging = listQuery(query, query.page_size);
  const found = await listTeams({ filter, query: paging }, ask, parts);
  return namedPage(found, paging, { teams: found.entries.map((team) => teamRow(team)) });
}

const FIRST_LIST = z.object({ user_id: USER_ID, organization_id: ORGANIZATION_ID });

/** LiteLLM's first list: everything at once, each team with its keys. */
async function listAll({ ask, query }: Asked<never, z.output<typeof FIRST_LIST>>, parts: RouteParts): Promise<object> {
  if (query.organization_id !== undefined) return [];
  const filter = query.user_id === undefined ? {} : { userId: query.user_id };
  const paging = { size: MOST_TEAMS, sortBy: 'alias', sortOrder: 'asc' } as const;
  const { entries } = await listTeams({ filter, query: paging }, ask, parts);
  const shown: object[] = [];
  for (const team of entries) shown.push(teamListEntry(team, await keysOf({ teamId: team.teamId }, ask, parts)));
  return shown;
}

export const TEAM_ROUTES: readonly AdminRoute[] = [
  route('POST /team/new', {
    permission: 'team.create',
    summary: 'Makes a team. Its tags bind every key of it.',
    body: teamNew,
    answer: teamMadeAnswer,
    run: async ({ ask, body }, parts) => {
      const team = await makeTeam(body, ask, parts);
      return { ...teamRow(team), warnings: [...body.warnings, ...warningsForScope({ team }, team.tags, { parts })] };
    },
  }),
  route('POST /team/update', {
    permission: 'team.update',
    summary: 'Changes a team. What is left out stays; an explicit null deletes.',
    body: teamUpdate,
    answer: teamChangedAnswer,
    run: async ({ ask, body }, parts) => {
      const { team, was } = await changeTeam(body, ask, parts);
      const added = team.tags.filter((tag) => !was.tags.includes(tag));
      const warnings = [...body.warnings, ...warningsForScope({ team }, added, { parts })];
      return { team_id: team.teamId, data: teamRow(team), warnings };
    },
  }),
  route('GET /team/info', {
    permission: 'team.read',
    summary: 'Shows a team with its members, and its keys as far as you may see them.',
    query: TEAM_ID,
    answer: teamInfoAnswer,
    run: async ({ ask, query }, parts) => {
      const { team, keys } = await readTeam(query.team_id, ask, parts);
      return teamInfo(team, keys);
    },
  }),
  route('GET /team/list', {
    permission: 'team.list',
    summary: 'Lists the teams that you are in; all for proxy admins. Up to 500: `/v2/team/list` has pages.',
    query: FIRST_LIST,
    answer: teamListAnswer,
    run: listAll,
  }),
  route('GET /v2/team/list', {
    permission: 'team.list',
    summary: 'Lists the teams that you are in, a page at a time; all for proxy admins.',
    query: LIST_FIELDS,
    answer: teamPageAnswer,
    run: page,
  }),
  route('POST /team/delete', {
    permission: 'team.delete',
    summary: 'Deletes teams for good, with their keys and projects: all that are named, or none.',
    body: teamDelete,
    answer: z.strictObject({ deleted_teams: said(z.array(z.string()), 'Ids of the teams that are gone.') }),
    run: async ({ ask, body }, parts) => {
      const gone = await deleteTeams(body.value.team_ids, ask, parts);
      return { deleted_teams: gone.map(({ teamId }) => teamId) };
    },
  }),
  route('POST /team/block', {
    permission: 'team.block',
    summary: 'Blocks all keys of a team until it is unblocked.',
    body: teamBlock,
    answer: teamRowAnswer,
    run: block(true),
  }),
  route('POST /team/unblock', {
    permission: 'team.block',
    summary: 'Unblocks a team.',
    body: teamBlock,
    answer: teamRowAnswer,
    run: block(false),
  }),
  route('POST /team/member_add', {
    permission: 'team.members',
    summary: 'Adds one member or several; one that is there already gets the new role.',
    body: teamMemberAdd,
    answer: membersAnswer,
    run: async ({ ask, body }, parts) => {
      const { team_id: teamId, member, max_budget_in_team: maxBudget } = body.value;
      const members = Array.isArray(member) ? member : [member];
      return withMemberships(await addMembers({ teamId, members, maxBudget }, ask, parts), body.warnings);
    },
  }),
  route('POST /team/member_update', {
    permission: 'team.members',
    summary: 'Changes the role of a member, or what it may spend in the team.',
    body: teamMemberUpdate,
    answer: membersAnswer,
    run: async ({ ask, body }, parts) => withMemberships(await changeMember(body.value, ask, parts), body.warnings),
  }),
  route('POST /team/member_delete', {
    permission: 'team.members',
    summary: 'Takes a member out of a team.',
    body: teamMemberDelete,
    answer: membersAnswer,
    run: async ({ ask, body }, parts) => withMemberships(await removeMember(body.value, ask, parts), body.warnings),
  }),
  route('GET /team/reach', {
    permission: 'reach.team',
    summary: 'Every group and deployment, and whether a key of the team can get to it.',
    query: TEAM_ID,
    answer: reachAnswer,
    run: async ({ ask, query }, parts) => {
      const team = await permittedTeam({ teamId: query.team_id }, ask, parts);
      return reachOfTeam(team, { everything: can(ask.caller.subject, 'audit.read') }, parts);
    },
  }),
];
