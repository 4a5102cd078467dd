import type { CommandAdder } from '../program.ts';
import { addGatewayFlags, GATEWAY_HELP, type GatewayFlags } from '../running-gateway.ts';

/** The flags of `waymark keys create`. */
export interface KeyCreateFlags extends GatewayFlags {
  readonly team?: string;
  readonly user?: string;
  readonly project?: string;
  readonly alias?: string;
  readonly tags?: string;
  readonly allowedTags?: string;
  readonly models?: string;
  readonly duration?: string;
}

/** The flags of `waymark keys list`. */
export interface KeyListFlags extends GatewayFlags {
  readonly team?: string;
  readonly user?: string;
}

/** The flags of `waymark keys revoke`. */
export interface KeyRevokeFlags extends GatewayFlags {
  readonly alias?: readonly string[];
}

const MORE = `
Examples:
  waymark keys create --team team-a --alias ci
  waymark keys list --team team-a
  waymark keys revoke --alias ci
${GATEWAY_HELP}`;

/** `waymark keys`. */
export const addKeys: CommandAdder = (program, { io, actions }, finish) => {
  const keys = program
    .command('keys')
    .summary('make, list and revoke keys of a running gateway')
    .description('Manages the keys of a running gateway.')
    .addHelpText('after', MORE);
  addGatewayFlags(keys.command('create'))
    .summary('make a key and print it')
    .description('Makes a key and prints it: the one time that it is shown.')
    .option('--team <id>', 'the team that it belongs to')
    .option('--user <id>', 'the user whose key it is')
    .option('--project <id>', 'the project of the team that it belongs to')
    .option('--alias <name>', 'a name of its own among all keys')
    .option('--tags <list>', 'policy tags, separated by commas: they bind every call')
    .option('--allowed-tags <list>', 'names and patterns of the tags that its calls may send')
    .option('--models <list>', 'groups that it may use; left out: all of its team')
    .option('--duration <time>', 'how long it lives: 24h, 30d, 1mo')
    .addHelpText('after', GATEWAY_HELP)
    .action(
      finish(async (flags: KeyCreateFlags) => {
        const { createKey } = await import('./run.ts');
        return createKey(flags, actions, io);
      }),
    );
  addGatewayFlags(keys.command('list'))
    .summary('list keys')
    .description('Lists the keys that you may see, without the keys themselves.')
    .option('--team <id>', 'those of a team')
    .option('--user <id>', 'those of a user')
    .addHelpText('after', GATEWAY_HELP)
    .action(
      finish(async (flags: KeyListFlags) => {
        const { listKeys } = await import('./run.ts');
        return listKeys(flags, actions, io);
      }),
    );
  addGatewayFlags(keys.command('revoke'))
    .summary('delete keys for good')
    .description('Deletes keys for good: all that are named, or none.')
    .argument('[hashes...]', 'keys by the hash that "waymark keys list" prints')
    .option('--alias <names...>', 'keys by alias')
    .addHelpText('after', GATEWAY_HELP)
    .action(
      finish(async (named: readonly string[], flags: KeyRevokeFlags) => {
        const { revokeKeys } = await import('./run.ts');
        return revokeKeys(named, flags, { actions, io });
      }),
    );
};
