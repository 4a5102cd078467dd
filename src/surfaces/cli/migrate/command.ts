import type { CommandAdder } from '../program.ts';

/** The flags of `waymark migrate`. */
export interface MigrateFlags {
  readonly config?: string;
  readonly dataDir?: string;
  readonly status?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

const MORE = `
Examples:
  waymark migrate --status --config config.yaml
  waymark migrate --dry-run --config config.yaml > migration.sql
  waymark migrate --config config.yaml

The gateway does the same at every start. Migrations only add: an older gateway goes on beside a newer schema until it
is restarted, and then says that the schema is newer than it knows.

Exit status:
  0  the schema is up to date, or was brought up to date
  1  --status: steps are pending; or the schema is of a newer Waymark
  2  the database cannot be used, or the command line is wrong
`;

/** `waymark migrate`. */
export const addMigrate: CommandAdder = (program, { io, actions }, finish) => {
  program
    .command('migrate')
    .summary('bring the schema of the database up to date')
    .description('Brings the schema of the database of keys and teams up to date, or says what it lacks.')
    .option('-c, --config <file>', 'config that names the database')
    .option('--data-dir <folder>', 'the database is FOLDER/waymark.db (or WAYMARK_DATA_DIR; default .)')
    .option('--status', 'only say what is applied and what is pending')
    .option('--dry-run', 'only print the SQL of what is pending')
    .option('--json', 'print the status as JSON, for machines')
    .addHelpText('after', MORE)
    .action(
      finish(async (flags: MigrateFlags) => {
        const { runMigrate } = await import('./run.ts');
        return runMigrate(flags, actions, io);
      }),
    );
};
