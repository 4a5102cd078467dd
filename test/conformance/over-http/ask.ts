import { request } from 'undici';
import type { FakeUpstream } from '../../support/fake-upstream.ts';
import type { CaseAnswer, TagCase } from '../../support/tag-case.ts';
import { idInCase, placedModel } from '../../support/case-gateway.ts';
import { placeRow } from './config.ts';

/** Where to ask, with what key, and the upstream that every deployment of the config points at. */
export interface Target {
  readonly baseUrl: string;
  readonly key: string;
  readonly upstream: FakeUpstream;
}

/** What came of one row. */
export interface RowResult {
  readonly row: TagCase;
  readonly ok: boolean;
  readonly expected: string;
  readonly found: string;
}

/** Throws, with what to do, where the gateway is not there, refuses the key, or does not run with the set's config. */
export async function checkGateway({ baseUrl, key }: Target, rows: readonly TagCase[]): Promise<void> {
  const response = await request(`${baseUrl}/v1/models`, { headers: { authorization: `Bearer ${key}` } }).catch(
    (error: unknown) => {
      throw new Error(`No gateway answers at ${baseUrl} (${error instanceof Error ? error.message : 'unknown'}).`);
    },
  );
  const text = await response.body.text();
  if (response.statusCode === 401) throw new Error(`${baseUrl} refuses the key. Give its master key with --key.`);
  if (response.statusCode !== 200) throw new Error(`${baseUrl}/v1/models answers ${response.statusCode}: ${text}`);
  const missing = rows.find((row) => !text.includes(`"${placedModel(placeRow(row))}"`));
  if (missing !== undefined) {
    throw new Error(
      `${baseUrl} has no group ${placedModel(placeRow(missing))}: start it with the config of --write-config.`,
    );
  }
}

/** Enough calls to see each of five equally likely deployments but once in a million runs. */
const MOST_CALLS = 80;

/** Asks one row until every deployment that may serve has served, or something else happened. */
export async function askRow(row: TagCase, expected: CaseAnswer, target: Target): Promise<RowResult> {
  const allowed = expected.available ?? expected.eligible ?? [];
  const seen = new Set<string>();
  for (let call = 0; call < MOST_CALLS; call += 1) {
    const answer = await callOnce(row, target);
    if ('status' in answer) return compareRefusal(row, expected, answer);
    seen.add(answer.id);
    if (!allowed.includes(answer.id)) break;
    if (allowed.every((id) => seen.has(id))) break;
  }
  const found = [...seen].sort().join(', ');
  const wanted = [...allowed].sort().join(', ');
  return { row, ok: found === wanted, expected: describeExpected(expected), found };
}

interface Refusal {
  readonly status: number;
  readonly code: string;
}

function compareRefusal(row: TagCase, expected: CaseAnswer, found: Refusal): RowResult {
  // LiteLLM's column knows the status only.
  const ok = found.status === expected.status && (expected.code === undefined || found.code === expected.code);
  return { row, ok, expected: describeExpected(expected), found: `${found.status} ${found.code}`.trim() };
}

function describeExpected(expected: CaseAnswer): string {
  if (expected.status !== undefined) return `${expected.status} ${expected.code ?? ''}`.trim();
  return [...(expected.available ?? expected.eligible ?? [])].sort().join(', ');
}

/** One call: the deployment that served it (its id in the row), or the refusal. Throws where header and upstream disagree. */
async function callOnce(row: TagCase, { baseUrl, key, upstream }: Target): Promise<{ id: string } | Refusal> {
  const { tags, user_agent: userAgent } = row.request;
  const before = upstream.requests.length;
  const response = await request(`${baseUrl}/v1/chat/completions`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      ...(userAgent === undefined ? {} : { 'user-agent': userAgent }),
    },
    body: JSON.stringify({
      model: placedModel(placeRow(row)),
      messages: [{ role: 'user', content: 'Which deployment are you?' }],
      ...(tags === undefined ? {} : { tags }),
    }),
  });
  const text = await response.body.text();
  const reached = upstream.requests.slice(before).map((each) => each.path.split('/')[1] ?? '');
  if (response.statusCode !== 200) {
    if (reached.length > 0)
      throw new Error(`Row ${row.n}: refused with ${response.statusCode}, but ${reached[0]} was called.`);
    return { status: response.statusCode, code: codeOf(text) };
  }
  const named = response.headers['x-litellm-model-id'];
  if (reached.length !== 1 || (named !== undefined && named !== reached[0])) {
    throw new Error(`Row ${row.n}: the answer names ${String(named)}, called were: ${reached.join(', ') || 'none'}.`);
  }
  return { id: idInCase(placeRow(row), reached[0] ?? '') };
}

function codeOf(text: string): string {
  try {
    const parsed = JSON.parse(text) as { error?: { code?: unknown } };
    return typeof parsed.error?.code === 'string' ? parsed.error.code : '';
  } catch {
    return '';
  }
}
