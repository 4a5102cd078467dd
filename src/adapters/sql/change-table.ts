import { sql, type Kysely, type Transaction } from 'kysely';
import type { ChangeNotice } from '../../accounts/contract.ts';
import type { SqlKind } from './engine.ts';
import { CHANGES_TABLE, type Database } from './tables.ts';

/** Changes that are kept for other programs to read. One that has missed more forgets everything instead. */
const KEPT_CHANGES = 10_000;
/** The channel of NOTIFY. Its payload is the change's number; what changed is read from the table, so a lost message loses nothing. */
export const CHANGES_CHANNEL = 'waymark_changes';

/** Appends what a change has to tell; on PostgreSQL wakes the others when it commits. Returns its number: one more than the last, without gaps, as changes are made one at a time. */
export async function recordNotices(
  trx: Transaction<Database>,
  notices: readonly ChangeNotice[],
  { kind, now }: { readonly kind: SqlKind; readonly now: number },
): Promise<number> {
  const id = (await lastChange(trx)) + 1;
  await trx
    .insertInto(CHANGES_TABLE)
    .values({ id, at: now, notices: JSON.stringify(notices) })
    .execute();
  await trx
    .deleteFrom(CHANGES_TABLE)
    .where('id', '<=', id - KEPT_CHANGES)
    .execute();
  if (kind === 'postgres') await sql`select pg_notify(${CHANGES_CHANNEL}, ${String(id)})`.execute(trx);
  return id;
}

/** The number of the last change; 0: there was none. */
export async function lastChange(db: Kysely<Database>): Promise<number> {
  const row = await db
    .selectFrom(CHANGES_TABLE)
    .select((eb) => eb.fn.max('id').as('last'))
    .executeTakeFirst();
  return Number(row?.last ?? 0);
}

export interface ChangeRow {
  readonly id: number;
  readonly notices: readonly ChangeNotice[];
}

/** The change `from` itself, if it is still there, and those after it: at most `limit`. */
export async function readChanges(db: Kysely<Database>, from: number, limit: number): Promise<readonly ChangeRow[]> {
  const query = db.selectFrom(CHANGES_TABLE).select(['id', 'notices']).where('id', '>=', from);
  const rows = await query.orderBy('id').limit(limit).execute();
  return rows.map((row) => ({
    id: Number(row['id']),
    notices: JSON.parse(String(row['notices'])) as readonly ChangeNotice[],
  }));
}
