import { Option } from 'commander';

import type { CommandAdder } from '../program.ts';
import { collectList, collectOne, collectScopedTags, readSeed, type ExplainFlags } from './flags.ts';

const MORE = `
Examples:
  waymark explain --config config.yaml --model gpt-4 --tags free
  waymark explain --config config.yaml --model gpt-4 --tags free --policy-tags team=teamA --virtual-key
  waymark explain --config config.yaml --model gpt-4 --tags paid --cooling paid-1 --json
  waymark explain --config config.yaml --model gpt-4 --user-agent "claude-cli/2.1"

Exit status:
  0  the call would be sent
  1  the call would be refused
  2  the command line or the config cannot be used

Nothing is sent anywhere and no gateway need be running. Without --virtual-key and --allowed-tags the call is explained as
made with the master key. Fallbacks are printed as configured; this version makes one attempt a call.
`;

/** `waymark explain`. */
export const addExplain: CommandAdder = (program, { io }, finish) => {
  program
    .command('explain')
    .summary('say where a call would go, and why')
    .description(
      'Says where a call would go and why: each tag with its source and effect, each deployment kept or dropped.',
    )
    .argument('[config]', 'the config file, instead of --config')
    .option('-c, --config <file>', 'LiteLLM config to read (or CONFIG_FILE_PATH)')
    .requiredOption('-m, --model <group>', 'what the client asks for: a group, an alias, a deployment id')
    .option('--tags <list>', 'caller tags as in the body, separated by commas; repeatable', collectList)
    .option('--header-tags <list>', 'caller tags as in the header x-litellm-tags')
    .option('--user-agent <text>', 'User-Agent of the call, for tag_regex')
    .option('--policy-tags <scope=list>', 'tags of the key, team or project: team=a,b; repeatable', collectScopedTags)
    .option('--allowed-tags <list>', 'caller tags the key may send, names or patterns; "" allows none', collectList)
    .option('--virtual-key', 'an ordinary key makes the call, not the master key')
    .addOption(
      new Option('--on-unpermitted-tag <action>', 'what happens to a tag the key may not send')
        .choices(['reject', 'ignore'])
        .default('reject'),
    )
    .option('--enable-tag-filtering', "the key's or team's own setting turns tag filtering on")
    .option('--cooling <id>', 'a deployment to take as cooling down; repeatable', collectOne)
    .option('--seed <number>', 'seed of the weighted shuffle that orders the deployments', readSeed, 1)
    .option('--json', 'print the answer of POST /route/explain, for machines')
    .addHelpText('after', MORE)
    .action(
      finish(async (positional: string | undefined, flags: ExplainFlags) => {
        const { runExplain } = await import('./run.ts');
        return runExplain(flags, positional, io);
      }),
    );
};
