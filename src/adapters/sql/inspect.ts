import type { SqlEngine } from './engine.ts';
import { migrationScript, migrationStatus, type MigrationStatus } from './migrate.ts';
import { openTables } from './account-store.ts';

/** What `waymark migrate --status` and `--dry-run` show. Changes nothing and closes the engine. Rejects with StoreUnavailable. */
export async function inspectSchema(
  engine: SqlEngine,
): Promise<{ readonly status: MigrationStatus; readonly script: string }> {
  const db = openTables(engine.points, engine.kind);
  try {
    const target = { db, kind: engine.kind };
    return { status: await migrationStatus(target), script: await migrationScript(target) };
  } finally {
    await db.destroy();
  }
}
