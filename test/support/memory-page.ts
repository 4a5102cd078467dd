import { BadCursor, type ListQuery, type Page } from '../../src/accounts/contract.ts';

interface Sorted {
  readonly id: string;
  readonly alias: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

type Place = readonly [value: number | string, id: string];

/** One page of `records`, sorted as the query says. Its cursors are its own: no database understands them. Throws BadCursor. */
export function pageOf<R>(records: readonly R[], query: ListQuery, sortedAs: (record: R) => Sorted): Page<R> {
  const { sortBy = 'created_at', sortOrder = 'desc' } = query;
  const size = Math.min(500, Math.max(1, Math.trunc(query.size)));
  const sign = sortOrder === 'asc' ? 1 : -1;
  const placeOf = (record: R): Place => {
    const { id, alias, createdAt, updatedAt } = sortedAs(record);
    const value = { created_at: createdAt, updated_at: updatedAt, alias: alias ?? '' }[sortBy];
    return [value, id];
  };
  const sorted = [...records].sort((a, b) => sign * compare(placeOf(a), placeOf(b)));
  const from = query.cursor === undefined ? undefined : readCursor(query.cursor, `${sortBy} ${sortOrder}`);
  const rest = from === undefined ? sorted : sorted.filter((record) => sign * compare(placeOf(record), from) > 0);
  const start = query.cursor === undefined ? (Math.trunc(query.page ?? 1) - 1) * size : 0;
  const entries = rest.slice(Math.max(0, start), Math.max(0, start) + size);
  const last = entries.at(-1);
  const hasMore = rest.length > Math.max(0, start) + size;
  const cursor = last === undefined || !hasMore ? null : JSON.stringify([`${sortBy} ${sortOrder}`, placeOf(last)]);
  return { entries, total: records.length, cursor };
}

function compare(a: Place, b: Place): number {
  return compareValues(a[0], b[0]) || compareValues(a[1], b[1]);
}

/** Text by its UTF-8 bytes, as the databases have it. */
function compareValues(a: number | string, b: number | string): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)));
}

function readCursor(cursor: string, order: string): Place {
  try {
    const [itsOrder, place] = JSON.parse(cursor) as [string, Place];
    if (itsOrder === order) return place;
  } catch {
    // Not one of ours.
  }
  throw new BadCursor('The cursor is not one that this list gave.');
}
