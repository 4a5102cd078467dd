import { randomUUID } from 'node:crypto';

import { NO_KEYS, type PrincipalSource } from './accounts/principal.ts';
import { PinoLog } from './adapters/telemetry/pino-log.ts';
import { UndiciUpstream } from './adapters/upstream/undici-upstream.ts';
import type { GatewayConfig } from './config/contract.ts';
import type { Problem } from './core/base/problem.ts';
import type { Random } from './core/base/random.ts';
import { Cooling } from './gateway/health.ts';
import { Pipeline } from './gateway/pipeline.ts';
import type { GatewayLog, GatewayPorts } from './gateway/ports.ts';
import { prepareSnapshot, SnapshotHolder, type Snapshot } from './gateway/snapshot.ts';
import type { ProductIdentity } from './gateway/stamp.ts';
import { Admission } from './gateway/steps/admit.ts';
import { targetOf } from './providers/registry.ts';
import { FrontDoor } from './surfaces/http/front-door.ts';
import { makeRouter } from './surfaces/http/pages.ts';
import { HttpServer, type HttpServerOptions } from './surfaces/http/server.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What a gateway is made of. Everything but the config and the address has a default. */
export interface GatewayOptions {
  readonly config: GatewayConfig;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly product: ProductIdentity;
  readonly logLevel?: 'debug' | 'info' | 'warn' | 'silent';
  /** Answer everybody although the master key is missing or weak. */
  readonly openToAll?: boolean;
  /** Where providers' keys and the proxies are read. The process's own unless given. */
  readonly env?: Environment;
  /** Replaces the log. */
  readonly log?: GatewayLog;
  /** Keys other than the master key. */
  readonly principals?: PrincipalSource;
  readonly cooling?: Cooling;
  readonly random?: Random;
  readonly connectSeconds?: number;
  readonly http?: Partial<Omit<HttpServerOptions, 'host' | 'port'>>;
}

/** A gateway that listens. */
export interface RunningGateway {
  /** `http://127.0.0.1:4000`: how this machine reaches it. */
  readonly url: string;
  readonly port: number;
  /** What was found while the config was made ready to serve. */
  readonly problems: readonly Problem[];
  /** Serves another config from the next call on. With an error among the problems the old one stays. */
  reload(config: GatewayConfig): readonly Problem[];
  /** Stops accepting, lets running calls end for up to `drainSeconds`, then closes. */
  close(drainSeconds?: number): Promise<void>;
}

/** A config that cannot be served from. `problems` says why. */
export class ConfigRefused extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super('The config cannot be served from.');
    this.name = 'ConfigRefused';
    this.problems = problems;
  }
}

/** Starts a gateway. Rejects with ConfigRefused, or with the system's error where the address cannot be had. */
export async function startGateway(options: GatewayOptions): Promise<RunningGateway> {
  const env = options.env ?? process.env;
  const cooling = options.cooling ?? new Cooling();
  const prepare = (config: GatewayConfig): ReturnType<typeof prepareSnapshot> => {
    const variables = { ...env, ...Object.fromEntries(config.environment) };
    return prepareSnapshot({
      config,
      targetOf: (deployment) => targetOf(deployment, variables),
      cooling,
      insecure: options.openToAll ?? false,
    });
  };
  const { snapshot, problems } = prepare(options.config);
  if (snapshot === undefined) throw new ConfigRefused(problems);
  const upstream = new UndiciUpstream({
    env,
    ...(options.connectSeconds === undefined ? {} : { connectSeconds: options.connectSeconds }),
  });
  const log = options.log ?? new PinoLog(options.logLevel ?? 'info');
  const ports = {
    upstream,
    principals: options.principals ?? NO_KEYS,
    log,
    random: options.random ?? Math.random,
    now: () => performance.now(),
  };
  const { server, holder, admission } = assemble(options, snapshot, ports);
  const port = await server.listen().catch(async (error: unknown) => {
    await upstream.close();
    throw error;
  });
  return {
    url: `http://${urlHost(options.host)}:${port}`,
    port,
    problems,
    reload: (config) => {
      const next = prepare(config);
      if (next.snapshot !== undefined) holder.swap(next.snapshot);
      return next.problems;
    },
    close: async (drainSeconds = 0) => {
      admission.close();
      await server.close(drainSeconds * 1000);
      await upstream.close();
      log.flush();
    },
  };
}

function assemble(
  options: GatewayOptions,
  snapshot: Snapshot,
  ports: GatewayPorts & { readonly log: GatewayLog },
): { server: HttpServer; holder: SnapshotHolder; admission: Admission } {
  const { product } = options;
  const { log, principals, random } = ports;
  const admission = new Admission();
  const holder = new SnapshotHolder(snapshot);
  const door = new FrontDoor({
    holder,
    pipeline: new Pipeline(ports, admission),
    router: makeRouter({ product, random }),
    principals,
    product,
    newId: randomUUID,
    onFailure: (error, stamp) =>
      log.failure('request failed', { callId: stamp.callId, code: error.code, internal: error.internal }),
  });
  const server = new HttpServer({ ...options.http, host: options.host, port: options.port }, door);
  return { server, holder, admission };
}

/** The name by which this machine reaches an address that it listens on. */
function urlHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}
