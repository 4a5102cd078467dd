import {
  sql,
  type Expression,
  type ExpressionBuilder,
  type Kysely,
  type SelectQueryBuilder,
  type SqlBool,
} from 'kysely';
import type { ListQuery, Page } from '../../accounts/contract.ts';
import { decodeRecord, type RecordTable, type Row } from './columns.ts';
import { decodeCursor, encodeCursor, type Position, type SortBy } from './cursor.ts';
import { COUNTS_TABLE, type Database } from './tables.ts';

export type Where = ExpressionBuilder<Database, string>;
type Select = SelectQueryBuilder<Database, string, Row>;

/** A list to read a page of. */
export interface ListPlan<R> {
  readonly table: RecordTable<R>;
  /** The column of each order that the list has; the first is the default. */
  readonly sorts: ReadonlyMap<SortBy, string>;
  /** Undefined: all rows. */
  readonly where: ((eb: Where) => readonly Expression<SqlBool>[]) | undefined;
  readonly query: ListQuery;
}

const LARGEST_PAGE = 500;

/**
 * One page. By cursor it costs the same however deep it lies; by page number the rows before it are stepped over in the index.
 * `total` of an unfiltered list is kept by every change; of a filtered one it is counted, through the filter's index.
 * Throws BadCursor.
 */
export async function readPage<R>(db: Kysely<Database>, plan: ListPlan<R>): Promise<Page<R>> {
  const size = Math.min(LARGEST_PAGE, Math.max(1, Math.trunc(plan.query.size)));
  const rows = await pageQuery(db, plan, size).execute();
  const total = await readTotal(db, plan);
  const entries = rows.slice(0, size).map((row) => decodeRecord(row, plan.table));
  const last = rows.length > size ? rows[size - 1] : undefined;
  return { entries, total, cursor: last === undefined ? null : encodeCursor(positionOf(last, plan)) };
}

/** The page's rows and one more, which says whether there is a next page. */
export function pageQuery<R>(db: Kysely<Database>, plan: ListPlan<R>, size: number): Select {
  const { sortBy, sortOrder, column } = orderOf(plan);
  const { id } = plan.table;
  let query = filtered(db, plan)
    .selectAll()
    .orderBy(column, sortOrder)
    .orderBy(id, sortOrder)
    .limit(size + 1);
  const { cursor, page = 1 } = plan.query;
  if (cursor !== undefined) {
    const from = decodeCursor(cursor, sortBy, sortOrder);
    // As one comparison of rows, so that both databases seek in the index instead of filtering what they walk over.
    query = query.where((eb) =>
      eb(eb.refTuple(column, id), sortOrder === 'desc' ? '<' : '>', eb.tuple(from.value, from.id)),
    );
  } else if (page > 1) {
    query = query.offset((Math.min(Math.trunc(page), 1_000_000_000) - 1) * size);
  }
  return query;
}

function filtered<R>(db: Kysely<Database>, { table, where }: ListPlan<R>) {
  const query = db.selectFrom(table.table);
  return where === undefined ? query : query.where((eb) => eb.and([...where(eb)]));
}

async function readTotal<R>(db: Kysely<Database>, plan: ListPlan<R>): Promise<number> {
  if (plan.where === undefined) {
    const row = await db
      .selectFrom(COUNTS_TABLE)
      .select('count')
      .where('type', '=', plan.table.type)
      .executeTakeFirst();
    return Number(row?.['count'] ?? 0);
  }
  const row = await filtered(db, plan)
    .select(sql<number>`count(*)`.as('total'))
    .executeTakeFirst();
  return row?.total ?? 0;
}

function orderOf<R>({ sorts, query }: ListPlan<R>) {
  const [fallback = 'created_at'] = sorts.keys();
  const sortBy = query.sortBy !== undefined && sorts.has(query.sortBy) ? query.sortBy : fallback;
  return { sortBy, sortOrder: query.sortOrder ?? 'desc', column: sorts.get(sortBy) ?? sortBy };
}

function positionOf<R>(row: Row, plan: ListPlan<R>): Position {
  const { sortBy, sortOrder, column } = orderOf(plan);
  return { sortBy, sortOrder, value: row[column] as string | number, id: String(row[plan.table.id]) };
}
