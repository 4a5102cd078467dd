#!/usr/bin/env node
import { readFileSync } from 'node:fs';

import type { Worker } from './compose/as-worker.ts';
import type { GatewayOptions, RunningGateway } from './compose.ts';
import manifest from '../package.json' with { type: 'json' };
import {
  ConfigUnusable,
  type CliActions,
  type RunningSimulator,
  type ServeRequest,
  type ServingGateway,
  type SimulatorRequest,
  type StartedWorker,
} from './surfaces/cli/actions.ts';
import { addCheck } from './surfaces/cli/check/command.ts';
import { addDemo } from './surfaces/cli/demo/command.ts';
import { addExplain } from './surfaces/cli/explain/command.ts';
import { addSchema } from './surfaces/cli/schema/command.ts';
import { addServe } from './surfaces/cli/serve/command.ts';
import { addImport } from './surfaces/cli/import/command.ts';
import { addKeys } from './surfaces/cli/keys/command.ts';
import { addMigrate } from './surfaces/cli/migrate/command.ts';
import { addTeams } from './surfaces/cli/teams/command.ts';
import type { CliIo, TextSink } from './surfaces/cli/io.ts';
import { addMockUpstream } from './surfaces/cli/mock-upstream/command.ts';
import { runCli } from './surfaces/cli/program.ts';

/** Signals that come closer together than this are one: a launcher passes on what the terminal has sent to all. Milliseconds. */
const SAME_SIGNAL_MS = 500;

function sinkOf(stream: NodeJS.WriteStream): TextSink {
  // A reader that has seen enough (`| head`) closes the pipe; that is no failure of the command.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  return { write: (text) => void stream.write(text), isTty: stream.isTTY, columns: stream.columns };
}

async function serve(request: ServeRequest): Promise<ServingGateway> {
  // Loaded by the commands that serve, so that the others start at once.
  const { ConfigRefused, startGateway } = await import('./compose.ts');
  try {
    const { PinoLog } = await import('./adapters/telemetry/pino-log.ts');
    const gateway = await startGateway({
      ...request,
      product: identity,
      log: new PinoLog(request.logLevel, { worker: worker?.number }),
      ...(worker === undefined ? {} : asOneOfSeveral(request, worker)),
    });
    if (worker?.startsFromKept === true) gateway.readAgain();
    return request.configFile === undefined ? gateway : readAgainOnHangUp(gateway);
  } catch (error) {
    throw error instanceof ConfigRefused ? new ConfigUnusable(error.problems) : error;
  }
}

function asOneOfSeveral({ configFile }: ServeRequest, one: Worker): Partial<GatewayOptions> {
  return {
    processSecret: one.secret,
    ...(configFile === undefined ? {} : { configFile: { ...configFile, onTaken: (texts) => one.keep(texts) } }),
  };
}

/** SIGHUP reads the config again, as daemons do. */
function readAgainOnHangUp(gateway: RunningGateway): ServingGateway {
  const release = onHangUp(() => gateway.readAgain());
  return {
    port: gateway.port,
    problems: gateway.problems,
    close: async (drainSeconds) => {
      await gateway.close(drainSeconds);
      release();
    },
  };
}

function onHangUp(listener: () => void): () => void {
  process.on('SIGHUP', listener);
  return () => void process.off('SIGHUP', listener);
}

async function thisWorker(): Promise<Worker | undefined> {
  if (process.env['WAYMARK_WORKER_NUMBER'] === undefined) return undefined;
  const { workerOfEnvironment } = await import('./compose/as-worker.ts');
  return await workerOfEnvironment();
}

async function workers(logLevel: ServeRequest['logLevel']): ReturnType<CliActions['workers']> {
  const [{ ClusterWorkers }, { PinoLog }, { randomBytes }] = await Promise.all([
    import('./adapters/system/cluster-workers.ts'),
    import('./adapters/telemetry/pino-log.ts'),
    import('node:crypto'),
  ]);
  const log = new PinoLog(logLevel);
  const actions = new ClusterWorkers<StartedWorker>({
    entry: process.argv[1] ?? '',
    argv: process.argv.slice(2),
    secret: randomBytes(32).toString('hex'),
    onOutput: (lines) => log.pass(lines),
    onErrors: (lines) => void process.stderr.write(lines),
  });
  return { actions, log };
}

async function simulate(request: SimulatorRequest): Promise<RunningSimulator> {
  const [{ startSimulator }, { parseErrorShares }, { parseSpread }] = await Promise.all([
    import('./surfaces/simulator/simulator.ts'),
    import('./surfaces/simulator/options.ts'),
    import('./surfaces/simulator/spread.ts'),
  ]);
  const { timeToFirstToken, answerTokens, errors, retryAfter, ...same } = request;
  return startSimulator({
    ...same,
    ...(timeToFirstToken === undefined ? {} : { timeToFirstTokenMs: parseSpread(timeToFirstToken) }),
    ...(answerTokens === undefined ? {} : { answerTokens: parseSpread(answerTokens) }),
    ...(errors === undefined ? {} : { errors: parseErrorShares(errors) }),
    ...(retryAfter === undefined ? {} : { retryAfterSeconds: retryAfter }),
  });
}

/**
 * Ctrl+C reaches every process of a terminal, and systemd tells all of a service: a worker hears of a stop once. That it is to end
 * at once, the process that started it says, by ending itself.
 */
function onWorkersStop(listener: (signal: string) => void): () => void {
  let heard = false;
  const hear = (signal: string): void => {
    if (!heard && signal === 'SIGTERM') {
      heard = true;
      listener(signal);
    }
  };
  process.on('SIGTERM', hear);
  process.on('SIGINT', hear);
  return () => undefined;
}

function onStopSignal(listener: (signal: string) => void): () => void {
  let lastHeard = -Infinity;
  const heard = (signal: string): void => {
    const now = performance.now();
    if (now - lastHeard < SAME_SIGNAL_MS) return;
    lastHeard = now;
    listener(signal);
  };
  process.on('SIGTERM', heard);
  process.on('SIGINT', heard);
  return () => {
    process.off('SIGTERM', heard);
    process.off('SIGINT', heard);
  };
}

const worker = await thisWorker();
const io: CliIo = {
  stdout: sinkOf(process.stdout),
  stderr: sinkOf(process.stderr),
  env: process.env,
  cwd: process.cwd(),
  readText: (path) => readFileSync(path, 'utf8'),
};
const actions: CliActions = {
  startGateway: serve,
  startSimulator: simulate,
  openImport: async (request) => {
    const { openImport } = await import('./compose/open-import.ts');
    return await openImport(request);
  },
  askGateway: async (question) => {
    const { askGateway } = await import('./adapters/gateway-client/ask-gateway.ts');
    return await askGateway(question);
  },
  migrate: async (database, changes) => {
    const { migrateDatabase } = await import('./compose/migrate.ts');
    return await migrateDatabase(database, changes);
  },
  self: worker,
  workers,
  onHangUp,
  onStopSignal: worker === undefined ? onStopSignal : onWorkersStop,
  exitNow: (status) => process.exit(status),
};
const identity = { version: manifest.version, litellmVersion: '1.106.2' };
const commands = [
  addServe,
  addExplain,
  addCheck,
  addSchema,
  addMockUpstream,
  addDemo,
  addKeys,
  addTeams,
  addMigrate,
  addImport,
];

process.exitCode = await runCli(process.argv.slice(2), { io, actions, identity }, commands);
// A worker that has done its work must not live on for a word from the process that started it.
process.channel?.unref();
