import type { z } from 'zod';
import { descriptionOf, fateOf } from '../../src/accounts/fields/field.ts';
import { ROUTES } from '../../src/surfaces/admin/routes/all.ts';
import type { AdminRoute } from '../../src/surfaces/admin/route.ts';

/** docs/reference/management.md: every route of the management API with the fields that it takes. */
export function renderManagement(): string {
  const rows = ROUTES.map(({ name, permission, summary }) => {
    const [method = '', path = ''] = name.split(' ');
    return `| ${method} | \`${path}\` | \`${permission}\` | ${summary} |`;
  });
  return `${HEAD}\n${rows.join('\n')}\n\n${FIELDS}\n${ROUTES.map(section).filter(Boolean).join('\n')}`;
}

function section({ name, body, query }: AdminRoute): string {
  const rows = [...Object.entries(body?.shape ?? {}), ...Object.entries(query?.shape ?? {})].map(([field, schema]) =>
    row(field, schema as z.core.$ZodType),
  );
  if (rows.length === 0) return '';
  return `### ${name}\n\n| field | what becomes of it | meaning |\n|---|---|---|\n${rows.join('\n')}\n`;
}

function row(field: string, schema: z.core.$ZodType): string {
  const meaning = descriptionOf(schema).replaceAll('|', '\\|');
  return `| \`${field}\` | ${fateOf(schema)} | ${meaning} |`;
}

const HEAD = `# Management

Made from the routes by \`npm run docs\`. The running gateway shows the same, with the answers, at \`/docs\` and \`/openapi.json\`.

Paths, fields, statuses and answers are LiteLLM's. The master key may do everything; a key of a user acts for that user, and a key
without one may look at itself. What is not there and what is not yours look the same: 404 \`object_not_found\`. An unknown field is
refused by name. Every change stands in the audit log, without secrets.

| method | path | permission | what it does |
|---|---|---|---|`;

const FIELDS = `## Fields

What becomes of a field: \`acted\`, it does what it says; \`unenforced\`, it is kept, and not enforced yet; \`stored\` and \`shown\`, it is
kept and shown; \`ignored\`, it is taken and dropped; \`refused\`, it is not taken. Whatever is not acted on is named in \`warnings\` of
the answer. An update changes what it names: \`metadata\` is merged, and an explicit null deletes.
`;
