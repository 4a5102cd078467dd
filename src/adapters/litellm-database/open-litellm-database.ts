import pg from 'pg';
import type { JsonObject } from '../../accounts/contract.ts';
import { LitellmUnreadable, type LitellmSource, type LitellmTable } from '../../accounts/import/source.ts';

export interface LitellmDatabase extends LitellmSource {
  close(): Promise<void>;
}

const PRIMARY_KEYS: Readonly<Record<LitellmTable, readonly [string, ...string[]]>> = {
  LiteLLM_BudgetTable: ['budget_id'],
  LiteLLM_UserTable: ['user_id'],
  LiteLLM_ModelTable: ['id'],
  LiteLLM_TeamMembership: ['user_id', 'team_id'],
  LiteLLM_TeamTable: ['team_id'],
  LiteLLM_ProjectTable: ['project_id'],
  LiteLLM_TagTable: ['tag_name'],
  LiteLLM_CredentialsTable: ['credential_id'],
  LiteLLM_ProxyModelTable: ['model_id'],
  LiteLLM_DeprecatedVerificationToken: ['id'],
  LiteLLM_VerificationToken: ['token'],
};
const ROWS_A_PAGE = 500;
const CONNECT_MS = 10_000;
const QUERY_MS = 60_000;

/**
 * Opens LiteLLM's PostgreSQL to read, as it stands now: one read-only transaction. `url`: as LiteLLM's DATABASE_URL, with
 * Prisma's `schema` parameter. Rejects with LitellmUnreadable.
 */
export async function openLitellmDatabase(url: string): Promise<LitellmDatabase> {
  const { connectionString, schema } = readUrl(url);
  const client = new pg.Client({
    connectionString,
    connectionTimeoutMillis: CONNECT_MS,
    statement_timeout: QUERY_MS,
    application_name: 'waymark import',
  });
  // Unheard, a connection that breaks would end the program; the query that runs then rejects as well.
  client.on('error', () => {});
  const database = new Reader(client, schema);
  try {
    await client.connect();
    await database.begin();
    return database;
  } catch (error) {
    await client.end().catch(() => {});
    throw toUnreadable(error);
  }
}

/** pg would take Prisma's parameters for settings of its own. */
function readUrl(url: string): { readonly connectionString: string; readonly schema: string } {
  const parsed = URL.parse(url);
  if (parsed === null || !/^postgres(?:ql)?:$/.test(parsed.protocol)) {
    throw new LitellmUnreadable(
      'It has no address of a PostgreSQL database: postgresql://user:password@host:5432/name.',
    );
  }
  const schema = parsed.searchParams.get('schema') ?? 'public';
  for (const name of ['schema', 'connection_limit', 'pool_timeout', 'pgbouncer', 'socket_timeout']) {
    parsed.searchParams.delete(name);
  }
  return { connectionString: parsed.href, schema };
}

class Reader implements LitellmDatabase {
  readonly #client: pg.Client;
  readonly #schema: string;

  constructor(client: pg.Client, schema: string) {
    this.#client = client;
    this.#schema = schema;
  }

  async begin(): Promise<void> {
    await this.#client.query('begin transaction isolation level repeatable read, read only');
    if (await this.#has('LiteLLM_VerificationToken')) return;
    throw new LitellmUnreadable(`It has no tables of LiteLLM's in the schema ${JSON.stringify(this.#schema)}.`);
  }

  async *pages(table: LitellmTable): AsyncIterable<readonly JsonObject[]> {
    try {
      if (!(await this.#has(table))) return;
      const cursor = pg.escapeIdentifier(`${table} rows`);
      const order = PRIMARY_KEYS[table].map((column) => `t.${pg.escapeIdentifier(column)}`).join(', ');
      await this.#client.query(
        `declare ${cursor} no scroll cursor for select to_jsonb(t) as row from ${this.#name(table)} t order by ${order}`,
      );
      for (;;) {
        const { rows } = await this.#client.query<{ row: JsonObject }>(`fetch ${ROWS_A_PAGE} from ${cursor}`);
        if (rows.length > 0) yield rows.map(({ row }) => row);
        if (rows.length < ROWS_A_PAGE) break;
      }
      await this.#client.query(`close ${cursor}`);
    } catch (error) {
      throw toUnreadable(error);
    }
  }

  async countRows(table: string): Promise<number> {
    try {
      if (!(await this.#has(table))) return 0;
      const { rows } = await this.#client.query<{ count: string }>(
        `select count(*) as count from ${this.#name(table)}`,
      );
      return Number(rows[0]?.count ?? 0);
    } catch (error) {
      throw toUnreadable(error);
    }
  }

  async close(): Promise<void> {
    await this.#client.end();
  }

  async #has(table: string): Promise<boolean> {
    const query = 'select to_regclass($1) is not null as found';
    const { rows } = await this.#client.query<{ found: boolean }>(query, [this.#name(table)]);
    return rows[0]?.found === true;
  }

  #name(table: string): string {
    return `${pg.escapeIdentifier(this.#schema)}.${pg.escapeIdentifier(table)}`;
  }
}

/** What pg and the network throw, in words. PostgreSQL names roles, tables and columns in its messages, never a password. */
function toUnreadable(error: unknown): unknown {
  if (error instanceof LitellmUnreadable || !(error instanceof Error)) return error;
  const { code } = error as { readonly code?: unknown };
  const isKnown =
    error instanceof pg.DatabaseError || typeof code === 'string' || /timeout|terminated|SSL/i.test(error.message);
  if (!isKnown) return error;
  // An AggregateError of several addresses tried has no message of its own.
  return new LitellmUnreadable(`It does not answer: ${error.message === '' ? String(code) : error.message}.`);
}
