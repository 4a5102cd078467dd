import type { ImportReport } from '../../accounts/import/report.ts';
import type { ImportOptions } from '../../accounts/import/run-import.ts';
import type { GatewayConfig } from '../../config/contract.ts';
import type { Problem } from '../../core/base/problem.ts';

/** What `serve` and `demo` ask of the composition. */
export interface ServeRequest {
  readonly config: GatewayConfig;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly logLevel: 'debug' | 'info' | 'warn';
  /** Answer everybody although the master key is missing or weak (`--insecure-no-auth`, or the config permits it). */
  readonly openToAll: boolean;
  /** Where providers' keys and proxies are looked up. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where the config is read again when it changes; `env` as it was read with first. Absent: it stays as it is. */
  readonly configFile?: {
    readonly path: string;
    readonly env: Readonly<Record<string, string | undefined>>;
    readonly problems: readonly Problem[];
  };
  /** Where keys and teams are kept; `temporary`: until the gateway stops. */
  readonly database:
    | { readonly kind: 'sqlite'; readonly path: string }
    | { readonly kind: 'postgres'; readonly url: string }
    | { readonly kind: 'temporary' };
}

/** A config that cannot be served from. */
export class ConfigUnusable extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super('The config cannot be served from.');
    this.name = 'ConfigUnusable';
    this.problems = problems;
  }
}

/** A gateway that listens. */
export interface ServingGateway {
  readonly port: number;
  /** What was found while the config was made ready to serve. */
  readonly problems: readonly Problem[];
  /** Stops accepting, lets running calls end for up to `drainSeconds`, then closes. */
  close(drainSeconds: number): Promise<void>;
}

/** Settings of a simulated upstream, as they stand on a command line. Spreads and shares are text: `uniform:10:100`, `429:0.1`. */
export interface SimulatorRequest {
  readonly name: string;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly seed: number;
  readonly usage: boolean;
  readonly models?: readonly string[];
  /** Spread of milliseconds. */
  readonly timeToFirstToken?: string;
  readonly tokensPerSecond?: number;
  /** Spread of tokens. */
  readonly answerTokens?: string;
  /** Shares by status. */
  readonly errors?: string;
  /** Seconds. */
  readonly retryAfter?: number;
  readonly cutStreams?: number;
  readonly readBytesPerSecond?: number;
  readonly embeddingDimensions?: number;
}

/** A simulated upstream that listens. */
export interface RunningSimulator {
  readonly url: string;
  close(): Promise<void>;
}

/** What is copied out of a database of LiteLLM's, and to where. */
export interface ImportRequest {
  /** `postgresql://...` of LiteLLM's database. */
  readonly from: string;
  readonly to: ServeRequest['database'];
  /** True: nothing is written, and no database is made. */
  readonly dryRun: boolean;
  /** `router_settings.tag_routing_prefix`; empty: none. */
  readonly prefix: string;
  /** What LiteLLM sealed its credentials with; undefined: unknown. */
  readonly litellmSaltKey: string | undefined;
  /** What this gateway seals credentials with; undefined: there is none. */
  readonly saltKey: string | undefined;
}

/** Both databases, open. */
export interface OpenedImport {
  run(options: ImportOptions): Promise<ImportReport>;
  close(): Promise<void>;
}

/** One question to a running gateway. */
export interface GatewayQuestion {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly key: string;
  readonly body?: object;
}

/** The state of a database's schema. `script`: the SQL of what is pending. */
export interface SchemaReport {
  readonly current: number;
  readonly latest: number;
  readonly applied: readonly { readonly number: number; readonly name: string; readonly appliedAt: number }[];
  readonly pending: readonly { readonly number: number; readonly name: string }[];
  readonly tooNew: boolean;
  readonly script: string;
}

/** What a worker process says of itself once it serves. */
export interface StartedWorker {
  readonly port: number;
  readonly problems: readonly Problem[];
}

/** What becomes of a worker process. `ended` comes once, last. */
export interface WorkerEvents {
  ready(started: StartedWorker): void;
  /** `status`: what it ended with; null where a signal ended it. */
  ended(end: { readonly status: number | null; readonly signal: string | null }): void;
}

/** One of several processes that serve on one port. */
export interface WorkerProcess {
  readonly pid: number | undefined;
  signal(name: 'SIGTERM' | 'SIGHUP' | 'SIGKILL'): void;
}

/** Starts this very program as a worker. What it prints comes out of this process, in whole lines. */
export interface WorkerActions {
  start(number: number, events: WorkerEvents): WorkerProcess;
}

/** What a worker process knows of itself. */
export interface WorkerSelf {
  /** From 1. */
  readonly number: number;
  /** Reads the config's files: from the disk, or what the other workers serve from. */
  reader(fromDisk: (path: string) => string): (path: string) => string;
  /** Tells the process that started it. */
  ready(started: StartedWorker): void;
}

/** A log for what happens beside calls. */
export interface ServeLog {
  notice(message: string, fields: Readonly<Record<string, unknown>>): void;
  failure(message: string, fields: Readonly<Record<string, unknown>>): void;
  /** Writes what waits. */
  flush(): void;
}

/** What the commands need of the floors beside and above them; `main.ts` joins it. */
export interface CliActions {
  /** Rejects with ConfigUnusable, or with an Error whose `code` is `EADDRINUSE`, `EACCES` ... where the address cannot be had. */
  startGateway(request: ServeRequest): Promise<ServingGateway>;
  /** Rejects with an Error that has a `code` where the address cannot be had, else with one whose message names the option. */
  startSimulator(request: SimulatorRequest): Promise<RunningSimulator>;
  /** Rejects with LitellmUnreadable, with StoreUnavailable, or with an Error that says why our database cannot be used. */
  openImport(request: ImportRequest): Promise<OpenedImport>;
  /** Rejects with the system's error where no gateway can be reached. */
  askGateway(question: GatewayQuestion): Promise<{ readonly status: number; readonly text: string }>;
  /** `changes`: brings the schema up to date first. Rejects with StoreUnavailable. */
  migrate(database: ServeRequest['database'], changes: boolean): Promise<SchemaReport>;
  /** Set in a worker process. */
  readonly self: WorkerSelf | undefined;
  /** Makes this process the one that starts workers. Loaded where several are asked for. */
  workers(logLevel: ServeRequest['logLevel']): Promise<{ readonly actions: WorkerActions; readonly log: ServeLog }>;
  /** Calls the listener at every SIGHUP. Returns what stops listening. */
  onHangUp(listener: () => void): () => void;
  /** Calls the listener at every request to stop (SIGTERM, SIGINT). Returns what stops listening. */
  onStopSignal(listener: (signal: string) => void): () => void;
  /** Ends the process at once. */
  exitNow(status: number): void;
}

/** What a program is built from. */
export interface CliIdentity {
  /** Waymark's own version. */
  readonly version: string;
  /** The LiteLLM version whose surface is answered. */
  readonly litellmVersion: string;
}
