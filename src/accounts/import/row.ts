import type { Json, JsonObject } from '../contract.ts';

/** A text that is not empty; undefined: there is none. */
export function textIn(row: JsonObject, column: string): string | undefined {
  const value = row[column];
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

/** The value of a JSON column. Early versions of LiteLLM stored some as JSON in a text. */
export function jsonIn(row: JsonObject, column: string): Json {
  const value = row[column] ?? null;
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value) as Json;
  } catch {
    return value;
  }
}

/** The object in a JSON column; an empty one where there is none. */
export function objectIn(row: JsonObject, column: string): JsonObject {
  const value = jsonIn(row, column);
  return isObject(value) ? value : {};
}

export function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function listIn(row: JsonObject, column: string): readonly Json[] {
  const value = jsonIn(row, column);
  return Array.isArray(value) ? value : [];
}

/** Milliseconds since 1970; undefined: no time, or none that can be read. */
export function momentIn(row: JsonObject, column: string): number | undefined {
  const text = momentText(row[column] ?? null);
  const moment = typeof text === 'string' ? Date.parse(text) : Number.NaN;
  return Number.isNaN(moment) ? undefined : moment;
}

/** A time of the database with its zone: LiteLLM keeps UTC in columns without one. */
export function momentText(value: Json): Json {
  return typeof value === 'string' && /T[\d:.]+$/.test(value) ? `${value}Z` : value;
}

/** Says nothing: null, false, an empty text, list or object, and the infinite budget of LiteLLM's. */
export function isBlank(value: Json): boolean {
  if (value === null || value === false || value === 'Infinity') return true;
  if (typeof value === 'string') return value.trim() === '';
  return typeof value === 'object' && Object.keys(value).length === 0;
}

/** The columns of `row` that say something, as fields of a body. */
export function fieldsOf(row: JsonObject, columns: readonly string[]): JsonObject {
  const fields = columns.map((column) => [column, jsonIn(row, column)] as const);
  return Object.fromEntries(fields.filter(([, value]) => !isBlank(value)));
}

/** As `fieldsOf`, for columns of plain text, which may look like JSON. */
export function textsOf(row: JsonObject, columns: readonly string[]): JsonObject {
  const fields = columns.map((column) => [column, row[column] ?? null] as const);
  return Object.fromEntries(fields.filter(([, value]) => !isBlank(value)));
}

interface Stamps {
  readonly createdAt: number;
  readonly createdBy: string;
  readonly updatedAt: number;
  readonly updatedBy: string;
}

/** Who made and changed a row, and when; what LiteLLM does not know is `litellm` and `now`. */
export function stampsOf(row: JsonObject, now: number): Stamps {
  const createdAt = momentIn(row, 'created_at') ?? now;
  const createdBy = textIn(row, 'created_by') ?? 'litellm';
  return {
    createdAt,
    createdBy,
    updatedAt: Math.max(createdAt, momentIn(row, 'updated_at') ?? createdAt),
    updatedBy: textIn(row, 'updated_by') ?? createdBy,
  };
}
