import type { CommandAdder } from '../program.ts';
import { addGatewayFlags, GATEWAY_HELP, type GatewayFlags } from '../running-gateway.ts';

/** The flags of `waymark teams create`. */
export interface TeamCreateFlags extends GatewayFlags {
  readonly alias?: string;
  readonly tags?: string;
  readonly allowedTags?: string;
  readonly models?: string;
}

const MORE = `
Examples:
  waymark teams create team-a --tags teamA
  waymark teams list
  waymark teams reach team-a
  waymark teams delete team-a
${GATEWAY_HELP}`;

/** `waymark teams`. */
export const addTeams: CommandAdder = (program, { io, actions }, finish) => {
  const teams = program
    .command('teams')
    .summary('make, list and delete teams of a running gateway')
    .description('Manages the teams of a running gateway.')
    .addHelpText('after', MORE);
  addGatewayFlags(teams.command('create'))
    .summary('make a team and print its id')
    .description('Makes a team and prints its id.')
    .argument('[id]', 'an id of your own; left out: one is made')
    .option('--alias <name>', 'a name for people to read')
    .option('--tags <list>', 'policy tags, separated by commas: they bind every call of its keys')
    .option('--allowed-tags <list>', 'names and patterns of the tags that its calls may send')
    .option('--models <list>', 'groups that its keys may use; left out: all')
    .addHelpText('after', GATEWAY_HELP)
    .action(
      finish(async (id: string | undefined, flags: TeamCreateFlags) => {
        const { createTeam } = await import('./run.ts');
        return createTeam(id, flags, { actions, io });
      }),
    );
  addGatewayFlags(teams.command('list'))
    .summary('list teams')
    .description('Lists the teams that you may see.')
    .addHelpText('after', GATEWAY_HELP)
    .action(
      finish(async (flags: GatewayFlags) => {
        const { listTeams } = await import('./run.ts');
        return listTeams(flags, { actions, io });
      }),
    );
  addGatewayFlags(teams.command('reach'))
    .summary('see what the keys of a team can get to')
    .description('Shows every deployment and whether a key of the team can get to it, and why not.')
    .argument('<id>', 'the team')
    .addHelpText('after', GATEWAY_HELP)
    .action(
      finish(async (id: string, flags: GatewayFlags) => {
        const { showReach } = await import('./run.ts');
        return showReach(id, flags, { actions, io });
      }),
    );
  addGatewayFlags(teams.command('delete'))
    .summary('delete teams for good, with their keys')
    .description('Deletes teams for good, with their keys and projects: all that are named, or none.')
    .argument('<ids...>', 'the teams')
    .addHelpText('after', GATEWAY_HELP)
    .action(
      finish(async (ids: readonly string[], flags: GatewayFlags) => {
        const { deleteTeams } = await import('./run.ts');
        return deleteTeams(ids, flags, { actions, io });
      }),
    );
};
