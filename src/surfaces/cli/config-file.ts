import { resolve } from 'node:path';

import type { GatewayConfig } from '../../config/contract.ts';
import { withEnvironmentVariables } from '../../config/environment.ts';
import { readConfig } from '../../config/read-config.ts';
import { nearest } from '../../core/base/nearest.ts';
import type { Problem } from '../../core/base/problem.ts';
import { CliFailure, type CliIo } from './io.ts';

/** A config as the commands use it: read, with everything that was found on the way. */
export interface LoadedConfig {
  readonly path: string;
  /** Absent where nothing usable could be read. */
  readonly config?: GatewayConfig;
  readonly problems: readonly Problem[];
}

/** Where a command may name its config, the first that is given wins. */
export interface ConfigNames {
  readonly flag: string | undefined;
  readonly positional: string | undefined;
}

const COMMANDS = [
  'serve',
  'explain',
  'check',
  'schema',
  'mock-upstream',
  'demo',
  'migrate',
  'teams',
  'keys',
  'import',
  'help',
];

/** The config's path: `--config`, a bare argument, or CONFIG_FILE_PATH as LiteLLM has it. */
export function configPath({ flag, positional }: ConfigNames, io: CliIo): string {
  const fromEnv = io.env['CONFIG_FILE_PATH'];
  const named = flag ?? positional ?? (fromEnv === '' ? undefined : fromEnv);
  if (named === undefined) {
    throw new CliFailure('No config was named.', {
      hint: 'Write --config FILE or set CONFIG_FILE_PATH. To look around without a config, run "waymark demo".',
    });
  }
  const path = resolve(io.cwd, named);
  if (flag === undefined && named === positional) refuseMistypedCommand(named, path, io);
  return path;
}

/** Reads a config with the environment of `io`. Whatever is wrong with it, a missing file too, is in `problems`. */
export function loadConfig(path: string, io: CliIo): LoadedConfig {
  return { path, ...readConfig(path, { readText: (file) => io.readText(file), env: io.env }) };
}

/** The environment that providers' keys and proxies are looked up in: `environment_variables` of the config win. */
export function environmentOf(config: GatewayConfig, io: CliIo): CliIo['env'] {
  return withEnvironmentVariables(io.env, config.environment);
}

/** `waymark explan` reaches the default command as the name of a config; the person meant a command. */
function refuseMistypedCommand(word: string, path: string, io: CliIo): void {
  const [meant] = nearest(word, COMMANDS, 1);
  if (meant === undefined) return;
  try {
    io.readText(path);
  } catch {
    throw new CliFailure(`There is no command "${word}" and no config file of that name.`, {
      hint: `Did you mean "waymark ${meant}"?`,
    });
  }
}
