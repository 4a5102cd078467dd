import { randomBytes, randomUUID } from 'node:crypto';

import { StoreUnavailable, type AccountStore } from './accounts/contract.ts';
import { LateStore } from './accounts/late-store.ts';
import { makeSealer, type Sealer } from './accounts/seal.ts';
import { NO_KEYS, type PrincipalSource } from './accounts/principal.ts';
import { FileWatch } from './adapters/system/file-watch.ts';
import { PinoLog } from './adapters/telemetry/pino-log.ts';
import { defaultSpoolFolder, SpoolFolder } from './adapters/spool/spool-folder.ts';
import { Http1Upstream } from './adapters/upstream/http1/http1-upstream.ts';
import { ConfigKeeper, type ConfigFile } from './compose/config-keeper.ts';
import { exposedKey } from './compose/exposed-key.ts';
import type { GatewayConfig, ServerSettings } from './config/contract.ts';
import type { Problem } from './core/base/problem.ts';
import type { Random } from './core/base/random.ts';
import type { ConfigState } from './gateway/config-state.ts';
import { Cooling } from './gateway/health.ts';
import type { ManagementSurface } from './gateway/management.ts';
import { Pipeline } from './gateway/pipeline.ts';
import type { GatewayLog, GatewayPorts, SpoolStore } from './gateway/ports.ts';
import { PrincipalCache } from './gateway/principal-cache.ts';
import { prepareSnapshot, SnapshotHolder } from './gateway/snapshot.ts';
import { SnapshotSource } from './gateway/snapshot-source.ts';
import type { ProductIdentity } from './gateway/stamp.ts';
import { Admission } from './gateway/steps/admit.ts';
import { targetOf } from './providers/registry.ts';
import { LazyAdminSurface } from './surfaces/admin/surface.ts';
import { FrontDoor } from './surfaces/http/front-door.ts';
import { makeRouter } from './surfaces/http/pages.ts';
import { HttpServer, type HttpServerOptions } from './surfaces/http/server.ts';

/** Node's timers count no further. Milliseconds. */
const LONGEST_DRAIN_MS = 2 ** 31 - 10_000;
/** How long clients may take to read that their calls were ended. Milliseconds. */
const LAST_WORDS_MS = 500;

type Environment = Readonly<Record<string, string | undefined>>;

