import type { JsonObject, ListQuery, Page } from '../contract.ts';

interface Counts {
  readonly page: number;
  readonly total: number;
  readonly totalPages: number;
}

function countsOf(page: Page<unknown>, query: ListQuery): Counts {
  return { page: query.page ?? 1, total: page.total, totalPages: Math.ceil(page.total / query.size) };
}

/** The answer to `/key/list`. `next_cursor` continues where page numbers would have to count; null: there is no more. */
export function keyPage(page: Page<unknown>, query: ListQuery, keys: readonly (string | JsonObject)[]): JsonObject {
  const counts = countsOf(page, query);
  return {
    keys,
    total_count: counts.total,
    current_page: counts.page,
    total_pages: counts.totalPages,
    next_cursor: page.cursor,
  };
}

/** The answer to `/v2/team/list`, `/user/list` and their like: `entries` under their own name (`teams`, `users`). */
export function namedPage(
  page: Page<unknown>,
  query: ListQuery,
  entries: Readonly<Record<string, readonly JsonObject[]>>,
): JsonObject {
  const counts = countsOf(page, query);
  return {
    ...entries,
    total: counts.total,
    page: counts.page,
    page_size: query.size,
    total_pages: counts.totalPages,
    next_cursor: page.cursor,
  };
}
