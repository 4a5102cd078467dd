import type { FileWatch } from '../adapters/system/file-watch.ts';
import { refusesStart } from '../config/check/catalogue.ts';
import type { GatewayConfig } from '../config/contract.ts';
import type { Environment } from '../config/environment.ts';
import { withEnvironmentVariables } from '../config/environment.ts';
import { readConfig } from '../config/read-config.ts';
import type { Problem } from '../core/base/problem.ts';
import type { ConfigStanding, ConfigState } from '../gateway/config-state.ts';
import type { GatewayLog } from '../gateway/ports.ts';

/** Where a config is read again. */
export interface ConfigFile {
  /** Absolute path of the main file. */
  readonly path: string;
  /** What it is read with: without the `environment_variables` of any config. */
  readonly env: Environment;
  /** What the first reading found. */
  readonly problems: readonly Problem[];
  /** Called with the texts of its files, by path, whenever others than before serve. */
  readonly onTaken?: (texts: ReadonlyMap<string, string>) => void;
}

export interface ConfigKeeperParts {
  readonly config: GatewayConfig;
  /** What was found while the first config was made ready to serve. */
  readonly prepared: readonly Problem[];
  readonly file: ConfigFile | undefined;
  readonly env: Environment;
  /** Serves the config, or says with an error among the problems why not. */
  readonly serve: (config: GatewayConfig) => readonly Problem[];
  readonly log: GatewayLog;
  /** Milliseconds of the epoch. */
  readonly wallNow: () => number;
}

/** What was found in a config, by reading it and by making it ready. */
interface Found {
  readonly config: GatewayConfig | undefined;
  readonly read: readonly Problem[];
  readonly prepared: readonly Problem[];
}

/** More of them in one log line help nobody; `/config/problems` has all. */
const LOGGED_AT_MOST = 10;

/** Reads the config again when it is told to, lets what is sound serve, and remembers what was found. */
export class ConfigKeeper implements ConfigState {
  readonly #parts: ConfigKeeperParts;
  #standing: ConfigStanding;
  #found: Found;
  #findings: Promise<readonly Problem[]> | undefined;

  constructor(parts: ConfigKeeperParts) {
    this.#parts = parts;
    const { config, prepared, file, wallNow } = parts;
    this.#standing = { state: 'current', version: config.version, readAt: wallNow(), refusedFor: [] };
    this.#found = { config, read: file?.problems ?? [], prepared };
  }

  get standing(): ConfigStanding {
    return this.#standing;
  }

  async findings(): Promise<readonly Problem[]> {
    this.#findings ??= findingsOf(this.#found, this.#parts.file?.env ?? this.#parts.env);
    return await this.#findings;
  }

  /** Serves this config from the next call on. With an error among the problems the one before it stays. */
  take(config: GatewayConfig, read: readonly Problem[] = []): readonly Problem[] {
    const prepared = this.#parts.serve(config);
    const found = { config, read, prepared };
    if (prepared.some(isError)) this.#keepOld(found);
    else this.#accept(found, config.version);
    return prepared;
  }

  /** Reads the file and what it includes through `watch`. Never throws: what is wrong becomes the standing. */
  readAgain(watch: FileWatch): void {
    const { file } = this.#parts;
    if (file === undefined) return;
    const texts = new Map<string, string>();
    const { config, problems } = watch.reading((readText) => {
      const noted = (path: string): string => {
        const text = readText(path);
        texts.set(path, text);
        return text;
      };
      return readConfig(file.path, { readText: noted, env: file.env });
    });
    const { state, version } = this.#standing;
    if (config === undefined || problems.some(({ code }) => refusesStart(code))) {
      this.#keepOld({ config: undefined, read: problems, prepared: [] });
    } else if (config.version === version && state === 'current') {
      this.#standing = { ...this.#standing, readAt: this.#parts.wallNow() };
    } else {
      this.#takeSafely(config, problems);
      if (this.#standing.version === config.version) file.onTaken?.(texts);
    }
  }

  /** A fault of ours must not end a process that serves. */
  #takeSafely(config: GatewayConfig, read: readonly Problem[]): void {
    try {
      this.take(config, read);
    } catch (error) {
      const message = 'The config could not be made ready to serve. The log says more.';
      const internal = error instanceof Error ? error.message : String(error);
      this.#parts.log.failure('a config could not be made ready to serve', { internal });
      this.#keepOld({ config, read, prepared: [{ code: 'config-not-prepared', severity: 'error', message }] });
    }
  }

  #accept(found: Found, version: string): void {
    const { log, wallNow } = this.#parts;
    this.#standing = { state: 'current', version, readAt: wallNow(), refusedFor: [] };
    this.#remember(found);
    log.notice('config reloaded', { version });
  }

  #keepOld(found: Found): void {
    const { standing } = this;
    const refusedFor = [...new Set([...found.read, ...found.prepared].filter(isError).map(({ code }) => code))];
    const known = standing.state === 'stale' && sameFindings(found, this.#found);
    this.#standing = { ...standing, state: 'stale', readAt: this.#parts.wallNow(), refusedFor };
    this.#remember(found);
    if (!known) void this.#logRefusal();
  }

  #remember(found: Found): void {
    this.#found = found;
    this.#findings = undefined;
  }

  async #logRefusal(): Promise<void> {
    const { version } = this.#standing;
    const errors = (await this.findings()).filter(isError).map(({ code, message, at }) => ({ code, message, ...at }));
    const problems = errors.slice(0, LOGGED_AT_MOST);
    this.#parts.log.failure('the config on disk cannot be served from; the one before it still serves', {
      version,
      errors: errors.length,
      problems,
    });
  }
}

/** The checks load when somebody asks: they are not worth a later start. */
async function findingsOf({ config, read, prepared }: Found, env: Environment): Promise<readonly Problem[]> {
  if (config === undefined) return read;
  const { allFindings } = await import('../surfaces/cli/findings.ts');
  return allFindings({ config, read, prepared, env: withEnvironmentVariables(env, config.environment) });
}

function sameFindings(one: Found, other: Found): boolean {
  return JSON.stringify([one.read, one.prepared]) === JSON.stringify([other.read, other.prepared]);
}

function isError({ severity }: Problem): boolean {
  return severity === 'error';
}