/** Where keys, teams and the rest are kept. `temporary`: in a file that goes when the gateway is closed. */
export type DatabaseChoice =
  | { readonly kind: 'sqlite'; readonly path: string }
  | { readonly kind: 'postgres'; readonly url: string }
  | { readonly kind: 'temporary' };

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
  /** Followed from the start on. Absent: the config changes by `reload` only. */
  readonly configFile?: ConfigFile;
  /** Absent: there are no keys but the master key, and no management API. */
  readonly database?: DatabaseChoice;
  /** Replaces the database. It is closed with the gateway. */
  readonly accounts?: AccountStore;
  /** Replaces the keys of the database. */
  readonly principals?: PrincipalSource;
  /** Replaces the temporary folder. */
  readonly spools?: SpoolStore;
  /** What ids are signed with where neither a salt key nor a master key is set: one for all processes that serve together. */
  readonly processSecret?: string;
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
  /** Reads the config's files again, changed or not; the log and `/config/problems` say what became of it. */
  readAgain(): void;
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
  const ownSecret = options.processSecret ?? randomBytes(32).toString('hex');
  const prepare = (config: GatewayConfig): ReturnType<typeof prepareSnapshot> => {
    const variables = { ...(options.configFile?.env ?? env), ...Object.fromEntries(config.environment) };
    return prepareSnapshot({
      config,
      targetOf: (deployment) => targetOf(deployment, variables),
      cooling,
      // Every process of the same config reads the ids of the others, but where there is no secret at all.
      responseSecret: saltKeyOf({ ...env, ...variables }) ?? (config.server.masterKey || ownSecret),
      insecure: options.openToAll ?? false,
    });
  };
  const { snapshot, problems } = prepare(options.config);
  if (snapshot === undefined) throw new ConfigRefused(problems);
  const upstream = new Http1Upstream({
    env,
    ...(options.connectSeconds === undefined ? {} : { connectSeconds: options.connectSeconds }),
  });
  const log = options.log ?? new PinoLog(options.logLevel ?? 'info');
  const now = (): number => performance.now();
  const store = storeOf(options, now);
  const keys =
    store === undefined || options.principals !== undefined ? undefined : keysOf(store, options.config.server, now);
  const ports = {
    upstream,
    spools: options.spools ?? ownSpools(),
    principals: options.principals ?? keys ?? NO_KEYS,
    log,
    random: options.random ?? Math.random,
    now,
  };
  const holder = new SnapshotHolder(snapshot);
  const sealer = sealerOf({ ...env, ...Object.fromEntries(options.config.environment) });
  const onFailure = (message: string, internal: string): void => log.failure(message, { internal });
  const source = new SnapshotSource({ config: options.config, holder, prepare, store, sealer, env, onFailure });
  const management =
    store === undefined ? undefined : managementOf({ ...ports, store, holder, source, sealer }, options);
  const config = keeperOf(options, { source, log, problems, env });
  const { server, admission } = assemble(options, holder, { ...ports, management, config, database: store });
  const port = await server.listen().catch(async (error: unknown) => {
    await Promise.all([upstream.close(), store?.close()]);
    throw error;
  });
  const watch = watchOf(options, config);
  const close = async (drainSeconds = 0): Promise<void> => {
    await drain(server, admission, drainSeconds);
    watch?.close();
    keys?.close();
    source.close();
    await Promise.all([upstream.close(), store?.close()]);
    log.flush();
  };
  await openStore(store, source, log).catch(async (error: unknown) => {
    await close();
    throw error;
  });
  return {
    url: `http://${urlHost(options.host)}:${port}`,
    port,
    problems,
    reload: (next) => config.take(next),
    readAgain: () => (watch === undefined ? undefined : config.readAgain(watch)),
    close,
  };
}

/** Lets running calls end. What is left when the time is up is told so, and then cut. */
async function drain(server: HttpServer, admission: Admission, drainSeconds: number): Promise<void> {
  const drainMs = Math.min(drainSeconds * 1000, LONGEST_DRAIN_MS);
  admission.close();
  const timer = setTimeout(() => admission.cut(), drainMs);
  await server.close(drainMs + LAST_WORDS_MS);
  clearTimeout(timer);
}

function keeperOf(
  options: GatewayOptions,
  insides: {
    readonly source: SnapshotSource;
    readonly log: GatewayLog;
    readonly problems: readonly Problem[];
    readonly env: Environment;
  },
): ConfigKeeper {
  const { source, log, problems: prepared, env } = insides;
  const { config, configFile: file, host, openToAll = false } = options;
  const serve = (next: GatewayConfig): readonly Problem[] => {
    const exposed = exposedKey(next, { host, openToAll });
    return exposed === undefined ? source.reload(next) : [exposed];
  };
  return new ConfigKeeper({ config, prepared, file, env, serve, log, wallNow: Date.now });
}

/** What was written after the process began may not be what it has read. */
function watchOf({ config, configFile }: GatewayOptions, keeper: ConfigKeeper): FileWatch | undefined {
  if (configFile === undefined) return undefined;
  const watch = new FileWatch({ onChange: () => keeper.readAgain(watch) });
  watch.adopt(config.files, performance.timeOrigin);
  return watch;
}

/** What the config says of the cache holds from the start on: a reload changes neither. */
function keysOf(store: AccountStore, settings: ServerSettings, now: () => number): PrincipalCache {
  const { keyRefreshSeconds: refreshSeconds, staleKeySeconds: staleSeconds } = settings;
  return new PrincipalCache({ store, wallNow: Date.now, now, refreshSeconds, staleSeconds });
}

