import type { CommandAdder } from '../program.ts';

/** The flags of `waymark import litellm`. */
export interface ImportFlags {
  /** Address of LiteLLM's database. */
  readonly databaseUrl?: string;
  readonly config?: string;
  readonly dataDir?: string;
  readonly dryRun?: boolean;
  readonly overwrite?: boolean;
  readonly litellmSaltKeyFile?: string;
  readonly json?: boolean;
}

const MORE = `
Examples:
  waymark import litellm --database-url postgresql://reader@db.example/litellm --dry-run
  waymark import litellm --database-url postgresql://reader@db.example/litellm --config config.yaml

Reads LiteLLM's database and changes nothing in it. Keys come over by their hash, so whoever has one goes on with it.
Done twice, the second time changes nothing. What is here already and differs stays and is named as a conflict, unless
--overwrite is given. Nothing is deleted, and what was deleted here does not come back.

A password in an address shows in the list of processes: put the address in LITELLM_DATABASE_URL instead of the flag.
Where it goes: the database that "waymark --config FILE" keeps keys in. Without --config, DATABASE_URL or ./waymark.db.
LiteLLM seals stored models: give its salt key as a file, or as LITELLM_SALT_KEY; where it has none it takes
the master key, and so does this: that of --config, or LITELLM_MASTER_KEY.
Their credentials are sealed anew under WAYMARK_SALT_KEY, or LITELLM_SALT_KEY where that is not set.

Exit status:
  0  done; with --dry-run: nothing stands in the way
  1  some rows are in conflict or cannot be taken over; all others are done
  2  a database cannot be used, or the command line is wrong
`;

/** `waymark import litellm`. */
export const addImport: CommandAdder = (program, { io, actions }, finish) => {
  program
    .command('import')
    .summary("copy keys and teams out of LiteLLM's database")
    .description("Copies what stands in another gateway's database.")
    .command('litellm')
    .summary("copy keys and teams out of LiteLLM's database")
    .description("Copies teams, keys, users, projects, budgets, tags and stored models out of LiteLLM's PostgreSQL.")
    .option('--database-url <url>', "address of LiteLLM's PostgreSQL (or LITELLM_DATABASE_URL)")
    .option('-c, --config <file>', 'config of the gateway that the copy is for')
    .option('--data-dir <folder>', 'copy into FOLDER/waymark.db (or WAYMARK_DATA_DIR; default .)')
    .option('--dry-run', 'only say what would change and what has no counterpart')
    .option('--overwrite', 'change what is here and differs to what LiteLLM has')
    .option('--litellm-salt-key-file <file>', "file with LiteLLM's salt key")
    .option('--json', 'print the report as JSON, for machines')
    .addHelpText('after', MORE)
    .action(
      finish(async (flags: ImportFlags) => {
        const { runImport } = await import('./run.ts');
        return runImport(flags, actions, io);
      }),
    );
};
