import type { Transaction } from 'kysely';
import { StoreConflict, UnstorableValue, type KeyRecord, type TeamRecord } from '../../accounts/contract.ts';
import { encodeRecord, isStorableName, isStorableText, NAME_RULE, type RecordTable } from './columns.ts';
import type { SqlKind } from './engine.ts';
import { KEYS, MEMBERS_TABLE, TEAMS, type Database } from './tables.ts';

type Trx = Transaction<Database>;

/** Rows a statement: few enough that building one does not hold up the event loop, and well below both databases' limits on parameters. */
const ROWS_A_STATEMENT = 50;
const IDS_A_STATEMENT = 500;

interface Put<R> {
  readonly table: RecordTable<R>;
  readonly records: readonly R[];
  readonly createOnly: boolean;
  readonly kind: SqlKind;
}

/** Replaces or creates rows. Returns how many are new. Throws StoreConflict, UnstorableValue. */
export async function putRecords<R extends object>(trx: Trx, put: Put<R>): Promise<number> {
  const { table, records, createOnly } = put;
  const ids = records.map((record) => String(record[table.idProperty]));
  refuseRepeats(ids, table);
  const existing = await findExisting(trx, table, ids);
  const [taken] = existing;
  if (createOnly && taken !== undefined) {
    throw new StoreConflict(`${table.type}.${idField(table)}`, `There is a ${table.type} with this id already.`);
  }
  // Deleted and inserted rather than updated: names may change hands among the records of one change, in any order.
  await deleteByIds(trx, table, existing);
  await insertRecords(trx, put);
  return records.length - existing.length;
}

/** `token` of a key, `name` of a tag, `id` of everything else. */
function idField<R>(table: RecordTable<R>): string {
  return table.idProperty === 'token' || table.idProperty === 'name' ? table.idProperty : 'id';
}

function refuseRepeats<R>(ids: readonly string[], table: RecordTable<R>): void {
  if (new Set(ids).size === ids.length) return;
  throw new StoreConflict(`${table.type}.${idField(table)}`, `The change has the same ${table.type} twice.`);
}

async function findExisting<R>(trx: Trx, table: RecordTable<R>, ids: readonly string[]): Promise<readonly string[]> {
  return await inChunks(ids.filter(isStorableText), async (chunk) => {
    const rows = await trx.selectFrom(table.table).select(table.id).where(table.id, 'in', chunk).execute();
    return rows.map((row) => String(row[table.id]));
  });
}

export async function deleteByIds<R>(trx: Trx, table: RecordTable<R>, ids: readonly string[]): Promise<void> {
  await inChunks(ids, async (chunk) => {
    await trx.deleteFrom(table.table).where(table.id, 'in', chunk).execute();
    return [];
  });
}

/** Encodes and inserts some records at a time: a change of many thousands must not hold up the event loop. */
export async function insertRecords<R extends object>(
  trx: Trx,
  { table, records, kind }: Omit<Put<R>, 'createOnly'>,
): Promise<void> {
  for (let from = 0; from < records.length; from += ROWS_A_STATEMENT) {
    const chunk = records.slice(from, from + ROWS_A_STATEMENT).map((record) => encodeRecord(record, table, kind));
    await trx.insertInto(table.table).values(chunk).execute();
  }
}

/** Runs `step` over `items`, some hundred at a time. */
export async function inChunks<T>(
  items: readonly string[],
  step: (chunk: readonly string[]) => Promise<readonly T[]>,
): Promise<readonly T[]> {
  const results: T[] = [];
  for (let from = 0; from < items.length; from += IDS_A_STATEMENT) {
    results.push(...(await step(items.slice(from, from + IDS_A_STATEMENT))));
  }
  return results;
}

/** Two living keys may not have one alias: it names a key in logs, budgets and the console. */
export async function putKeys(trx: Trx, put: Omit<Put<KeyRecord>, 'table'>): Promise<number> {
  refuseRepeats(
    put.records.map((key) => key.token),
    KEYS,
  );
  const aliasOwners = new Map<string, string>();
  for (const key of put.records) {
    if (key.alias === null || key.replacedBy !== null) continue;
    if (aliasOwners.has(key.alias)) throw aliasTaken(key.alias);
    aliasOwners.set(key.alias, key.token);
  }
  const tokens = new Set(put.records.map((key) => key.token));
  await inChunks([...aliasOwners.keys()].filter(isStorableText), async (aliases) => {
    const query = trx.selectFrom(KEYS.table).select(['token', 'alias']).where('alias', 'in', aliases);
    const owners = await query.where('replaced_by', 'is', null).execute();
    const other = owners.find((owner) => !tokens.has(String(owner['token'])));
    if (other !== undefined) throw aliasTaken(String(other['alias']));
    return [];
  });
  return await putRecords(trx, { ...put, table: KEYS });
}

function aliasTaken(alias: string): StoreConflict {
  return new StoreConflict('key.alias', `Another key has the alias "${alias}".`);
}

/** The seats stand in the team's own row, in their order, and once more by user: for "which teams is this user in". */
export async function putTeams(trx: Trx, put: Omit<Put<TeamRecord>, 'table'>): Promise<number> {
  refuseUnstorableSeats(put.records);
  const created = await putRecords(trx, { ...put, table: TEAMS });
  await deleteSeats(
    trx,
    put.records.map((team) => team.teamId),
  );
  const seats = put.records.flatMap((team) => {
    const userIds = new Set(team.members.map((member) => member.userId));
    return [...userIds].map((userId) => ({ user_id: userId, team_id: team.teamId }));
  });
  for (let from = 0; from < seats.length; from += IDS_A_STATEMENT) {
    await trx
      .insertInto(MEMBERS_TABLE)
      .values(seats.slice(from, from + IDS_A_STATEMENT))
      .execute();
  }
  return created;
}

function refuseUnstorableSeats(teams: readonly TeamRecord[]): void {
  const isStorable = teams.every((team) => team.members.every((member) => isStorableName(member.userId)));
  if (isStorable) return;
  throw new UnstorableValue(
    'team.members',
    `The field team.members must hold user ids that can be stored (${NAME_RULE}).`,
  );
}

export async function deleteSeats(trx: Trx, teamIds: readonly string[]): Promise<void> {
  await inChunks(teamIds, async (chunk) => {
    await trx.deleteFrom(MEMBERS_TABLE).where('team_id', 'in', chunk).execute();
    return [];
  });
}
