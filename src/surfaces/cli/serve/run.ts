import type { GatewayConfig } from '../../../config/contract.ts';
import type { Problem } from '../../../core/base/problem.ts';
import { isWeakMasterKey } from '../../../gateway/master-key.ts';
import { targetOf } from '../../../providers/registry.ts';
import { ConfigUnusable, type ServeRequest } from '../actions.ts';
import { configPath, environmentOf, loadConfig } from '../config-file.ts';
import { withDotEnv } from '../dot-env.ts';
import { CliFailure, EXIT, type CliIo, type TextSink } from '../io.ts';
import { shownUrl } from '../listening.ts';
import { paintFor } from '../paint.ts';
import { refusals, reportUnusable } from '../problems.ts';
import type { CliContext } from '../program.ts';
import { chooseAddress, keyNotice, type KeyStanding } from './address.ts';
import { announceConfig, type AnnounceOptions } from './announce.ts';
import type { ServeFlags } from './command.ts';
import { chooseDatabase } from './database.ts';
import { listen, serveUntilStopped } from './lifecycle.ts';
import { litellmFlagsGiven } from './litellm-flags.ts';
import { serveWithWorkers, workersWanted } from './workers.ts';

/** `waymark serve`: listens until it is told to stop. The statuses are those of its help. */
export async function runServe(flags: ServeFlags, positional: string | undefined, given: CliContext): Promise<number> {
  const io = withDotEnv(given.io);
  const context = { ...given, io };
  const { refused: unfit, withoutEffect } = litellmFlagsGiven(flags);
  const [refused] = unfit;
  if (refused !== undefined) throw new CliFailure(`${refused.flag} is not supported.`, { hint: refused.why });
  if (flags.validateConfig === true) return (await import('../check/run.ts')).runCheck(flags, positional, context);

  const { self } = given.actions;
  const files = self === undefined ? io : { ...io, readText: self.reader((file) => io.readText(file)) };
  const { path, config, problems } = loadConfig(configPath({ flag: flags.config, positional }, files), files);
  if (config === undefined || refusals(problems).length > 0) return reportUnusable(problems, io);
  if (withoutEffect.length > 0 && self === undefined) {
    const paint = paintFor(io.stderr, io.env);
    io.stderr.write(`${paint.careful('Without effect here')}: ${withoutEffect.join(', ')}.\n`);
  }
  if (flags.skipServerStartup === true) {
    const { prepareAsServed } = await import('../prepare.ts');
    const found = await findings(config, { read: problems, prepared: prepareAsServed(config, io).problems }, io);
    if (refusals(found).length > 0) return reportUnusable(found, io);
    io.stdout.write(`${announceConfig(config, found, lookOf(config, io))}Setup complete. Skipping server startup.\n`);
    return EXIT.ok;
  }
  return serveConfig(config, { path, env: io.env, problems }, { flags, context });
}

async function serveConfig(
  config: GatewayConfig,
  configFile: NonNullable<ServeRequest['configFile']>,
  { flags, context }: { readonly flags: ServeFlags; readonly context: CliContext },
): Promise<number> {
  const { io, actions, identity } = context;
  const read = configFile.problems;
  const key = keyStanding(config);
  const permitted = flags.insecureNoAuth === true || config.server.permitWeakMasterKey;
  const address = chooseAddress({ host: flags.host, port: flags.port, key, permitted }, io);
  const request = {
    config,
    host: address.host,
    port: address.port,
    logLevel: logLevel(flags, io),
    // What the config permits is the config's to take back.
    openToAll: flags.insecureNoAuth === true,
    configFile,
    env: environmentOf(config, io),
    database: chooseDatabase({ config, dataDir: flags.dataDir }, io),
  };
  const count = workersWanted(flags.numWorkers, io);
  const gateway =
    count > 1 && actions.self === undefined
      ? await serveWithWorkers(count, request, actions)
      : await listen(request, actions).catch(async (error: unknown) => {
          if (error instanceof ConfigUnusable)
            throw new ConfigUnusable(await findings(config, { read, prepared: error.problems }, io));
          throw error;
        });
  if ('status' in gateway) return gateway.status;
  if (actions.self !== undefined) {
    actions.self.ready({ port: gateway.port, problems: gateway.problems });
    return serveUntilStopped(gateway, flags.drainTimeout, { actions, io: { ...io, stdout: UNHEARD } });
  }
  const look = lookOf(config, io);
  io.stdout.write(announceConfig(config, await findings(config, { read, prepared: gateway.problems }, io), look));
  const notice = keyNotice(key, address);
  if (notice !== undefined) io.stdout.write(`${look.paint.careful(notice)}\n`);
  const url = look.paint.strong(shownUrl(address.host, gateway.port));
  const workers = count > 1 ? `, ${count} workers` : '';
  io.stdout.write(`Waymark ${identity.version} running on ${url}${workers} (stop with Ctrl+C)\n`);
  return serveUntilStopped(gateway, flags.drainTimeout, context);
}

/** What a worker would say to a person, the process that started it has said. */
const UNHEARD: TextSink = { write: () => undefined, isTty: false, columns: undefined };

/** Loaded once the gateway listens: the checks are not worth a later start. */
async function findings(
  config: GatewayConfig,
  found: { readonly read: readonly Problem[]; readonly prepared: readonly Problem[] },
  io: CliIo,
): Promise<readonly Problem[]> {
  const { allFindings } = await import('../findings.ts');
  return allFindings({ config, ...found, env: environmentOf(config, io) });
}

function lookOf(config: GatewayConfig, io: CliIo): AnnounceOptions {
  const env = environmentOf(config, io);
  return {
    paint: paintFor(io.stdout, io.env),
    cwd: io.cwd,
    columns: io.stdout.columns,
    whyNot: (deployment) => {
      // A mock is answered here and needs no target.
      if (deployment.mockResponse !== undefined) return undefined;
      if (deployment.unbuildable !== undefined) return deployment.unbuildable;
      const target = targetOf(deployment, env);
      return target.ok ? undefined : target.reason;
    },
  };
}

function keyStanding(config: GatewayConfig): KeyStanding {
  const { masterKey } = config.server;
  if (masterKey === undefined) return 'none';
  return isWeakMasterKey(masterKey) ? 'weak' : 'strong';
}

/** One line for each call unless LITELLM_LOG asks for less; everything with the flags or variables that LiteLLM has for it. */
function logLevel(flags: ServeFlags, io: CliIo): 'debug' | 'info' | 'warn' {
  const asked = io.env['LITELLM_LOG']?.toUpperCase();
  if (flags.detailedDebug === true || isTrue(io.env['DETAILED_DEBUG']) || asked === 'DEBUG') return 'debug';
  if (flags.debug === true || isTrue(io.env['DEBUG'])) return 'info';
  return asked === 'WARNING' || asked === 'ERROR' || asked === 'CRITICAL' ? 'warn' : 'info';
}

/** What LiteLLM's command line takes for true in an environment variable. */
function isTrue(text: string | undefined): boolean {
  return text !== undefined && ['1', 'true', 't', 'yes', 'y', 'on'].includes(text.toLowerCase());
}
