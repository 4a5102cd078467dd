import { join, resolve } from 'node:path';
import type { GatewayConfig } from '../../../config/contract.ts';
import type { ServeRequest } from '../actions.ts';
import { environmentOf } from '../config-file.ts';
import { CliFailure, type CliIo } from '../io.ts';

const FILE = 'waymark.db';

/**
 * Where keys and teams are kept: the PostgreSQL of `general_settings.database_url` or DATABASE_URL, else the file waymark.db in
 * `--data-dir` (or WAYMARK_DATA_DIR), which is the current folder unless set.
 */
export function chooseDatabase(
  { config, dataDir }: { readonly config: GatewayConfig | undefined; readonly dataDir: string | undefined },
  io: CliIo,
): ServeRequest['database'] {
  const folder = dataDir ?? io.env['WAYMARK_DATA_DIR'];
  if (dataDir !== undefined) return { kind: 'sqlite', path: join(resolve(io.cwd, dataDir), FILE) };
  const fromEnv = (config === undefined ? io.env : environmentOf(config, io))['DATABASE_URL'];
  const url = config?.server.databaseUrl ?? (fromEnv === '' ? undefined : fromEnv);
  if (url === undefined) return { kind: 'sqlite', path: join(resolve(io.cwd, folder ?? '.'), FILE) };
  if (/^postgres(?:ql)?:\/\//.test(url)) return { kind: 'postgres', url };
  const from = config?.server.databaseUrl === undefined ? 'DATABASE_URL' : 'general_settings.database_url';
  throw new CliFailure(`${from} is no address of a PostgreSQL database.`, {
    hint: 'Write postgresql://user:password@host:5432/name, or leave it out to keep keys in the file waymark.db.',
  });
}
