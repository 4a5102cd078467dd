import type { Transaction } from 'kysely';
import type { AccountChange, ObjectType, TeamRecord } from '../../accounts/contract.ts';
import { decodeRecord, isStorableText, type RecordTable } from './columns.ts';
import { deleteByIds, deleteSeats, inChunks } from './put.ts';
import { KEYS, MEMBERS_TABLE, MODELS, PROJECTS, TAGS, TEAMS, USERS, type Database } from './tables.ts';

type Trx = Transaction<Database>;

/** What really went, and the teams that lost a seat. */
export interface Removed {
  readonly ids: Readonly<Record<ObjectType, readonly string[]>>;
  readonly teamsChanged: readonly string[];
}

/** Deletes what the change names and what hangs on it (see AccountChange.remove). */
export async function removeRecords(trx: Trx, remove: AccountChange['remove']): Promise<Removed> {
  const named = (type: ObjectType): readonly string[] => [...new Set(remove?.[type] ?? [])].filter(isStorableText);
  const team = await idsWhere(trx, TEAMS, ['team_id', named('team')]);
  const project = unique(
    await idsWhere(trx, PROJECTS, ['project_id', named('project')]),
    await idsWhere(trx, PROJECTS, ['team_id', team]),
  );
  const user = await idsWhere(trx, USERS, ['user_id', named('user')]);
  const key = unique(
    await idsWhere(trx, KEYS, ['token', named('key')]),
    await idsWhere(trx, KEYS, ['team_id', team]),
    await idsWhere(trx, KEYS, ['project_id', project]),
    await personalKeys(trx, user),
  );
  const tag = await idsWhere(trx, TAGS, ['name', named('tag')]);
  const model = await idsWhere(trx, MODELS, ['id', named('model')]);
  await deleteByIds(trx, KEYS, key);
  await deleteByIds(trx, PROJECTS, project);
  await deleteSeats(trx, team);
  await deleteByIds(trx, TEAMS, team);
  const teamsChanged = await vacateSeats(trx, user);
  await deleteByIds(trx, USERS, user);
  await deleteByIds(trx, TAGS, tag);
  await deleteByIds(trx, MODELS, model);
  return { ids: { key, team, project, user, tag, model }, teamsChanged };
}

function unique(...lists: readonly (readonly string[])[]): readonly string[] {
  return [...new Set(lists.flat())];
}

async function idsWhere<R>(
  trx: Trx,
  table: RecordTable<R>,
  [column, values]: readonly [string, readonly string[]],
): Promise<readonly string[]> {
  return await inChunks(values, async (chunk) => {
    const rows = await trx.selectFrom(table.table).select(table.id).where(column, 'in', chunk).execute();
    return rows.map((row) => String(row[table.id]));
  });
}

async function personalKeys(trx: Trx, userIds: readonly string[]): Promise<readonly string[]> {
  return await inChunks(userIds, async (chunk) => {
    const query = trx.selectFrom(KEYS.table).select('token').where('user_id', 'in', chunk);
    const rows = await query.where('team_id', 'is', null).execute();
    return rows.map((row) => String(row['token']));
  });
}

/** A user who is made again under the same id must not find an old seat, perhaps an admin's. The team's `updatedAt` moves on, so that whoever read it before cannot put the seat back. */
async function vacateSeats(trx: Trx, userIds: readonly string[]): Promise<readonly string[]> {
  if (userIds.length === 0) return [];
  const gone = new Set(userIds);
  const teamIds = await inChunks(userIds, async (chunk) => {
    const rows = await trx.selectFrom(MEMBERS_TABLE).select('team_id').where('user_id', 'in', chunk).execute();
    return rows.map((row) => String(row['team_id']));
  });
  const changed = unique(teamIds);
  for (const teamId of changed) {
    const row = await trx.selectFrom(TEAMS.table).selectAll().where('team_id', '=', teamId).executeTakeFirst();
    if (row === undefined) continue;
    const team = decodeRecord<TeamRecord>(row, TEAMS);
    const members = JSON.stringify(team.members.filter((member) => !gone.has(member.userId)));
    const query = trx.updateTable(TEAMS.table).set({ members, updated_at: team.updatedAt + 1 });
    await query.where('team_id', '=', teamId).execute();
  }
  await inChunks(userIds, async (chunk) => {
    await trx.deleteFrom(MEMBERS_TABLE).where('user_id', 'in', chunk).execute();
    return [];
  });
  return changed;
}
