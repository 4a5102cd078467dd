import { sql, type Transaction } from 'kysely';
import { StoreConflict, type AccountChange, type ChangeNotice, type ObjectType } from '../../accounts/contract.ts';
import { isStorableText, type RecordTable } from './columns.ts';
import type { SqlKind } from './engine.ts';
import { lockFor } from './locks.ts';
import { inChunks, insertRecords, putKeys, putRecords, putTeams } from './put.ts';
import { removeRecords, type Removed } from './remove.ts';
import { AUDIT, COUNTS_TABLE, KEYS, MODELS, PROJECTS, TAGS, TEAMS, USERS, type Database } from './tables.ts';
import { recordNotices } from './change-table.ts';

type Trx = Transaction<Database>;

export interface Applied {
  readonly removedKeys: readonly string[];
  readonly notices: readonly ChangeNotice[];
  /** The number of the change in the change table; undefined: it had nothing to tell. */
  readonly changeId: number | undefined;
}

interface Context {
  readonly kind: SqlKind;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * Applies a change inside a transaction. Changes are made one at a time over all programs: management is rare, and what is
 * checked here then stays true until the commit.
 */
export async function applyChange(trx: Trx, change: AccountChange, context: Context): Promise<Applied> {
  await lockFor('writer', trx, context.kind);
  await checkExpected(trx, change.expect ?? []);
  const removed = await removeRecords(trx, change.remove);
  const created = await putAll(trx, change, context.kind);
  await checkReferences(trx, change.put ?? {});
  await insertRecords(trx, { table: AUDIT, records: change.audit, kind: context.kind });
  await moveCounts(trx, [...countMoves(created, removed), ['audit', change.audit.length]]);
  const notices = noticesOf(change, removed);
  const changeId = notices.length === 0 ? undefined : await recordNotices(trx, notices, context);
  return { removedKeys: [...removed.ids.key].sort(), notices, changeId };
}

const TABLE_OF: Readonly<Record<ObjectType, { readonly table: string; readonly id: string }>> = {
  key: KEYS,
  team: TEAMS,
  project: PROJECTS,
  user: USERS,
  tag: TAGS,
  model: MODELS,
};

async function checkExpected(trx: Trx, expected: NonNullable<AccountChange['expect']>): Promise<void> {
  for (const { type, id, updatedAt } of expected) {
    const { table, id: idColumn } = TABLE_OF[type];
    const row = isStorableText(id)
      ? await trx.selectFrom(table).select('updated_at').where(idColumn, '=', id).executeTakeFirst()
      : undefined;
    if (row === undefined) throw new StoreConflict('version', `The ${type} was deleted in the meantime.`);
    if (row['updated_at'] !== updatedAt) {
      throw new StoreConflict(
        'version',
        `The ${type} was changed in the meantime. Read it again and repeat the change.`,
      );
    }
  }
}

type Counts = Map<string, number>;

async function putAll(trx: Trx, change: AccountChange, kind: SqlKind): Promise<Counts> {
  const put = change.put ?? {};
  const how = { createOnly: change.createOnly === true, kind };
  return new Map([
    ['team', await putTeams(trx, { ...how, records: put.teams ?? [] })],
    ['project', await putRecords(trx, { ...how, table: PROJECTS, records: put.projects ?? [] })],
    ['user', await putRecords(trx, { ...how, table: USERS, records: put.users ?? [] })],
    ['key', await putKeys(trx, { ...how, records: put.keys ?? [] })],
    ['tag', await putRecords(trx, { ...how, table: TAGS, records: put.tags ?? [] })],
    ['model', await putRecords(trx, { ...how, table: MODELS, records: put.models ?? [] })],
  ]);
}

/** A key whose team is gone would have lost its fence: the team may have been deleted since the change was thought of. */
async function checkReferences(trx: Trx, put: NonNullable<AccountChange['put']>): Promise<void> {
  const keys = put.keys ?? [];
  await checkThere(trx, TEAMS, { field: 'key.team', ids: keys.map((key) => key.teamId) });
  await checkThere(trx, PROJECTS, { field: 'key.project', ids: keys.map((key) => key.projectId) });
  const ids = (put.projects ?? []).map((project) => project.teamId);
  await checkThere(trx, TEAMS, { field: 'project.team', ids });
}

async function checkThere<R>(
  trx: Trx,
  table: RecordTable<R>,
  { field, ids }: { readonly field: string; readonly ids: readonly (string | null)[] },
): Promise<void> {
  const wanted = [...new Set(ids)].filter((id) => id !== null);
  const found = await inChunks(wanted, async (chunk) => {
    return await trx.selectFrom(table.table).select(table.id).where(table.id, 'in', chunk).execute();
  });
  if (found.length < wanted.length) {
    throw new StoreConflict(
      field,
      `The ${table.type} of the ${field.split('.')[0]} does not exist, or was deleted in the meantime.`,
    );
  }
}

function countMoves(created: Counts, removed: Removed): readonly (readonly [string, number])[] {
  return Object.entries(removed.ids).map(([type, ids]) => [type, (created.get(type) ?? 0) - ids.length]);
}

/** Keeps the totals of unfiltered lists: counting a million rows for every page would cost more than the page. */
async function moveCounts(trx: Trx, moves: readonly (readonly [type: string, by: number])[]): Promise<void> {
  for (const [type, by] of moves) {
    if (by === 0) continue;
    await trx
      .insertInto(COUNTS_TABLE)
      .values({ type, count: by })
      .onConflict((conflict) =>
        conflict.column('type').doUpdateSet({ count: sql<number>`${sql.ref(`${COUNTS_TABLE}.count`)} + ${by}` }),
      )
      .execute();
  }
}

/** More notices than this are told as `all`: whoever listens would forget nearly everything anyway. */
const MOST_NOTICES = 1000;

function noticesOf(change: AccountChange, removed: Removed): readonly ChangeNotice[] {
  const put = change.put ?? {};
  const keys = [...(put.keys ?? []).map((key) => key.token), ...removed.ids.key];
  const teams = [...(put.teams ?? []).map((team) => team.teamId), ...removed.ids.team, ...removed.teamsChanged];
  const projects = [...(put.projects ?? []).map((project) => project.projectId), ...removed.ids.project];
  const users = [...(put.users ?? []).map((user) => user.userId), ...removed.ids.user];
  const tags = [...(put.tags ?? []).map((tag) => tag.name), ...removed.ids.tag];
  const hasModels = (put.models ?? []).length + removed.ids.model.length > 0;
  const notices: readonly ChangeNotice[] = [
    ...keys.map((id) => `key:${id}` as const),
    ...teams.map((id) => `team:${id}` as const),
    ...projects.map((id) => `project:${id}` as const),
    ...users.map((id) => `user:${id}` as const),
    ...tags.map((id) => `tag:${id}` as const),
    ...(hasModels ? (['models'] as const) : []),
  ];
  return notices.length > MOST_NOTICES ? ['all'] : [...new Set(notices)];
}
