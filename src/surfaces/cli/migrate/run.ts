import { resolve } from 'node:path';
import { StoreUnavailable } from '../../../accounts/contract.ts';
import type { CliActions, SchemaReport } from '../actions.ts';
import { loadConfig } from '../config-file.ts';
import { withDotEnv } from '../dot-env.ts';
import { CliFailure, EXIT, type CliIo } from '../io.ts';
import { reportUnusable } from '../problems.ts';
import { chooseDatabase } from '../serve/database.ts';
import { renderTable } from '../table.ts';
import type { MigrateFlags } from './command.ts';

/** `waymark migrate`. The statuses are those of its help. */
export async function runMigrate(flags: MigrateFlags, actions: CliActions, given: CliIo): Promise<number> {
  const io = withDotEnv(given);
  const loaded = flags.config === undefined ? undefined : loadConfig(resolve(io.cwd, flags.config), io);
  if (loaded !== undefined && loaded.config === undefined) return reportUnusable(loaded.problems, io);
  const database = chooseDatabase({ config: loaded?.config, dataDir: flags.dataDir }, io);
  const changes = flags.status !== true && flags.dryRun !== true;
  const report = await actions.migrate(database, changes).catch((error: unknown) => {
    if (error instanceof StoreUnavailable) throw new CliFailure(`The database cannot be used: ${error.message}`);
    throw error;
  });
  if (report.tooNew) {
    throw new CliFailure(
      `The database has schema ${report.current} of a newer Waymark; this one knows schemas up to ${report.latest}.`,
      { status: EXIT.failed, hint: 'Use the newer Waymark, or restore the backup that was made before the upgrade.' },
    );
  }
  io.stdout.write(textOf(report, flags));
  return flags.status === true && report.pending.length > 0 ? EXIT.failed : EXIT.ok;
}

function textOf(report: SchemaReport, flags: MigrateFlags): string {
  if (flags.dryRun === true) return report.script === '' ? '-- Nothing is pending.\n' : report.script;
  const { script: _script, ...status } = report;
  if (flags.json === true) return `${JSON.stringify(status, null, 2)}\n`;
  const rows = [
    ...report.applied.map(({ number, name, appliedAt }) => [
      String(number),
      name,
      `applied ${new Date(appliedAt).toISOString()}`,
    ]),
    ...report.pending.map(({ number, name }) => [String(number), name, 'pending']),
  ];
  return `Schema ${report.current} of ${report.latest}.\n${renderTable(rows, { indent: 2 })}`;
}
