import { UnstorableValue, type Json } from '../../accounts/contract.ts';
import type { SqlKind } from './engine.ts';

/** What a column holds. `name` is text that an index holds too. `json` is kept as text on both databases: unlike jsonb it keeps key order, `\u0000` and half surrogates as they were given. */
export type ColumnKind = 'text' | 'name' | 'integer' | 'boolean' | 'json';
export type SqlValue = string | number | boolean | null;
export type Row = Record<string, SqlValue>;

/** Bytes of UTF-8. PostgreSQL refuses index entries beyond a third of a page (2,704 bytes), and some of ours hold two names. */
const LONGEST_NAME = 1000;

const TEXT_RULE = 'text without NUL characters and halves of surrogate pairs';
export const NAME_RULE = `${TEXT_RULE}, of at most ${LONGEST_NAME} bytes`;

interface Column {
  readonly name: string;
  readonly property: string;
  readonly kind: ColumnKind;
}

/** How the records of one type lie in their table. */
export interface RecordTable<R> {
  readonly table: string;
  /** The singular, as ObjectType and messages have it. */
  readonly type: string;
  /** Property and column of the id. */
  readonly idProperty: keyof R & string;
  readonly id: string;
  readonly columns: readonly Column[];
  /** Columns that are derived from the record for sorting; never read back. */
  readonly derived: (record: R) => Row;
}

const NOTHING_DERIVED = (): Row => ({});

/** `kinds` names every property of R, so that a new property cannot be forgotten here. */
export function recordTable<R extends object>(
  names: { readonly table: string; readonly type: string; readonly id: keyof R & string },
  kinds: Readonly<Record<keyof R & string, ColumnKind>>,
  derived: (record: R) => Row = NOTHING_DERIVED,
): RecordTable<R> {
  const columns = Object.entries<ColumnKind>(kinds).map(([property, kind]) => ({
    property,
    kind,
    name: columnName(property),
  }));
  return { table: names.table, type: names.type, idProperty: names.id, id: columnName(names.id), columns, derived };
}

/** `maxBudgetNano` -> `max_budget_nano` */
function columnName(property: string): string {
  return property.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Throws UnstorableValue. */
export function encodeRecord<R extends object>(record: R, table: RecordTable<R>, kind: SqlKind): Row {
  const row: Row = { ...table.derived(record) };
  const values = new Map<string, unknown>(Object.entries(record));
  for (const column of table.columns) {
    const value = values.get(column.property) ?? null;
    row[column.name] = encodeValue(value as Json, column.kind, { table, column, kind });
  }
  return row;
}

interface Place {
  readonly table: { readonly type: string };
  readonly column: Column;
  readonly kind: SqlKind;
}

function encodeValue(value: Json, kind: ColumnKind, place: Place): SqlValue {
  if (value === null) return null;
  switch (kind) {
    case 'json':
      return JSON.stringify(value);
    case 'boolean':
      return place.kind === 'sqlite' ? Number(value === true) : value === true;
    case 'integer':
      if (Number.isSafeInteger(value)) return value as number;
      throw unstorable(place, 'a whole number within 2^53');
    case 'name':
      if (typeof value === 'string' && isStorableName(value)) return value;
      throw unstorable(place, NAME_RULE);
    case 'text':
      if (typeof value === 'string' && isStorableText(value)) return value;
      throw unstorable(place, TEXT_RULE);
  }
}

/** PostgreSQL refuses NUL, and both databases would turn half a surrogate pair into another character: two names would become one. */
export function isStorableText(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

export function isStorableName(name: string): boolean {
  return isStorableText(name) && Buffer.byteLength(name) <= LONGEST_NAME;
}

function unstorable(place: Place, wanted: string): UnstorableValue {
  const field = `${place.table.type}.${place.column.property}`;
  return new UnstorableValue(field, `The field ${field} must be ${wanted}.`);
}

/** `prefix`: of the row's column names. */
export function decodeRecord<R>(row: Row, table: RecordTable<R>, prefix = ''): R {
  const record: Record<string, unknown> = {};
  for (const column of table.columns) {
    record[column.property] = decodeValue(row[prefix + column.name] ?? null, column.kind);
  }
  return record as R;
}

function decodeValue(value: SqlValue, kind: ColumnKind): unknown {
  if (value === null) return null;
  if (kind === 'json') return JSON.parse(value as string);
  if (kind === 'boolean') return value === true || value === 1;
  return value;
}
