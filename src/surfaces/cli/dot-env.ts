import { join } from 'node:path';
import { parseEnv } from 'node:util';

import type { CliIo } from './io.ts';

/**
 * `io` with the variables of `.env` in the working directory, as LiteLLM reads it unless LITELLM_MODE is PRODUCTION.
 * What the environment sets already wins. A file that is not there is no matter.
 */
export function withDotEnv(io: CliIo): CliIo {
  if (io.env['LITELLM_MODE'] === 'PRODUCTION') return io;
  const text = readOrNothing(io, join(io.cwd, '.env'));
  return text === undefined ? io : { ...io, env: { ...parseEnv(text), ...io.env } };
}

function readOrNothing(io: CliIo, path: string): string | undefined {
  try {
    return io.readText(path);
  } catch {
    return undefined;
  }
}
