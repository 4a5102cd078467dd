import { resolve } from 'node:path';
import { StoreConflict, StoreUnavailable, UnstorableValue } from '../../../accounts/contract.ts';
import type { ImportReport } from '../../../accounts/import/report.ts';
import { LitellmUnreadable } from '../../../accounts/import/source.ts';
import type { GatewayConfig } from '../../../config/contract.ts';
import type { CliActions, ImportRequest, OpenedImport } from '../actions.ts';
import { environmentOf, loadConfig } from '../config-file.ts';
import { withDotEnv } from '../dot-env.ts';
import { CliFailure, EXIT, type CliIo } from '../io.ts';
import { paintFor } from '../paint.ts';
import { refusals, reportUnusable } from '../problems.ts';
import { chooseDatabase } from '../serve/database.ts';
import type { ImportFlags } from './command.ts';
import { renderReport } from './render.ts';

/** `waymark import litellm`. 0: done; 1: conflicts, or rows that cannot be taken over; 2: a database cannot be used. */
export async function runImport(flags: ImportFlags, actions: CliActions, given: CliIo): Promise<number> {
  const io = withDotEnv(given);
  const loaded = flags.config === undefined ? undefined : loadConfig(resolve(io.cwd, flags.config), io);
  if (loaded !== undefined && (loaded.config === undefined || refusals(loaded.problems).length > 0)) {
    return reportUnusable(loaded.problems, io);
  }
  const request = requestOf(flags, loaded?.config, io);
  try {
    const opened = await actions.openImport(request);
    try {
      return await importAndReport(opened, flags, io);
    } finally {
      await opened.close();
    }
  } catch (error) {
    throw failureOf(error);
  }
}

async function importAndReport(opened: OpenedImport, flags: ImportFlags, io: CliIo): Promise<number> {
  const overwrite = flags.overwrite === true;
  const plan = await opened.run({ dryRun: true, overwrite });
  const applied = flags.dryRun !== true;
  // A person sees what is going to happen before it does.
  if (flags.json !== true) {
    io.stdout.write(renderReport(plan, { paint: paintFor(io.stdout, io.env), columns: io.stdout.columns }));
  }
  const report = applied ? await opened.run({ dryRun: false, overwrite }) : plan;
  io.stdout.write(
    flags.json === true ? `${JSON.stringify({ applied, ...report }, null, 2)}\n` : closingSentence(report, applied),
  );
  return report.conflicts.length + report.refused.length > 0 ? EXIT.failed : EXIT.ok;
}

function closingSentence({ counts }: ImportReport, applied: boolean): string {
  const all = Object.values(counts).reduce((sum, { created, overwritten }) => sum + created + overwritten, 0);
  if (all === 0) return applied ? 'Nothing was to be done.\n' : 'Nothing would be done.\n';
  return applied ? `Done: ${all} stored.\n` : `Nothing was written. Without --dry-run ${all} would be stored.\n`;
}

function requestOf(flags: ImportFlags, config: GatewayConfig | undefined, io: CliIo): ImportRequest {
  const env = config === undefined ? io.env : environmentOf(config, io);
  const from = notEmpty(flags.databaseUrl) ?? notEmpty(env['LITELLM_DATABASE_URL']);
  if (from === undefined) {
    throw new CliFailure("LiteLLM's database was not named.", {
      hint: 'Write --database-url postgresql://user@host:5432/name, or set LITELLM_DATABASE_URL.',
    });
  }
  const litellmKey = notEmpty(env['LITELLM_SALT_KEY']);
  return {
    from,
    to: chooseDatabase({ config, dataDir: flags.dataDir }, io),
    dryRun: flags.dryRun === true,
    prefix: config?.routing.prefix ?? '',
    litellmSaltKey:
      saltKeyOf(flags, io) ?? litellmKey ?? config?.server.masterKey ?? notEmpty(env['LITELLM_MASTER_KEY']),
    saltKey: notEmpty(env['WAYMARK_SALT_KEY']) ?? litellmKey,
  };
}

function saltKeyOf({ litellmSaltKeyFile: file }: ImportFlags, io: CliIo): string | undefined {
  if (file === undefined) return undefined;
  const text = readFile(resolve(io.cwd, file), io).trim();
  if (text === '') throw new CliFailure(`The salt key file ${file} is empty.`);
  return text;
}

function readFile(path: string, io: CliIo): string {
  try {
    return io.readText(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CliFailure(`The salt key file cannot be read: ${reason}.`);
  }
}

function notEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

function failureOf(error: unknown): unknown {
  if (error instanceof LitellmUnreadable) {
    return new CliFailure(`LiteLLM's database cannot be read. ${error.message}`);
  }
  if (error instanceof StoreUnavailable || (error instanceof Error && error.name === 'SchemaTooNew')) {
    return new CliFailure(`The database to copy to cannot be used. ${error.message}`);
  }
  if (error instanceof StoreConflict || error instanceof UnstorableValue) {
    const hint = 'What was stored before it stays. Run the import again.';
    return new CliFailure(`The import stopped. ${error.message}`, { status: EXIT.failed, hint });
  }
  return error;
}
