import type { CliActions } from '../actions.ts';
import { EXIT, type CliIo } from '../io.ts';
import { paintFor } from '../paint.ts';
import { allPages, cellOf, gatewayAt, listOf, warnOf, type GatewayFlags } from '../running-gateway.ts';
import { renderTable } from '../table.ts';
import type { TeamCreateFlags } from './command.ts';

interface World {
  readonly actions: CliActions;
  readonly io: CliIo;
}

/** `waymark teams create`. */
export async function createTeam(id: string | undefined, flags: TeamCreateFlags, world: World): Promise<number> {
  const { actions, io } = world;
  const made = await gatewayAt(flags, actions, io)('POST', '/team/new', {
    team_id: id,
    team_alias: flags.alias,
    tags: listOf(flags.tags),
    allowed_tags: listOf(flags.allowedTags),
    models: listOf(flags.models),
  });
  if (flags.json !== true) warnOf(made, io);
  io.stdout.write(flags.json === true ? `${JSON.stringify(made, null, 2)}\n` : `${String(made['team_id'])}\n`);
  return EXIT.ok;
}

/** `waymark teams list`. */
export async function listTeams(flags: GatewayFlags, { actions, io }: World): Promise<number> {
  const teams = await allPages(gatewayAt(flags, actions, io), '/v2/team/list?page_size=500', 'teams');
  if (flags.json === true) {
    io.stdout.write(`${JSON.stringify(teams, null, 2)}\n`);
    return EXIT.ok;
  }
  const paint = paintFor(io.stdout, io.env);
  const head = ['TEAM', 'ALIAS', 'TAGS', 'MODELS', 'MEMBERS'].map(paint.strong);
  const rows = teams.map(({ team_id: id, team_alias: alias, tags, models, members_with_roles: members, blocked }) => [
    `${String(id)}${blocked === true ? ' (blocked)' : ''}`,
    cellOf(alias),
    (tags as readonly string[]).join(','),
    (models as readonly string[]).join(',') || 'all',
    String((members as readonly unknown[]).length),
  ]);
  io.stdout.write(teams.length === 0 ? 'There are no teams within your sight.\n' : renderTable([head, ...rows]));
  return EXIT.ok;
}

interface GroupReach {
  readonly group: string;
  readonly deployments: readonly {
    readonly id: string;
    readonly reachable: boolean;
    readonly reasons: readonly { readonly text: string }[];
  }[];
}

/** `waymark teams reach`. */
export async function showReach(id: string, flags: GatewayFlags, { actions, io }: World): Promise<number> {
  const answer = await gatewayAt(flags, actions, io)('GET', `/team/reach?team_id=${encodeURIComponent(id)}`);
  if (flags.json === true) {
    io.stdout.write(`${JSON.stringify(answer, null, 2)}\n`);
    return EXIT.ok;
  }
  const paint = paintFor(io.stdout, io.env);
  const rows = (answer['groups'] as readonly GroupReach[]).flatMap(({ group, deployments }) =>
    deployments.map((each) => [
      group,
      each.id,
      each.reachable ? paint.good('yes') : paint.bad('no'),
      each.reasons.map(({ text }) => text).join('; '),
    ]),
  );
  const head = ['GROUP', 'DEPLOYMENT', 'REACHED', 'WHY'].map(paint.strong);
  io.stdout.write(renderTable([head, ...rows], { width: io.stdout.columns }));
  return EXIT.ok;
}

/** `waymark teams delete`. */
export async function deleteTeams(
  ids: readonly string[],
  flags: GatewayFlags,
  { actions, io }: World,
): Promise<number> {
  const answer = await gatewayAt(flags, actions, io)('POST', '/team/delete', { team_ids: ids });
  const count = (answer['deleted_teams'] as readonly string[]).length;
  const text = `Deleted ${count} ${count === 1 ? 'team' : 'teams'}, with their keys and projects.`;
  io.stdout.write(flags.json === true ? `${JSON.stringify(answer, null, 2)}\n` : `${text}\n`);
  return EXIT.ok;
}
