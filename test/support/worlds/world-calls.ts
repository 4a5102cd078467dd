/** Calls that a key of a world may make, by every way in, and everything that the caller sees of the answer. */
import { request } from 'undici';
import type { Dice } from './dice.ts';
import { modelsOf, type World } from './world.ts';

export interface WorldCall {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** The name in `model`; undefined: a page that is asked for. */
  readonly model: string | undefined;
  readonly sendsTags: boolean;
}

export interface Seen {
  readonly status: number;
  /** Head and body, as the caller gets them. */
  readonly text: string;
  /** `x-litellm-model-id`. */
  readonly served: string | undefined;
  readonly code: string | undefined;
}

const KEY_HEADERS = ['authorization', 'x-litellm-api-key', 'api-key', 'x-api-key', 'x-goog-api-key'];
const AGENTS = ['curl/8.5', 'claude-cli/1.0', 'Mozilla/5.0'];

/** `names`: what else a caller may put into `model`, its own aliases and those of others. */
export function drawCall(
  dice: Dice,
  world: World,
  { key, names }: { key: string; names: readonly string[] },
): WorldCall {
  const auth = dice.one(KEY_HEADERS);
  const headers = { [auth]: auth === 'authorization' ? `Bearer ${key}` : key, 'user-agent': dice.one(AGENTS) };
  const model = dice.chance(4) ? dice.name('nothing') : dice.one([...modelsOf(world), ...names]);
  if (dice.chance(15)) return drawPage(dice, world, { headers, model });
  const tags = drawTags(dice, world);
  const ways = ['header', 'tags', 'metadata', 'text', 'litellm_metadata'] as const;
  const way = tags.length === 0 ? undefined : dice.one(ways);
  const fields = {
    model,
    ...(way === 'tags' ? { tags } : {}),
    ...(way === 'metadata' ? { metadata: { tags, note: 'mine' } } : {}),
    ...(way === 'text' ? { metadata: JSON.stringify({ tags }) } : {}),
    ...(way === 'litellm_metadata' ? { litellm_metadata: { tags } } : {}),
    ...drawTricks(dice, world),
  };
  const sent = { ...headers, ...(way === 'header' ? { 'x-litellm-tags': tags.join(',') } : {}) };
  return {
    ...drawEntry(dice, fields),
    headers: { ...sent, 'content-type': 'application/json' },
    model,
    sendsTags: way !== undefined,
  };
}

function drawTags(dice: Dice, world: World): string[] {
  if (dice.chance(35)) return [];
  const names = [...world.tags, ...world.tags, 'default', dice.name('nobody')];
  const { prefix } = world.settings;
  return dice
    .some(names, 3)
    .map((name) => `${dice.chance(60) ? prefix : ''}${dice.one(['', '', '', '', '!', '&'])}${name}`);
}

/** What people try in order to be sent elsewhere. */
function drawTricks(dice: Dice, world: World): object {
  const other = dice.one(modelsOf(world));
  return dice.one<object>([
    {},
    {},
    {},
    { fallbacks: [other] },
    { fallbacks: [{ model: other, messages: [], metadata: { tags: [dice.one(world.tags)] } }] },
    { mock_testing_fallbacks: true, num_retries: 3 },
    { context_window_fallbacks: [{ [other]: [dice.one(world.groups)] }] },
    { router_settings_override: { tag_authority: 'union', enable_tag_filtering: false } },
    { custom_llm_provider: 'openai', model_list: [{ model_name: other }] },
    { user: other, store: true },
  ]);
}

type Entry = Pick<WorldCall, 'method' | 'path' | 'body'>;

function drawEntry(dice: Dice, fields: Record<string, unknown>): Entry {
  const { model } = fields;
  const chat = { ...fields, messages: [{ role: 'user', content: 'hi' }], ...(dice.chance(30) ? { stream: true } : {}) };
  const named = encodeURIComponent(String(model));
  const [path, body] = dice.one<readonly [string, object]>([
    ['/v1/chat/completions', chat],
    ['/chat/completions', chat],
    [`/openai/deployments/${named}/chat/completions`, { ...chat, model: 'another-name' }],
    [`/engines/${String(model)}/chat/completions`, { ...chat, model: undefined }],
    ['/v1/completions', { ...fields, prompt: 'hi' }],
    ['/v1/embeddings', { ...fields, input: 'hi' }],
    [`/openai/deployments/${named}/embeddings`, { ...fields, input: 'hi' }],
  ]);
  return { method: 'POST', path, body: JSON.stringify(body) };
}

function drawPage(
  dice: Dice,
  world: World,
  { headers, model }: { headers: Record<string, string>; model: string },
): WorldCall {
  const get = { method: 'GET', headers, body: undefined, model: undefined, sendsTags: false } as const;
  const question = { model, tags: drawTags(dice, world) };
  const explain = {
    method: 'POST',
    path: '/route/explain',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(question),
    model: undefined,
    sendsTags: question.tags.length > 0,
  } as const;
  const path = dice.one([
    '/v1/models',
    '/model/info',
    '/model_group/info',
    `/v1/models/${encodeURIComponent(model)}`,
    `/model/info?litellm_model_id=${encodeURIComponent(model)}`,
    `/model_group/info?model_group=${encodeURIComponent(model)}`,
  ]);
  return dice.chance(40) ? explain : { ...get, path };
}

export async function make(call: WorldCall, url: string): Promise<Seen> {
  const { method, path, headers, body } = call;
  const answer = await request(url + path, {
    method,
    headers: { ...headers, 'x-waymark-explain': 'true' },
    ...(body === undefined ? {} : { body }),
  });
  const text = await answer.body.text();
  const served = answer.headers['x-litellm-model-id'];
  return {
    status: answer.statusCode,
    text: `${JSON.stringify(answer.headers)}\n${text}`,
    served: typeof served === 'string' ? served : undefined,
    code: codeOf(text),
  };
}

function codeOf(text: string): string | undefined {
  return /"code":"([a-z_]+)"/.exec(text)?.[1];
}