/** Temporary files; what a process that died has left of them goes meanwhile. */
function ownSpools(): SpoolStore {
  const folder = new SpoolFolder(defaultSpoolFolder());
  void folder.sweep();
  return folder;
}

/** The store that was chosen, not yet open: what it is made of loads after the gateway listens. */
function storeOf({ accounts, database }: GatewayOptions, now: () => number): AccountStore | undefined {
  if (accounts !== undefined || database === undefined) return accounts;
  return new LateStore(async () => {
    const { openAccounts } = await import('./compose/open-accounts.ts');
    return await openAccounts(database);
  }, now);
}

/**
 * Rejects where the database is of a newer program. One that is away now may come back: calls with the master key are served
 * meanwhile.
 */
async function openStore(store: AccountStore | undefined, source: SnapshotSource, log: GatewayLog): Promise<void> {
  if (store === undefined) return;
  source.follow();
  try {
    if (store instanceof LateStore) await store.start();
    await source.refresh();
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
    log.failure('the database of keys and teams cannot be opened; it is tried again', { internal: error.message });
  }
}

/** LiteLLM's variable counts too: its users have one set. */
function saltKeyOf(env: Environment): string | undefined {
  return (env['WAYMARK_SALT_KEY'] ?? env['LITELLM_SALT_KEY']) || undefined;
}

function sealerOf(env: Environment): Sealer | undefined {
  const saltKey = saltKeyOf(env);
  return saltKey === undefined ? undefined : makeSealer(saltKey, randomBytes);
}

function assemble(
  options: GatewayOptions,
  holder: SnapshotHolder,
  ports: GatewayPorts & {
    readonly log: GatewayLog;
    readonly management: ManagementSurface | undefined;
    readonly config: ConfigState;
    readonly database: AccountStore | undefined;
  },
): { server: HttpServer; admission: Admission } {
  const { product } = options;
  const { log, principals, random, management, config, database } = ports;
  const admission = new Admission();
  const door = new FrontDoor({
    holder,
    pipeline: new Pipeline(ports, admission),
    router: makeRouter({ product, random, management, config, database, admission }),
    management,
    principals,
    product,
    newId: randomUUID,
    onFailure: (error, stamp) =>
      log.failure('request failed', { callId: stamp.callId, code: error.code, internal: error.internal }),
  });
  const server = new HttpServer({ ...options.http, host: options.host, port: options.port }, door);
  return { server, admission };
}

interface ManagementInsides {
  readonly store: AccountStore;
  readonly principals: PrincipalSource;
  readonly holder: SnapshotHolder;
  readonly source: SnapshotSource;
  readonly sealer: Sealer | undefined;
}

/** The management API, which loads with the first request to it. */
function managementOf(insides: ManagementInsides, { product }: GatewayOptions): ManagementSurface {
  const { store, principals, holder, source, sealer } = insides;
  return new LazyAdminSurface(async () => {
    const { makeAdminApp } = await import('./surfaces/admin/app.ts');
    return await makeAdminApp({
      principals,
      product,
      parts: {
        store,
        sealer,
        now: Date.now,
        newId: randomUUID,
        randomBytes,
        table: () => holder.current.table,
        accessGroups: () => holder.current.accessGroups,
        callerTagsBanned: () => holder.current.config.server.rejectClientTags,
        isInFiles: (id) => source.isInFiles(id),
        checkModel: ({ record, credentials }) => {
          const { id, modelName: group, params, modelInfo } = record;
          const found = source.check({ id, group, params: { ...params, ...credentials }, modelInfo });
          const textsOf = (isError: boolean): string[] =>
            found
              .filter(({ severity }) => (severity === 'error') === isError)
              .map(({ message, hint }) => (hint === undefined ? message : `${message} ${hint}`));
          return { errors: textsOf(true), warnings: textsOf(false) };
        },
        modelsChanged: async () => await source.refresh(),
      },
    });
  });
}

/** The name by which this machine reaches an address that it listens on. */
function urlHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}
