import { sql, type Kysely } from 'kysely';
import type { KeyContext, KeyRecord, TeamRecord } from '../../accounts/contract.ts';
import { decodeRecord, isStorableText, type RecordTable, type Row } from './columns.ts';
import { KEYS, MEMBERS_TABLE, PROJECTS, TEAMS, USERS, type Database } from './tables.ts';

const TOKEN = /^[0-9a-f]{64}$/;

/** Look-ups of single rows by a unique index. */
export async function findOne<R>(db: Kysely<Database>, table: RecordTable<R>, id: string): Promise<R | undefined> {
  if (!isStorableText(id)) return undefined;
  const row = await db.selectFrom(table.table).selectAll().where(table.id, '=', id).executeTakeFirst();
  return row === undefined ? undefined : decodeRecord(row, table);
}

const JOINED = [
  ['k', KEYS],
  ['t', TEAMS],
  ['p', PROJECTS],
  ['u', USERS],
] as const;

/** `k.token as k_token` and so on: all columns of the four tables. */
const JOINED_COLUMNS = JOINED.flatMap(([letter, table]) =>
  table.columns.map(({ name }) => sql.ref(`${letter}.${name}`).as(`${letter}_${name}`)),
);

/**
 * Finds the key and all that binds it, in one round trip and of one moment. The query is compiled once: compiling some hundred
 * columns costs more than SQLite's look-up, and strangers with made-up keys can ask for it.
 */
export function prepareFindKey(db: Kysely<Database>): (token: string) => Promise<KeyContext | undefined> {
  const compiled = db
    .selectFrom(`${KEYS.table} as k`)
    .leftJoin(`${TEAMS.table} as t`, 't.team_id', 'k.team_id')
    .leftJoin(`${PROJECTS.table} as p`, 'p.project_id', 'k.project_id')
    .leftJoin(`${USERS.table} as u`, 'u.user_id', 'k.user_id')
    .select(JOINED_COLUMNS)
    .where('k.token', '=', '')
    .compile();
  return async (token) => {
    // What is not a hash is no key: text of a caller's making never reaches the database.
    if (!TOKEN.test(token)) return undefined;
    const { rows } = await db.executeQuery<Row>({ ...compiled, parameters: [token] });
    const [row] = rows;
    return row === undefined ? undefined : decodeContext(row);
  };
}

function decodeContext(row: Row): KeyContext {
  return {
    key: decodeRecord(row, KEYS, 'k_'),
    team: joined(row, TEAMS, 't_'),
    project: joined(row, PROJECTS, 'p_'),
    user: joined(row, USERS, 'u_'),
  };
}

function joined<R>(row: Row, table: RecordTable<R>, prefix: string): R | null {
  return row[prefix + table.id] === null ? null : decodeRecord(row, table, prefix);
}

export async function findLivingAlias(db: Kysely<Database>, alias: string): Promise<KeyRecord | undefined> {
  if (!isStorableText(alias)) return undefined;
  const query = db.selectFrom(KEYS.table).selectAll().where('alias', '=', alias).where('replaced_by', 'is', null);
  const row = await query.executeTakeFirst();
  return row === undefined ? undefined : decodeRecord(row, KEYS);
}

/** Sorted by id. */
export async function teamsOfUser(db: Kysely<Database>, userId: string): Promise<readonly TeamRecord[]> {
  if (!isStorableText(userId)) return [];
  const seats = db.selectFrom(MEMBERS_TABLE).select('team_id').where('user_id', '=', userId);
  const rows = await db.selectFrom(TEAMS.table).selectAll().where('team_id', 'in', seats).orderBy('team_id').execute();
  return rows.map((row) => decodeRecord(row, TEAMS));
}
