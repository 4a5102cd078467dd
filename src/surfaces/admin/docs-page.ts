/** Nothing from elsewhere, no scripts, in no frame. */
export const DOCS_HEADERS: ReadonlyMap<string, string> = new Map([
  [
    'content-security-policy',
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  ],
  ['x-content-type-options', 'nosniff'],
  ['referrer-policy', 'no-referrer'],
]);

interface Schema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly 'x-waymark'?: string;
}

interface Operation {
  readonly summary?: string;
  readonly description?: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly description?: string;
    readonly schema?: Schema;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses?: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: Schema }>> }>
  >;
}

interface Document {
  readonly info: { readonly title: string; readonly description?: string; readonly version: string };
  readonly paths?: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** `GET /docs`: the OpenAPI document as one page, readable without scripts. */
export function docsPage(document: object): string {
  const { info, paths = {} } = document as Document;
  const entries = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, operation })),
  );
  const index = entries.map(({ name }) => `<li><a href="#${anchor(name)}"><code>${escape(name)}</code></a></li>`);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escape(info.title)}</title><style>${STYLE}</style></head><body>
<h1>${escape(info.title)} <small>${escape(info.version)}</small></h1>
<p>${escape(info.description ?? '').replaceAll('\n\n', '</p><p>')}</p>
<p>For programs: <a href="/openapi.json">openapi.json</a></p>
<ul class="index">${index.join('')}</ul>
${entries.map(({ name, operation }) => section(name, operation)).join('\n')}
</body></html>
`;
}

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#1b1f24;background:#fff}
table{border-collapse:collapse;width:100%;margin:.5rem 0}td,th{text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0;border-top:1px solid #d8dee4}
code{font:14px ui-monospace,monospace}.index{columns:18rem;padding-left:1rem}summary{cursor:pointer}small{color:#59636e}
@media(prefers-color-scheme:dark){body{color:#e6edf3;background:#0d1117}td,th{border-color:#30363d}a{color:#6cb0ff}small{color:#9198a1}}`;

function section(name: string, operation: Operation): string {
  const { parameters = [], requestBody, responses } = operation;
  const asked = parameters.map(({ name: field, required, description, schema }) =>
    row(field, { ...schema, ...(description === undefined ? {} : { description }) }, required === true),
  );
  const body = requestBody?.content['application/json']?.schema;
  const answer = responses?.['200']?.content?.['application/json']?.schema;
  return `<h2 id="${anchor(name)}"><code>${escape(name)}</code></h2>
<p>${escape(operation.summary ?? '')} <small>${escape(operation.description ?? '')}</small></p>
${asked.length === 0 ? '' : `<h3>Query and path</h3>${table(asked)}`}
${body === undefined ? '' : `<h3>Body</h3>${fields(body)}`}
${answer === undefined ? '' : `<details><summary>Answer</summary>${fields(answer)}</details>`}`;
}

function fields(schema: Schema): string {
  const { properties, required = [] } = schema.items ?? schema;
  if (properties === undefined) return `<p>${escape(typeOf(schema))}</p>`;
  return table(Object.entries(properties).map(([name, each]) => row(name, each, required.includes(name))));
}

function table(rows: readonly string[]): string {
  return `<table><tr><th>field</th><th>type</th><th>meaning</th></tr>${rows.join('')}</table>`;
}

function row(name: string, schema: Schema, required: boolean): string {
  const fate = schema['x-waymark'];
  const notes = [required ? 'needed' : '', fate === undefined || fate === 'acted' ? '' : fate]
    .filter(Boolean)
    .join(', ');
  const note = notes === '' ? '' : ` <small>${escape(notes)}</small>`;
  return `<tr><td><code>${escape(name)}</code>${note}</td><td>${escape(typeOf(schema))}</td><td>${escape(schema.description ?? '')}</td></tr>`;
}

function typeOf(schema: Schema): string {
  const { anyOf, type, items } = schema;
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' or ');
  if (anyOf !== undefined) return [...new Set(anyOf.map(typeOf))].filter((each) => each !== 'null').join(' or ');
  if (type === 'array') return items === undefined ? 'list' : `list of ${typeOf(items)}`;
  return typeof type === 'string' ? type : (type ?? ['anything']).join(' or ');
}

function anchor(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
