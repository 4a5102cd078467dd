import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { importLitellm } from '../accounts/import/run-import.ts';
import { makeSealer } from '../accounts/seal.ts';
import { openLitellmDatabase } from '../adapters/litellm-database/open-litellm-database.ts';
import { litellmOpener } from '../adapters/litellm-database/open-text.ts';
import { inspectSchema } from '../adapters/sql/inspect.ts';
import type { DatabaseChoice } from '../compose.ts';
import { openAccounts } from './open-accounts.ts';
import type { ImportRequest, OpenedImport } from '../surfaces/cli/actions.ts';

/** Joins LiteLLM's database and ours for `waymark import`. */
export async function openImport(request: ImportRequest): Promise<OpenedImport> {
  const source = await openLitellmDatabase(request.from);
  try {
    const choice = request.dryRun ? await unmade(request.to) : request.to;
    const { store, dispose } = await openAccounts(choice);
    const parts = {
      source,
      store,
      now: Date.now,
      newId: randomUUID,
      prefix: request.prefix,
      open: request.litellmSaltKey === undefined ? undefined : litellmOpener(request.litellmSaltKey),
      sealer: request.saltKey === undefined ? undefined : makeSealer(request.saltKey, randomBytes),
    };
    return {
      run: async (options) => await importLitellm(parts, options),
      close: async () => {
        await Promise.all([source.close(), store.close()]);
        await dispose?.();
      },
    };
  } catch (error) {
    await source.close();
    throw error;
  }
}

/** A dry run makes no file and no schema: in place of a database that has none of ours it compares with an empty one. */
async function unmade(choice: DatabaseChoice): Promise<DatabaseChoice> {
  if (choice.kind === 'temporary') return choice;
  if (choice.kind === 'sqlite') return existsSync(choice.path) ? choice : { kind: 'temporary' };
  const { openPostgres } = await import('../adapters/postgres/open-postgres.ts');
  const { status } = await inspectSchema(openPostgres(choice.url));
  return status.current === 0 ? { kind: 'temporary' } : choice;
}
