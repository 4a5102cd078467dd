import { z } from 'zod';
import type { AuditEntry, AuditFilter } from '../../../accounts/contract.ts';
import { allAudit, listAudit } from '../../../accounts/service/lists.ts';
import { auditRow } from '../../../accounts/views/other-views.ts';
import { namedPage } from '../../../accounts/views/page-views.ts';
import { auditRowAnswer, pageAnswer } from '../answers.ts';
import { numberOf, text } from '../query.ts';
import { route, type AdminRoute, type Asked, type RouteParts, type TextStream } from '../route.ts';

const TYPES = z.enum(['key', 'team', 'project', 'user', 'tag', 'model']);
const moment = z.iso
  .datetime({ offset: true, error: 'is no time. Write it as 2030-01-31T12:00:00Z' })
  .transform((time) => Date.parse(time));

const FIELDS = z.object({
  object_type: TYPES.optional().meta({ description: 'Changes of this kind of thing.' }),
  object_id: text.optional().meta({ description: 'Changes of this thing.' }),
  actor: text.optional().meta({ description: 'Changes by this one: `master`, or the id of a user or key.' }),
  since: moment.optional().meta({ description: 'From this time on, ISO 8601.' }),
  until: moment.optional().meta({ description: 'Up to this time, ISO 8601.' }),
  page: numberOf(1, 1_000_000).optional().meta({ description: 'The page, from 1.' }),
  cursor: text.optional().meta({ description: '`next_cursor` of the page before; wins over `page`.' }),
  page_size: numberOf(1, 500).optional().meta({ description: 'Entries a page, up to 500; 50 unless set.' }),
  format: z
    .enum(['json', 'jsonl'])
    .optional()
    .meta({ description: '`jsonl`: all entries that match, one a line, however many.' }),
});

async function* lines(pages: AsyncIterable<readonly AuditEntry[]>): AsyncGenerator<string> {
  for await (const entries of pages) yield entries.map((entry) => `${JSON.stringify(auditRow(entry))}\n`).join('');
}

async function show({ ask, query }: Asked<never, z.output<typeof FIELDS>>, parts: RouteParts): Promise<object> {
  const given: [keyof AuditFilter, string | number | undefined][] = [
    ['objectType', query.object_type],
    ['objectId', query.object_id],
    ['actor', query.actor],
    ['since', query.since],
    ['until', query.until],
  ];
  const filter: AuditFilter = Object.fromEntries(given.filter(([, value]) => value !== undefined));
  if (query.format === 'jsonl') {
    const stream: TextStream = { contentType: 'application/x-ndjson', pieces: lines(allAudit(filter, ask, parts)) };
    return stream;
  }
  const { cursor, page = 1, page_size: size = 50 } = query;
  const paging = { size, ...(cursor === undefined ? { page } : { cursor }) };
  const found = await listAudit({ filter, query: paging }, ask, parts);
  return namedPage(found, paging, { entries: found.entries.map(auditRow) });
}

export const AUDIT_ROUTES: readonly AdminRoute[] = [
  route('GET /audit', {
    permission: 'audit.read',
    summary: 'Every change that was made through this API, the newest first, for proxy admins.',
    query: FIELDS,
    answer: pageAnswer('entries', auditRowAnswer, 'The changes.'),
    run: show,
  }),
];
