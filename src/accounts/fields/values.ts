import { z } from 'zod';
import { isDuration, momentAfter } from '../duration.ts';

/** Most characters of an id, an alias or a name. */
export const LONGEST_NAME = 256;
/** Most entries of a list of names. */
const MOST_ENTRIES = 1000;
/** Largest amount that nano-dollars hold exactly. */
const MOST_USD = 9_000_000;
const NANO = 1e9;

/** An id, an alias, a name: not empty, no control characters, no white space around it. */
export const name = z
  .string()
  .min(1, 'is empty')
  .max(LONGEST_NAME, `has more than ${LONGEST_NAME} characters`)
  // oxlint-disable-next-line no-control-regex -- control characters are what this looks for
  .regex(/^[^\u0000-\u001f\u007f]*$/, 'has a control character in it')
  .regex(/^(?!\s)[^]*(?<!\s)$/, 'has white space around it');

export const names = z.array(name).max(MOST_ENTRIES, `has more than ${MOST_ENTRIES} entries`);
/** Most patterns in a list of models: whether one list covers another takes time that grows with them. */
const MOST_PATTERNS = 64;

/** Groups, wildcards and access groups. */
export const models = names.refine(
  (list) => list.filter((entry) => entry.includes('*')).length <= MOST_PATTERNS,
  `has more than ${MOST_PATTERNS} wildcards`,
);
export const freeText = z.string().max(10_000, 'has more than 10000 characters');
export const flag = z.boolean();

/** Any object. What stands in it was checked with the whole body. */
export const anyObject = z.record(z.string(), z.unknown());
export const anyList = z.array(z.unknown());
export const anyNumber = z.number();
/** Other names for groups. */
export const aliases = z.record(z.string(), name);

/** A limit: a whole number that is not negative. */
export const count = z
  .int({ error: (issue) => (typeof issue.input === 'number' ? 'is not a whole number' : undefined) })
  .min(0, 'is negative');

/** US dollars. */
export const usd = z
  .number()
  .min(0, 'is negative')
  .max(MOST_USD, `is more than ${MOST_USD} US dollars`)
  .refine((amount) => amount === 0 || Math.round(amount * NANO) > 0, 'is less than a billionth of a US dollar');

/** Dollars as stored: whole nano-dollars. */
export function nanoOf(amount: number): number {
  return Math.round(amount * NANO);
}

/** Stored money as LiteLLM shows it. */
export function usdOf(nano: number): number {
  return nano / NANO;
}

const DURATION_SHAPE = 'is no duration. Write a number and s, m, h, d, w or mo: 30s, 24h, 7d, 1mo';

/** How long something lives: `30d`; `-1`, `none`, `null` and an empty text mean for ever. */
export const lifetime = z.string().refine(isDuration, DURATION_SHAPE);

/** A span that passes and begins again, or has an end: it must have a length. */
export const span = z.string().refine((text) => (momentAfter(0, text) ?? 0) > 0, DURATION_SHAPE);

/** How long an old key goes on beside a new one: an empty text or `0s` for not at all, and never for ever. */
export const grace = z.string().refine((text) => text === '' || (momentAfter(0, text) ?? -1) >= 0, DURATION_SHAPE);

/** A moment, as ISO 8601 with its zone. */
export const moment = z.iso.datetime({ offset: true, error: 'is no time. Write it as 2030-01-31T12:00:00Z' });

export const unpermittedTag = z.enum(['reject', 'ignore']);
