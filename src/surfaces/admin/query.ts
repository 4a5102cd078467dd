import { z } from 'zod';
import type { ListQuery } from '../../accounts/contract.ts';
import { GatewayError } from '../../core/errors/gateway-error.ts';
import { nearest } from '../../core/base/nearest.ts';

/** Numbers and flags of a query arrive as text. */
export function numberOf(least: number, most: number) {
  return z
    .string()
    .regex(/^\d{1,9}$/, 'is not a whole number')
    .transform(Number)
    .refine((value) => value >= least && value <= most, `is not between ${least} and ${most}`);
}

export function flagOf() {
  return z.enum(['true', 'false', 'True', 'False', '1', '0']).transform((text) => /^(?:true|1)$/i.test(text));
}

export const text = z.string().min(1, 'is empty').max(1000, 'has more than 1000 characters');

const MOST_ENTRIES = 500;

/** The page of a list, by LiteLLM's numbers or by a cursor; `sizeName`: what LiteLLM calls the size there. */
export function pageFields<N extends string>(sizeName: N) {
  const page = z.object({
    page: numberOf(1, 1_000_000).optional().meta({ description: 'The page, from 1.' }),
    cursor: text.optional().meta({ description: '`next_cursor` of the page before; wins over `page`.' }),
    sort_by: z
      .enum(['created_at', 'updated_at', 'key_alias', 'team_alias', 'user_alias', 'project_alias', 'alias'])
      .optional()
      .meta({ description: 'What the list is sorted by: a time, or the alias.' }),
    sort_order: z.enum(['asc', 'desc']).optional().meta({ description: 'Up or down.' }),
  }).shape;
  const size = numberOf(1, MOST_ENTRIES)
    .optional()
    .meta({ description: `Entries a page, up to ${MOST_ENTRIES}.` });
  return { ...page, [sizeName]: size } as typeof page & Record<N, typeof size>;
}

interface GivenPage {
  readonly page?: number | undefined;
  readonly cursor?: string | undefined;
  readonly sort_by?: string | undefined;
  readonly sort_order?: 'asc' | 'desc' | undefined;
}

const ENTRIES = 10;

export function listQuery(given: GivenPage, size: number = ENTRIES): ListQuery {
  const { page = 1, cursor, sort_by: sortBy, sort_order: sortOrder } = given;
  const by = sortBy === undefined || sortBy === 'created_at' || sortBy === 'updated_at' ? sortBy : 'alias';
  return {
    size,
    ...(cursor === undefined ? { page } : { cursor }),
    sortBy: by ?? 'created_at',
    sortOrder: sortOrder ?? (by === 'alias' ? 'asc' : 'desc'),
  };
}

/** Reads a query by its shape. An unknown field is refused by name: a filter that is overlooked shows too much. */
export function readQuery(shape: z.ZodObject | undefined, given: Readonly<Record<string, unknown>>): unknown {
  const known = Object.keys(shape?.shape ?? {});
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const [near] = nearest(unknown, known, 1);
    const message = `There is no query field ${unknown} here.${near === undefined ? '' : ` Did you mean ${near}?`}`;
    throw new GatewayError('invalid_field', { message, param: unknown });
  }
  // An empty value is how forms say "not given".
  const filled = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''));
  const parsed = (shape ?? z.object({})).safeParse(filled);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const param = issue?.path.map(String).join('.') ?? '';
  const missing = issue?.code === 'invalid_type' && !Object.hasOwn(filled, param);
  if (missing) throw new GatewayError('missing_field', { message: `The query field ${param} is missing.`, param });
  const clause =
    issue?.code === 'invalid_value' ? `is none of ${issue.values.join(', ')}` : (issue?.message ?? 'is wrong');
  throw new GatewayError('invalid_field', { message: `${param} ${clause}.`, param });
}
