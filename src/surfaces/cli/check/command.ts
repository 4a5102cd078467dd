import { Option } from 'commander';

import type { CommandAdder } from '../program.ts';

/** The flags of `waymark check`. */
export interface CheckFlags {
  readonly config?: string;
  readonly strict?: boolean;
  readonly json?: boolean;
  readonly sarif?: boolean;
  readonly explain?: string;
}

const MORE = `
Examples:
  waymark check --config config.yaml
  waymark check --config config.yaml --strict --json > findings.json
  waymark check --config config.yaml --sarif > findings.sarif
  waymark check --explain unknown-key

Exit status:
  0  no error
  1  at least one error; with --strict also: at least one warning
  2  the config cannot be read, or the command line is wrong

SARIF 2.1.0 is what code hosts show beside the lines of a change. Paths in it are relative to the working folder: run it at the
top of the repository.

What hangs on keys, teams or prices is not known from a file alone and is not checked here.
`;

/** `waymark check`. */
export const addCheck: CommandAdder = (program, { io, identity }, finish) => {
  program
    .command('check')
    .summary('find what is wrong with a config')
    .description('Prints every finding about a config with its place, its code and how to mend it.')
    .argument('[config]', 'the config file, instead of --config')
    .option('-c, --config <file>', 'LiteLLM config to read (or CONFIG_FILE_PATH)')
    .option('--strict', 'a warning counts as an error')
    .option('--json', 'print the findings as JSON, for machines')
    .addOption(new Option('--sarif', 'print the findings as SARIF, for code hosts').conflicts(['json', 'explain']))
    .option('--explain <code>', 'say what a code means and how to mend it; "all" lists every code')
    .addHelpText('after', MORE)
    .action(
      finish(async (positional: string | undefined, flags: CheckFlags) => {
        const { runCheck } = await import('./run.ts');
        return runCheck(flags, positional, { io, identity });
      }),
    );
};
