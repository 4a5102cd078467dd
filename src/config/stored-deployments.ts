import { createHash } from 'node:crypto';
import type { Problem } from '../core/base/problem.ts';
import type { DeploymentConfig, GatewayConfig } from './contract.ts';
import type { Environment } from './environment.ts';
import { readConfig } from './read-config.ts';

/** A deployment that is kept in the database, its credentials opened. */
export interface StoredDeployment {
  readonly id: string;
  /** `model_name`. */
  readonly group: string;
  /** `litellm_params`, credentials included. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly modelInfo: Readonly<Record<string, unknown>>;
}

/** What findings about stored deployments name in place of a file. */
const SOURCE = 'the database';

/** Variables that no stored deployment may send anywhere: whoever adds one need not know them. */
const WITHHELD = ['WAYMARK_SALT_KEY', 'LITELLM_SALT_KEY', 'LITELLM_MASTER_KEY', 'DATABASE_URL'];

/** Reads stored deployments as those of a config are read: `os.environ/NAME`, tags, defaults, everything. */
export function readStoredDeployments(
  stored: readonly StoredDeployment[],
  env: Environment,
): { readonly deployments: readonly DeploymentConfig[]; readonly problems: readonly Problem[] } {
  if (stored.length === 0) return { deployments: [], problems: [] };
  const entries = stored.map(({ id, group, params, modelInfo }) => ({
    model_name: group,
    litellm_params: params,
    model_info: { ...modelInfo, id, db_model: true },
  }));
  // JSON is YAML, and the one reader of deployments is the config's.
  const text = JSON.stringify({ model_list: entries });
  const open = Object.fromEntries(Object.entries(env).filter(([name]) => !WITHHELD.includes(name)));
  const { config, problems } = readConfig(SOURCE, { readText: () => text, env: open });
  const own = problems.filter(({ code, path }) => path?.startsWith('model_list') === true && code !== 'secret-in-file');
  return { deployments: config?.deployments ?? [], problems: own };
}

/** The config with stored deployments behind its own. The version names both. */
export function withStoredDeployments(config: GatewayConfig, stored: readonly DeploymentConfig[]): GatewayConfig {
  if (stored.length === 0) return config;
  const written = stored.map((one) => [one.id, one.group, one.publicParams, one.modelInfo, one.apiKey ?? null]);
  const version = createHash('sha256')
    .update(JSON.stringify([config.version, written]))
    .digest('hex')
    .slice(0, 12);
  // A file that takes an id which the database has too is what its operator wrote last: it wins.
  const taken = new Set(config.deployments.map(({ id }) => id));
  const added = stored.filter(({ id }) => !taken.has(id));
  return { ...config, deployments: [...config.deployments, ...added], version };
}
