import { loopbackProblem } from '../../gateway/loopback.ts';
import type { ProductIdentity } from '../../gateway/stamp.ts';
import { answerText, type Visit } from './respond.ts';

/** Groups that are named on the page; more are counted. */
const MOST_GROUPS = 50;

/** `GET /`: what this is and what to type. HTML for browsers, plain text for anything else; nothing from elsewhere. */
export function homePage(visit: Visit, product: ProductIdentity): void {
  const accept = visit.exchange.headers.get('accept') ?? '';
  const facts = factsOf(visit, product);
  if (!accept.includes('text/html')) {
    answerText(visit, plainText(facts), 'text/plain; charset=utf-8');
    return;
  }
  const policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'";
  const headers = [
    ...visit.stamp.headers,
    'content-type',
    'text/html; charset=utf-8',
    'content-security-policy',
    policy,
    'x-content-type-options',
    'nosniff',
    'referrer-policy',
    'no-referrer',
  ];
  visit.exchange.answer(200, headers, html(facts));
}

interface Facts {
  readonly title: string;
  readonly groups: readonly string[];
  readonly more: number;
  readonly url: string;
  readonly calls: readonly { readonly title: string; readonly line: string }[];
}

function factsOf(visit: Visit, product: ProductIdentity): Facts {
  const all = [...new Set(visit.snapshot.config.deployments.map((one) => one.group))];
  // Anybody may read this page; what the groups are called is for this machine and for the holders of keys.
  const groups = fromThisMachine(visit) ? all.slice(0, MOST_GROUPS) : [];
  const url = `http://${safeHost(visit.exchange.headers.get('host'))}`;
  return {
    title: `Waymark ${product.version}`,
    groups,
    more: groups.length === 0 ? 0 : all.length - groups.length,
    url,
    calls: exampleCalls(url, groups[0] ?? 'GROUP'),
  };
}

/** True for a program of this machine that asked for it by name, and no proxy in between. */
function fromThisMachine({ exchange }: Visit): boolean {
  const { headers, remoteAddress } = exchange;
  const forwarded = headers.get('forwarded') ?? headers.get('x-forwarded-for');
  const local = /^(?:::ffff:)?127\.|^::1$/.test(remoteAddress);
  return local && forwarded === undefined && loopbackProblem(headers) === undefined;
}

function exampleCalls(url: string, group: string): Facts['calls'] {
  const curl = (body: object): string =>
    `curl -i ${url}/v1/chat/completions -H 'Authorization: Bearer YOUR_KEY' -H 'Content-Type: application/json' -d '${quoted(JSON.stringify(body))}'`;
  const messages = [{ role: 'user', content: 'Hello' }];
  return [
    { title: 'A call tagged free', line: curl({ model: group, messages, tags: ['free'] }) },
    { title: 'A call tagged paid', line: curl({ model: group, messages, tags: ['paid'] }) },
    { title: 'A call without tags', line: curl({ model: group, messages }) },
  ];
}

function plainText(facts: Facts): string {
  const lines = [facts.title, 'An LLM gateway that routes by tags and can always say why.', ''];
  if (facts.groups.length > 0) lines.push(`Groups: ${facts.groups.join(', ')}${moreText(facts.more)}`, '');
  lines.push('Endpoints:', ...endpoints(facts.url).map((line) => `  ${line}`), '');
  for (const call of facts.calls) lines.push(`${call.title}:`, `  ${call.line}`, '');
  return lines.join('\n');
}

function html(facts: Facts): string {
  const list = (items: readonly string[]): string =>
    `<ul>${items.map((item) => `<li><code>${escaped(item)}</code></li>`).join('')}</ul>`;
  const groups =
    facts.groups.length === 0 ? '' : `<h2>Groups</h2>${list(facts.groups)}<p>${escaped(moreText(facts.more))}</p>`;
  const calls = facts.calls.map((call) => `<h3>${escaped(call.title)}</h3><pre>${escaped(call.line)}</pre>`).join('');
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escaped(facts.title)}</title><style>body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c2430;background:#fff}
pre{overflow-x:auto;background:#f2f4f7;padding:.8rem;border-radius:6px}@media(prefers-color-scheme:dark){body{color:#e6e9ee;background:#14181f}pre{background:#1f2530}}</style></head>
<body><h1>${escaped(facts.title)}</h1><p>An LLM gateway that routes by tags and can always say why.</p>
${groups}<h2>Endpoints</h2>${list(endpoints(facts.url))}<h2>Try it</h2>${calls}</body></html>
`;
}

function endpoints(url: string): string[] {
  return [
    `POST ${url}/v1/chat/completions`,
    `POST ${url}/v1/completions`,
    `POST ${url}/v1/embeddings`,
    `GET ${url}/v1/models`,
    `POST ${url}/route/explain`,
    `GET ${url}/health/readiness`,
    `GET ${url}/routes`,
  ];
}

function moreText(more: number): string {
  return more > 0 ? ` and ${more} more` : '';
}

/** A Host as sent by the client, or a stand-in where it is not just a name and a port. */
function safeHost(host: string | undefined): string {
  return host !== undefined && /^[A-Za-z0-9.:[\]-]{1,255}$/.test(host) ? host : 'localhost:4000';
}

/** Text inside single quotes of a shell. */
function quoted(text: string): string {
  return text.replaceAll("'", String.raw`'\''`);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
