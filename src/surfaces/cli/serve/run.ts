import type { GatewayConfig } from '../../../config/contract.ts';
import { isWeakMasterKey } from '../../../gateway/master-key.ts';
import { configPath, environmentOf, loadConfig } from '../config-file.ts';
import { CliFailure, EXIT, type CliIo } from '../io.ts';
import { shownUrl } from '../listening.ts';
import { paintFor } from '../paint.ts';
import { refusals, reportUnusable } from '../problems.ts';
import type { CliContext } from '../program.ts';
import { chooseAddress, loopbackNotice, type KeyStanding } from './address.ts';
import { announceConfig } from './announce.ts';
import type { ServeFlags } from './command.ts';
import { listen, serveUntilStopped } from './lifecycle.ts';
import { litellmFlagsGiven } from './litellm-flags.ts';

/** `waymark serve`: listens until it is told to stop. The statuses are those of its help. */
export async function runServe(
  flags: ServeFlags,
  positional: string | undefined,
  context: CliContext,
): Promise<number> {
  const { io, actions, identity } = context;
  const given = litellmFlagsGiven(flags);
  const [refused] = given.refused;
  if (refused !== undefined) throw new CliFailure(`${refused.flag} is not supported.`, { hint: refused.why });
  if (flags.validateConfig === true) return (await import('../check/run.ts')).runCheck(flags, positional, io);

  const path = configPath({ flag: flags.config, positional }, io);
  const { config, problems } = await loadConfig(path, io);
  if (config === undefined || refusals(problems).length > 0) return reportUnusable(problems, io);
  const paint = paintFor(io.stdout, io.env);
  const look = { paint, cwd: io.cwd, columns: io.stdout.columns };
  if (given.withoutEffect.length > 0) {
    io.stderr.write(`${paint.careful('Without effect here')}: ${given.withoutEffect.join(', ')}.\n`);
  }
  if (flags.skipServerStartup === true) {
    io.stdout.write(`${announceConfig(config, problems, look)}Setup complete. Skipping server startup.\n`);
    return EXIT.ok;
  }

  const key = keyStanding(config);
  const permitted = flags.insecureNoAuth === true || config.server.permitWeakMasterKey;
  const address = chooseAddress({ host: flags.host, port: flags.port, key, permitted }, io);
  const { host, port, loopbackOnly } = address;
  const env = environmentOf(config, io);
  const gateway = await listen(
    { config, host, port, logLevel: logLevel(flags, io), openToAll: permitted, env },
    actions,
  );
  io.stdout.write(announceConfig(config, [...problems, ...gateway.problems], look));
  if (loopbackOnly) io.stdout.write(`${paint.careful(loopbackNotice(key))}\n`);
  io.stdout.write(
    `Waymark ${identity.version} running on ${paint.strong(shownUrl(host, gateway.port))} (stop with Ctrl+C)\n`,
  );
  return serveUntilStopped(gateway, flags.drainTimeout, context);
}

function keyStanding(config: GatewayConfig): KeyStanding {
  const { masterKey } = config.server;
  if (masterKey === undefined) return 'none';
  return isWeakMasterKey(masterKey) ? 'weak' : 'strong';
}

function logLevel(flags: ServeFlags, io: CliIo): 'debug' | 'info' | 'warn' {
  if (flags.detailedDebug === true || isTrue(io.env['DETAILED_DEBUG'])) return 'debug';
  return flags.debug === true || isTrue(io.env['DEBUG']) ? 'info' : 'warn';
}

/** What LiteLLM's command line takes for true in an environment variable. */
function isTrue(text: string | undefined): boolean {
  return text !== undefined && ['1', 'true', 't', 'yes', 'y', 'on'].includes(text.toLowerCase());
}
