import { z } from 'zod';
import { BadCursor, type ListQuery } from '../../accounts/contract.ts';
import { isStorableText } from './columns.ts';

export type SortBy = NonNullable<ListQuery['sortBy']>;
export type SortOrder = NonNullable<ListQuery['sortOrder']>;

/** Where a page ended: the sort value and the id of its last entry, in the order that it was read in. */
export interface Position {
  readonly sortBy: SortBy;
  readonly sortOrder: SortOrder;
  readonly value: string | number;
  readonly id: string;
}

const TEXT = z.string().max(2000).refine(isStorableText);
const SHAPE = z.tuple([
  z.enum(['created_at', 'updated_at', 'alias']),
  z.enum(['asc', 'desc']),
  z.union([TEXT, z.int()]),
  TEXT,
]);

/** Opaque to clients, but no secret and not trusted: it holds only what the page itself showed. */
export function encodeCursor({ sortBy, sortOrder, value, id }: Position): string {
  return Buffer.from(JSON.stringify([sortBy, sortOrder, value, id])).toString('base64url');
}

/** Throws BadCursor when no list made it, or one in another order. */
export function decodeCursor(cursor: string, sortBy: SortBy, sortOrder: SortOrder): Position {
  const parsed = SHAPE.safeParse(parseJson(Buffer.from(cursor, 'base64url').toString()));
  if (!parsed.success) throw new BadCursor('The cursor is not one that a list gave.');
  const [itsSort, itsOrder, value, id] = parsed.data;
  const isNumber = typeof value === 'number';
  if (isNumber === (itsSort === 'alias')) throw new BadCursor('The cursor is not one that a list gave.');
  if (itsSort !== sortBy || itsOrder !== sortOrder) {
    throw new BadCursor(
      `The cursor belongs to a list sorted by ${itsSort} ${itsOrder}; this one is by ${sortBy} ${sortOrder}.`,
    );
  }
  return { sortBy, sortOrder, value, id };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
