import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';

/** The package that brings the migrations of LiteLLM's schema. */
const PACKAGE = 'litellm-proxy-extras';
const VERSION = '0.4.110';
const PIP_MS = 120_000;

/** Makes LiteLLM's schema in an empty database by LiteLLM's own migrations. Answers how many there were. */
export async function migrateAsLitellm(url: string): Promise<number> {
  const folder = join(packageFolder(), 'litellm_proxy_extras', 'migrations');
  const files = readdirSync(folder)
    .sort()
    .map((name) => join(folder, name, 'migration.sql'))
    .filter((file) => existsSync(file));
  await withClient(url, async (client) => {
    for (const file of files) await client.query(readFileSync(file, 'utf8'));
  });
  return files.length;
}

/** The unpacked package, kept in the temporary folder from run to run. */
function packageFolder(): string {
  const { uid } = userInfo();
  const folder = join(tmpdir(), `waymark-${PACKAGE}-${VERSION}-${uid}`);
  if (existsSync(folder)) {
    if (uid >= 0 && lstatSync(folder).uid !== uid) throw new Error(`${folder} belongs to somebody else.`);
    return folder;
  }
  const fresh = mkdtempSync(`${folder}-`);
  const args = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '--no-compile'];
  const made = spawnSync('python3', [...args, '--target', fresh, `${PACKAGE}==${VERSION}`], {
    encoding: 'utf8',
    timeout: PIP_MS,
  });
  if (made.status !== 0) {
    rmSync(fresh, { recursive: true, force: true });
    throw new Error(`pip could not bring ${PACKAGE} ${VERSION}:\n${made.stdout}${made.stderr}`);
  }
  try {
    renameSync(fresh, folder);
  } catch (error) {
    // Another run was quicker.
    rmSync(fresh, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

/** Values by column. A `Json` goes into a JSON column, a list into a list of texts. */
export type LitellmRow = Readonly<Record<string, unknown>>;

class Json {
  readonly text: string;

  constructor(value: unknown) {
    this.text = JSON.stringify(value);
  }
}

export function json(value: unknown): unknown {
  return new Json(value);
}

/** Inserts rows by table, tables in the order given. */
export async function insertRows(url: string, tables: Readonly<Record<string, readonly LitellmRow[]>>): Promise<void> {
  await withClient(url, async (client) => {
    for (const [table, rows] of Object.entries(tables)) {
      for (const row of rows) {
        const columns = Object.keys(row).map((name) => pg.escapeIdentifier(name));
        const values = Object.values(row).map((value) => (value instanceof Json ? value.text : value));
        const places = values.map((_, index) => `$${index + 1}`);
        const into = `${pg.escapeIdentifier(table)} (${columns.join(', ')})`;
        await client.query(`insert into ${into} values (${places.join(', ')})`, values);
      }
    }
  });
}

/** Every row of every table of LiteLLM's, as text: to see that nothing was written. */
export async function dumpLitellm(url: string): Promise<string> {
  return await withClient(url, async (client) => {
    const query = "select tablename from pg_tables where schemaname = 'public' order by tablename";
    const { rows: tables } = await client.query<{ tablename: string }>(query);
    const parts: string[] = [];
    for (const { tablename } of tables) {
      const { rows } = await client.query(`select to_jsonb(t) as row from ${pg.escapeIdentifier(tablename)} t`);
      parts.push(`${tablename} ${JSON.stringify(rows)}`);
    }
    return parts.join('\n');
  });
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
