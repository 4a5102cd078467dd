import { readFileSync } from 'node:fs';
import { inRoot } from '../workshop/root.ts';
import { walkSyntax } from '../workshop/syntax.ts';
import { projectFiles } from '../workshop/tracked-files.ts';

interface HeaderRow {
  readonly name: string;
  readonly text: string;
}

const REQUEST: readonly HeaderRow[] = [
  { name: 'x-litellm-tags', text: 'Tags, separated by commas. See [tag-routing.md](tag-routing.md#1-tags).' },
  {
    name: 'x-waymark-explain',
    text: '`true`: the answer brings the routing decision along, where the key may see it.',
  },
  { name: 'x-litellm-timeout', text: 'Seconds for the whole call, where the body has no `timeout`.' },
  {
    name: 'x-litellm-stream-timeout',
    text: 'Seconds to the first byte of a stream, where the body has no `stream_timeout`.',
  },
  { name: 'x-litellm-api-key', text: 'The key. See below.' },
];

const RESPONSE: readonly HeaderRow[] = [
  { name: 'x-litellm-call-id', text: 'The call. The same id stands in the log.' },
  { name: 'x-litellm-version', text: 'The LiteLLM version whose surface is answered.' },
  { name: 'x-waymark-version', text: "Waymark's own version." },
  { name: 'x-waymark-decision-id', text: 'The decision, and the version of the config it was made under.' },
  {
    name: 'x-litellm-model-id',
    text: 'The deployment that served: `model_info.id`, or the id derived from its config.',
  },
  { name: 'x-litellm-model-group', text: 'The group that was asked for.' },
  { name: 'x-litellm-model-name', text: '`litellm_params.model` of the deployment.' },
  {
    name: 'x-litellm-model-api-base',
    text: "The deployment's base URL as configured, or the provider's own. Never a user part or a query.",
  },
  { name: 'x-litellm-response-duration-ms', text: 'Milliseconds from the request to the head of the answer.' },
  { name: 'x-litellm-overhead-duration-ms', text: 'The part of it that was not spent waiting for the upstream.' },
  { name: 'x-litellm-attempted-retries', text: 'Always `0` so far.' },
  { name: 'x-litellm-attempted-fallbacks', text: 'Always `0` so far.' },
  { name: 'x-waymark-explain', text: 'The decision as compact JSON, where it was asked for.' },
  {
    name: 'llm_provider-',
    text: "The upstream's own headers, with this in front of their names. Not those of the connection, and no cookies.",
  },
];

const OURS = /^(?:x-(?:litellm|waymark)-[a-z-]*|llm_provider-)$/;

/** docs/reference/headers.md. Throws where the code has a header of ours that no row describes, or a row that the code lacks. */
export function renderHeaders(): string {
  const inCode = headersInCode();
  const described = new Set([...REQUEST, ...RESPONSE].map((row) => row.name));
  const missing = [...inCode].filter((name) => !described.has(name));
  const stale = [...described].filter((name) => !inCode.has(name));
  if (missing.length > 0) throw new Error(`scripts/docs/headers.ts does not describe: ${missing.join(', ')}`);
  if (stale.length > 0)
    throw new Error(`scripts/docs/headers.ts describes what the code does not have: ${stale.join(', ')}`);
  return `${HEAD}\n\n${table(REQUEST)}\n\n${KEYS}\n\n${table(RESPONSE)}\n\n${TAIL}\n`;
}

function table(rows: readonly HeaderRow[]): string {
  const lines = rows.map(({ name, text }) => `| \`${name}${name.endsWith('-') ? '*' : ''}\` | ${text} |`);
  return ['| header | meaning |', '|---|---|', ...lines].join('\n');
}

/** Names of our own and LiteLLM's headers that stand as texts in the code of the data plane. */
function headersInCode(): ReadonlySet<string> {
  const files = projectFiles().filter(
    (file) => /^src\/(?:gateway|surfaces\/http|providers)\/.*\.ts$/.test(file) && !file.endsWith('.test.ts'),
  );
  const names = new Set<string>();
  for (const file of files) {
    walkSyntax(file, readFileSync(inRoot(file), 'utf8'), (node) => {
      const value = node.type === 'TemplateElement' ? (node['value'] as { raw?: unknown }).raw : node['value'];
      if (typeof value === 'string' && OURS.test(value)) names.add(value);
    });
  }
  return names;
}

const HEAD = `# Headers

Held to the code by \`npm run docs\`. Names of headers are not case-sensitive.

## Of a request`;

const KEYS = `A key is read from the header that \`general_settings.litellm_key_header_name\` names, then from \`x-litellm-api-key\`, \`Authorization\`
(\`Bearer\`, or the password of \`Basic\`), \`api-key\`, \`x-api-key\`, \`x-goog-api-key\`, \`Ocp-Apim-Subscription-Key\`. The first that is there counts.

Only these go on to the upstream: \`content-type\`, \`accept\`, \`openai-beta\`, \`idempotency-key\`, \`traceparent\`, \`tracestate\`, and the
deployment's own \`extra_headers\`. The caller's key never does.

## Of an answer

The first four stand on every answer, whatever it is; the others on the answer of a call.`;

const TAIL = `An upstream's \`x-ratelimit-*\` and \`request-id\` also stand under their own names.
Names and values that come from callers or configs are percent-encoded where they are not printable ASCII.`;
