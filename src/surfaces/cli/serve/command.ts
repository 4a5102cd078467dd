import { InvalidArgumentError } from 'commander';

import type { CommandAdder } from '../program.ts';
import { readPort } from './address.ts';
import { readWorkers } from './workers.ts';
import { addLitellmFlags } from './litellm-flags.ts';

/** The flags of `waymark serve`, and LiteLLM's that are accepted beside them. */
export interface ServeFlags extends Readonly<Record<string, unknown>> {
  readonly config?: string;
  readonly port?: number;
  readonly host?: string;
  readonly debug?: boolean;
  readonly detailedDebug?: boolean;
  /** Folder of the file that keys and teams are kept in. */
  readonly dataDir?: string;
  readonly insecureNoAuth?: boolean;
  /** Seconds. */
  readonly drainTimeout: number;
  readonly numWorkers?: number;
  readonly skipServerStartup?: boolean;
  readonly validateConfig?: boolean;
}

const MORE = `
Examples:
  waymark --config config.yaml
  waymark serve config.yaml --port 8080 --detailed_debug
  litellm --config /path/to/config.yaml --port 4000 --num_workers 4

Environment: CONFIG_FILE_PATH, HOST, PORT, DEBUG, DETAILED_DEBUG, LITELLM_LOG as LiteLLM reads them; flags win.
Keys and teams are kept in the file waymark.db, unless general_settings.database_url or DATABASE_URL names a PostgreSQL.
One line of JSON is logged for each call; LITELLM_LOG=WARNING leaves only failures.
Variables of a file .env in the working directory are read too, unless LITELLM_MODE is PRODUCTION.

With --num-workers N this process starts N others, hands connections to them in turn, and starts one again that ends: at
once, then after waits that grow to 30 s. The log names the worker of each line. Signals reach all of them.

The config is read again when one of its files changes, and on SIGHUP. One that cannot be served from leaves the old one
serving; the log and GET /config/problems say what is wrong with it.

Exit status:
  0  stopped by SIGTERM or SIGINT: running calls had ended, or their time (--drain-timeout) was over
  1  the address could not be had (a busy port is an error, never another port), the gateway failed, or a second
     signal ended it at once, or a worker had to be killed
  2  the command line or the config cannot be used

Flags may be written with hyphens or, as LiteLLM does, with underscores. LiteLLM's flags that have no effect here are
accepted and named at start. Without a master key of at least 16 characters only programs on this machine are answered.
`;

/** `waymark serve`, the command that a bare `waymark --config FILE` runs. */
export const addServe: CommandAdder = (program, { io, actions, identity }, finish) => {
  const command = program
    .command('serve', { isDefault: true })
    .summary('run the gateway on a config (the default)')
    .description('Runs the gateway on a LiteLLM config.')
    .argument('[config]', 'the config file, instead of --config')
    .option('-c, --config <file>', 'LiteLLM config to serve (or CONFIG_FILE_PATH)')
    .option('--port <number>', 'port to listen on (or PORT; default 4000)', readPort)
    .option('--host <address>', 'address to listen on (or HOST; default 0.0.0.0)')
    .option('--data-dir <folder>', 'keep keys and teams in FOLDER/waymark.db (or WAYMARK_DATA_DIR; default .)')
    .option('--num-workers <n>', 'processes that serve on the port (or NUM_WORKERS; default 1)', readWorkers)
    .option('--debug', 'log one line for each call, whatever LITELLM_LOG says')
    .option('--detailed-debug', 'log everything that is not content or secret')
    .option('--drain-timeout <seconds>', 'how long running calls may take to end at a stop', readSeconds, 30)
    .option('--insecure-no-auth', 'listen beyond this machine although the master key is missing or weak')
    .option('--skip-server-startup', 'read the config, report, and stop without listening')
    .option('--validate-config', 'the same as "waymark check"')
    .addHelpText('after', MORE);
  addLitellmFlags(command).action(
    finish(async (positional: string | undefined, flags: ServeFlags) => {
      const { runServe } = await import('./run.ts');
      return runServe(flags, positional, { io, actions, identity });
    }),
  );
};

function readSeconds(text: string): number {
  const seconds = Number(text);
  if (text.trim() === '' || !Number.isFinite(seconds) || seconds < 0) {
    throw new InvalidArgumentError('Write a number of seconds, 0 or more.');
  }
  return seconds;
}
