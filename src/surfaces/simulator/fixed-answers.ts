import { CREATED, identityHeaders } from './answers.ts';
import type { Refused } from './asked.ts';
import type { SimulatorSettings } from './options.ts';
import { jsonTemplate, type ExtraHeaders, type Template } from './template.ts';

interface ErrorWords {
  readonly type: string;
  readonly code: string | null;
  readonly message: string;
}

const WORDS: ReadonlyMap<number, ErrorWords> = new Map([
  [401, { type: 'invalid_request_error', code: 'invalid_api_key', message: 'Incorrect API key provided.' }],
  [403, { type: 'invalid_request_error', code: 'unsupported_country_region_territory', message: 'Not allowed here.' }],
  [404, { type: 'invalid_request_error', code: 'model_not_found', message: 'The model does not exist.' }],
  [429, { type: 'requests', code: 'rate_limit_exceeded', message: 'Rate limit reached for requests.' }],
]);

/** The error that a share of requests gets: OpenAI's shape, type and code for the status; retry-after with 429 and 503. */
export function errorTemplate(status: number, settings: SimulatorSettings): Template {
  const usual: ErrorWords =
    status >= 500
      ? { type: 'server_error', code: null, message: 'The server had an error while processing your request.' }
      : { type: 'invalid_request_error', code: null, message: 'The request was refused.' };
  const { type, code, message } = WORDS.get(status) ?? usual;
  const error = { message: `${message} (simulated by ${settings.name})`, type, param: null, code };
  const wait: ExtraHeaders =
    status === 429 || status === 503 ? [['retry-after', String(settings.retryAfterSeconds)]] : [];
  return jsonTemplate({ error }, { status, extra: [...wait, ...identityHeaders(settings.name)] });
}

/** Status 400 for a request that lacks something. */
export function refusedTemplate(refused: Refused, settings: SimulatorSettings): Template {
  const error = { message: refused.message, type: 'invalid_request_error', param: refused.param, code: null };
  return jsonTemplate({ error }, { status: 400, extra: identityHeaders(settings.name) });
}

/** Answers to everything that is no model call: the list of models, one model, the front page, an unknown path. */
export function fixedTemplate(method: string, path: string, settings: SimulatorSettings): Template {
  const extra = identityHeaders(settings.name);
  const bare = path.replace(/^\/v1(?=\/|$)/, '');
  if (method === 'GET' && bare === '/models') {
    const data = settings.models.map((id) => modelObject(id, settings));
    return jsonTemplate({ object: 'list', data }, { status: 200, extra });
  }
  const single = /^\/models\/(.+)$/.exec(bare)?.[1];
  if (method === 'GET' && single !== undefined) {
    return jsonTemplate(modelObject(decoded(single), settings), { status: 200, extra });
  }
  if (method === 'GET' && (bare === '/' || bare === '/health')) {
    return jsonTemplate({ status: 'ok', simulated_upstream: settings.name }, { status: 200, extra });
  }
  const message = `Unknown request URL: ${method} ${path}. The simulator serves /v1/chat/completions, /v1/completions, /v1/embeddings, /v1/responses, /v1/moderations, /v1/images/generations, /v1/images/edits, /v1/audio/speech, /v1/audio/transcriptions, /v1/audio/translations, /v1/rerank and /v1/models.`;
  const error = { message, type: 'invalid_request_error', param: null, code: 'unknown_url' };
  return jsonTemplate({ error }, { status: 404, extra });
}

function modelObject(id: string, settings: SimulatorSettings): unknown {
  return { id, object: 'model', created: CREATED, owned_by: settings.name };
}

/** A path segment decoded, or as it came where its escapes are broken. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
