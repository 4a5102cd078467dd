import { Command, CommanderError } from 'commander';

import { ConfigUnusable, type CliActions, type CliIdentity } from './actions.ts';
import { normaliseFlags } from './argv.ts';
import { CliFailure, EXIT, type CliIo } from './io.ts';
import { paintFor } from './paint.ts';
import { reportUnusable } from './problems.ts';

/** What every command is built with. */
export interface CliContext {
  readonly io: CliIo;
  readonly actions: CliActions;
  readonly identity: CliIdentity;
}

/** Adds one command to the program. `run` gives its exit status. */
export type CommandAdder = (program: Command, context: CliContext, finish: Finish) => void;

/** Wraps what a command does, so that its exit status reaches the caller of `runCli`. */
export type Finish = <A extends unknown[]>(work: (...args: A) => Promise<number>) => (...args: A) => Promise<void>;

/** Runs one command line (without node and script) and gives its exit status. Never throws, never ends the process. */
export async function runCli(
  args: readonly string[],
  context: CliContext,
  commands: readonly CommandAdder[],
): Promise<number> {
  let status: number = EXIT.ok;
  const finish: Finish =
    (work) =>
    async (...given) => {
      status = await work(...given);
    };
  const program = buildProgram(context);
  for (const add of commands) add(program, context, finish);
  try {
    await program.parseAsync(normaliseFlags(args), { from: 'user' });
  } catch (error) {
    return reportFailure(error, context.io);
  }
  return status;
}

const MORE = `
Examples:
  waymark demo                                               try it, with nothing prepared
  waymark --config config.yaml                               serve a LiteLLM config on port 4000
  waymark check --config config.yaml                         find what is wrong with it
  waymark explain --config config.yaml -m gpt-4 --tags free  see where a call would go, and why

Exit status of every command:
  0  done; for explain: the call would be sent; for check: no error
  1  the answer is no, or the work failed
  2  the command line or the config cannot be used

"waymark help COMMAND" says more. Colours are off where NO_COLOR is set or the output is no terminal.
`;

function buildProgram({ io, identity }: CliContext): Command {
  const program = new Command('waymark');
  const paint = paintFor(io.stdout, io.env);
  return program
    .description('LLM gateway that routes by tags and can always say why. Reads a LiteLLM config.')
    .version(
      `Waymark ${identity.version} (answers the surface of LiteLLM ${identity.litellmVersion})`,
      '-v, --version',
      'print the version',
    )
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .addHelpText('after', MORE)
    .showHelpAfterError('Run with --help to see the options.')
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      getOutHelpWidth: () => helpWidth(io.stdout.columns),
      getErrHelpWidth: () => helpWidth(io.stderr.columns),
      getOutHasColors: () => paint.enabled,
      getErrHasColors: () => paintFor(io.stderr, io.env).enabled,
      outputError: (text, write) => write(sentence(text)),
    })
    .configureHelp({ styleTitle: paint.strong, styleOptionTerm: paint.name, styleSubcommandTerm: paint.name });
}

/** Commander writes `error: unknown option`; this house writes sentences. */
function sentence(text: string): string {
  const said = text.replace(/^error: /, '');
  return said.charAt(0).toUpperCase() + said.slice(1);
}

function helpWidth(columns: number | undefined): number {
  return Math.min(columns ?? 100, 120);
}

function reportFailure(error: unknown, io: CliIo): number {
  // Commander has already printed its own message, or the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.unusable;
  const paint = paintFor(io.stderr, io.env);
  if (error instanceof CliFailure) {
    const hint = error.hint === undefined ? '' : `${error.hint}\n`;
    io.stderr.write(`${paint.bad(error.message)}\n${hint}`);
    return error.status;
  }
  if (error instanceof ConfigUnusable) return reportUnusable(error.problems, io);
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  io.stderr.write(`${paint.bad('Waymark failed unexpectedly.')}\n${text}\n`);
  return EXIT.failed;
}
