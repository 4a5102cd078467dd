import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { answerBytes, answerJson, startFakeUpstream, type FakeUpstream } from '../support/fake-upstream.ts';
import { MASTER_KEY, startHarness, type Harness } from '../support/harness.ts';
import { headOf, sendRaw } from '../support/raw-http.ts';

let upstream: FakeUpstream;
let gateway: Harness;

beforeAll(async () => {
  upstream = await startFakeUpstream();
  const to = (model: string, more: object = {}) => ({
    model,
    api_key: 'sk-upstream-secret',
    api_base: `${upstream.url}/v1`,
    ...more,
  });
  gateway = await startHarness({
    model_list: [
      { model_name: 'gpt-4', litellm_params: to('openai/free', { tags: ['free'] }), model_info: { id: 'free-id' } },
      { model_name: 'gpt-4', litellm_params: to('openai/paid', { tags: ['paid'] }), model_info: { id: 'paid-id' } },
      {
        model_name: 'gpt-4',
        litellm_params: to('openai/std', { tags: ['default'] }),
        model_info: { id: 'default-id' },
      },
      {
        model_name: 'tuned',
        litellm_params: to('openai/tuned', { temperature: 0.25, extra_headers: { 'X-Team': 'blue' } }),
      },
      { model_name: 'openai/*', litellm_params: to('openai/*'), model_info: { id: 'wild' } },
      { model_name: '__proto__', litellm_params: to('openai/odd'), model_info: { id: 'constructor' } },
      { model_name: 'umlaut', litellm_params: to('openai/u', { tags: ['grün'] }), model_info: { id: 'green' } },
      {
        model_name: 'mocked',
        litellm_params: { model: 'openai/m', mock_response: 'canned' },
        model_info: { id: 'mock' },
      },
    ],
    router_settings: { enable_tag_filtering: true, model_group_alias: { nick: 'gpt-4' } },
  });
});

beforeEach(() => upstream.reset());

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

const sent = (): string => upstream.requests[0]?.body.toString('utf8') ?? '';

describe('bytes in, bytes out', () => {
  test.each([
    [
      'big numbers, key order, unknown fields and white space survive',
      '{ "z":1e400, "seed": 9007199254740993,\n"messages":[ ],"model" : "gpt-4","ünï":"\\ud800" }',
      '{ "z":1e400, "seed": 9007199254740993,\n"messages":[ ],"model" : "std","ünï":"\\ud800" }',
    ],
    [
      'our own fields are taken out',
      '{"model":"gpt-4","tags":["free"],"messages":[],"litellm_metadata":{"a":1},"fallbacks":["x"],"num_retries":3,"cache":{},"no-log":true,"n":1}',
      '{"model":"free","messages":[],"n":1}',
    ],
    [
      'metadata stays here without store',
      '{"model":"gpt-4","messages":[],"metadata":{"tags":["paid"],"job":"7"}}',
      '{"model":"paid","messages":[]}',
    ],
    [
      'metadata of a stored chat goes on, less our keys',
      '{"model":"gpt-4","messages":[],"store":true,"metadata":{"tags":["paid"],"job":"7"}}',
      '{"model":"paid","messages":[],"store":true,"metadata":{"job":"7"}}',
    ],
    [
      'metadata that is not all text stays here',
      '{"model":"gpt-4","messages":[],"store":true,"metadata":{"job":7}}',
      '{"model":"std","messages":[],"store":true}',
    ],
    [
      'a default parameter fills a gap',
      '{"model":"tuned","messages":[]}',
      '{"model":"tuned","messages":[],"temperature":0.25}',
    ],
    [
      'and only a gap',
      '{"model":"tuned","messages":[],"temperature":1}',
      '{"model":"tuned","messages":[],"temperature":1}',
    ],
    ['a wildcard fills the model', '{"model":"openai/gpt-9","messages":[]}', '{"model":"gpt-9","messages":[]}'],
    ['an escaped key is the key', '{"\\u006dodel":"gpt-4","messages":[]}', '{"\\u006dodel":"std","messages":[]}'],
    ['a byte order mark is dropped', '\ufeff{"model":"gpt-4","messages":[]}', '{"model":"std","messages":[]}'],
  ])('%s', async (_name, body, wanted) => {
    const answer = await gateway.post('/v1/chat/completions', body);
    expect(answer.status).toBe(200);
    expect(sent()).toBe(wanted);
  });

  test('the answer comes back byte for byte, its unknown fields and big numbers too', async () => {
    const body = '{ "id":"x","big":12345678901234567890, "model":"served-2024", "choices":[] }\n';
    upstream.respondWith(answerBytes(body, { headers: { 'content-type': 'application/json' } }));
    const answer = await gateway.chat({ model: 'gpt-4' });
    expect(await answer.text()).toBe(body);
    expect(answer.headers.get('content-length')).toBe(String(body.length));
  });
});

describe('tags in every place', () => {
  test.each([
    ['body', { tags: ['paid'] }, {}, 'paid-id'],
    ['one text', { tags: 'paid' }, {}, 'paid-id'],
    ['metadata', { metadata: { tags: ['paid'] } }, {}, 'paid-id'],
    ['metadata as JSON text', { metadata: '{"tags":["paid"]}' }, {}, 'paid-id'],
    ['litellm_metadata', { litellm_metadata: { tags: ['paid'] } }, {}, 'paid-id'],
    ['header', {}, { 'x-litellm-tags': 'paid, my-custom-tag' }, 'paid-id'],
    ['nowhere', {}, {}, 'default-id'],
    ['unknown tags fall to default', { tags: ['__proto__'] }, {}, 'default-id'],
  ])('%s', async (_name, fields, headers, id) => {
    const answer = await gateway.chat({ model: 'gpt-4', ...fields }, { headers });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-litellm-model-id')).toBe(id);
    expect(upstream.requests).toHaveLength(1);
    expect(sent()).not.toContain('paid-id');
    expect(sent()).not.toContain('tags');
  });

  test.each([
    [{ tags: [1] }, 'tags[0]'],
    [{ tags: { a: 1 } }, 'tags'],
    [{ tags: [null] }, 'tags[0]'],
    [{ metadata: { tags: [''] } }, 'metadata.tags[0]'],
    [{ litellm_metadata: { tags: ['a\u0007b'] } }, 'litellm_metadata.tags[0]'],
  ])('a wrong shape is a 400 that names the field: %j', async (fields, param) => {
    const answer = await gateway.chat({ model: 'gpt-4', ...fields });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { code: 'invalid_tags', param } });
    expect(upstream.started).toBe(0);
  });
});

test.each(['utf8', 'latin1'] as const)('a header with %s bytes is the tag that it spells', async (encoding) => {
  const body = '{"model":"umlaut","messages":[]}';
  const lines = ['Host: localhost', `Authorization: Bearer ${MASTER_KEY}`, `Content-Length: ${body.length}`];
  const head = headOf('POST /v1/chat/completions HTTP/1.1', ...lines, 'x-litellm-tags: grün');
  const answer = await sendRaw(gateway.port, Buffer.from(head, encoding), body);
  expect(answer.status).toBe(200);
  expect(answer.text).toContain('x-litellm-model-id: green');
});

describe('endpoints', () => {
  test.each([
    ['/v1/chat/completions', { model: 'gpt-4', messages: [] }, '/v1/chat/completions', 'std'],
    ['/chat/completions', { model: 'gpt-4', messages: [] }, '/v1/chat/completions', 'std'],
    ['/openai/deployments/gpt-4/chat/completions?api-version=1', { messages: [] }, '/v1/chat/completions', 'std'],
    ['/openai/deployments/nick/chat/completions', { model: 'other', messages: [] }, '/v1/chat/completions', 'std'],
    ['/engines/openai%2Fgpt-7/chat/completions', { messages: [] }, '/v1/chat/completions', 'gpt-7'],
    ['/engines/openai/gpt-7/embeddings', { input: 'x' }, '/v1/embeddings', 'gpt-7'],
    ['/v1/completions', { model: 'paid-id', prompt: 'x' }, '/v1/completions', 'paid'],
    ['/v1/embeddings', { model: 'gpt-4', input: [1, 2] }, '/v1/embeddings', 'std'],
    ['/embeddings', { model: '__proto__', input: 'x' }, '/v1/embeddings', 'odd'],
  ])('POST %s', async (path, body, upstreamPath, upstreamModel) => {
    upstream.respondWith(answerJson({ ok: true }));
    const answer = await gateway.post(path, body);
    expect(answer.status).toBe(200);
    expect(upstream.requests[0]?.path).toBe(upstreamPath);
    expect(upstream.requests[0]?.json()['model']).toBe(upstreamModel);
  });

  test.each<readonly [string, string, string, string]>([
    ['/v1/chat/completions', '', 'invalid_json', 'request_body'],
    ['/v1/chat/completions', '{bad', 'invalid_json', 'request_body'],
    ['/v1/chat/completions', '[]', 'invalid_body', 'request_body'],
    ['/v1/chat/completions', '{"messages":[]}', 'missing_field', 'model'],
    ['/v1/chat/completions', '{"model":null,"messages":[]}', 'missing_field', 'model'],
    ['/v1/chat/completions', '{"model":["a"],"messages":[]}', 'invalid_field', 'model'],
    ['/v1/chat/completions', '{"model":"gpt-4"}', 'missing_field', 'messages'],
    ['/v1/chat/completions', '{"model":"gpt-4","messages":"hi"}', 'invalid_field', 'messages'],
    ['/v1/chat/completions', '{"model":"gpt-4","messages":[],"stream":"yes"}', 'invalid_field', 'stream'],
    ['/v1/chat/completions', '{"model":"gpt-4","messages":[],"timeout":-1}', 'invalid_field', 'timeout'],
    ['/v1/chat/completions', '{"model":"gpt-4","messages":[],"metadata":[]}', 'invalid_field', 'metadata'],
    ['/v1/chat/completions', '{"model":"gpt-4","messages":[],"model":"x"}', 'duplicate_field', 'model'],
    ['/v1/completions', '{"model":"gpt-4"}', 'missing_field', 'prompt'],
    ['/v1/embeddings', '{"model":"gpt-4","input":null}', 'invalid_field', 'input'],
    ...['api_base', 'base_url', 'api_key', 'user_config'].map(
      (field) =>
        ['/v1/chat/completions', `{"model":"gpt-4","messages":[],"${field}":"x"}`, 'forbidden_field', field] as const,
    ),
  ])('%s with %s is refused', async (path, body, code, param) => {
    const answer = await gateway.post(path, body);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { code, param, type: 'invalid_request_error' } });
    expect(upstream.started).toBe(0);
  });

  test('a form and an encoded body are not JSON', async () => {
    const encoded = await gateway.chat({ model: 'gpt-4' }, { headers: { 'content-encoding': 'gzip' } });
    expect(encoded.status).toBe(415);
    const form = await gateway.chat(
      { model: 'gpt-4' },
      { headers: { 'content-type': 'multipart/form-data; boundary=x' } },
    );
    expect(form.status).toBe(415);
  });
});

describe('headers', () => {
  test('only the allow-list goes upstream, with the credential of the deployment', async () => {
    const headers = {
      'openai-beta': 'assistants=v2',
      'idempotency-key': 'abc',
      traceparent: '00-1-2-01',
      'x-forwarded-for': '1.2.3.4',
      'x-litellm-timeout': '30',
      cookie: 'a=b',
      'openai-organization': 'theirs',
      'x-team': 'red',
    };
    await gateway.chat({ model: 'tuned' }, { headers });
    const request = upstream.requests[0];
    const names = request?.rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
    expect(names?.sort()).toEqual(
      [
        'accept',
        'accept-encoding',
        'authorization',
        'connection',
        'content-length',
        'content-type',
        'host',
        'idempotency-key',
        'openai-beta',
        'traceparent',
        'x-team',
      ].sort(),
    );
    expect(request?.header('authorization')).toBe('Bearer sk-upstream-secret');
    expect(request?.header('x-team')).toBe('blue');
    expect(request?.header('accept-encoding')).toBe('identity');
  });

  test('the answer says where it came from', async () => {
    upstream.respondWith(
      answerJson(
        { ok: 1 },
        { headers: { 'x-ratelimit-remaining-requests': '99', 'set-cookie': 'a=b', 'x-odd': 'sk-upstream-secret' } },
      ),
    );
    const answer = await gateway.chat({ model: 'nick', tags: ['free'] }, { headers: { 'x-waymark-explain': 'true' } });
    const shown = Object.fromEntries(answer.headers);
    expect(shown).toMatchObject({
      'x-litellm-model-id': 'free-id',
      'x-litellm-model-group': 'nick',
      'x-litellm-model-name': 'openai/free',
      'x-litellm-model-api-base': `${upstream.url}/v1`,
      'x-litellm-version': '1.106.2',
      'x-litellm-attempted-retries': '0',
      'x-litellm-attempted-fallbacks': '0',
      'x-ratelimit-remaining-requests': '99',
      'llm_provider-x-ratelimit-remaining-requests': '99',
      'llm_provider-content-type': 'application/json',
      'llm_provider-x-odd': '[redacted]',
    });
    expect(Number(shown['x-litellm-response-duration-ms'])).toBeGreaterThan(0);
    expect(Number(shown['x-litellm-overhead-duration-ms'])).toBeGreaterThanOrEqual(0);
    expect(shown['x-waymark-explain']).toContain('order=free-id');
    expect(shown['set-cookie']).toBeUndefined();
    expect(shown['llm_provider-set-cookie']).toBeUndefined();
    expect(shown['x-waymark-decision-id']).toContain(shown['x-litellm-call-id']);
  });

  test('a name with line breaks does not become a header', async () => {
    const answer = await gateway.chat({ model: 'openai/x\r\nset-cookie: a=b', tags: [] });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('set-cookie')).toBeNull();
    expect(answer.headers.get('x-litellm-model-group')).toBe('openai/x%0D%0Aset-cookie: a=b');
  });
});

describe('mock_response', () => {
  test('is routed as usual, and nothing is sent', async () => {
    const answer = await gateway.chat({ model: 'gpt-4', tags: ['paid'], mock_response: 'hello there' });
    expect(answer.headers.get('x-litellm-model-id')).toBe('paid-id');
    expect(await answer.json()).toMatchObject({
      model: 'gpt-4',
      choices: [{ message: { content: 'hello there' }, finish_reason: 'stop' }],
    });
    expect(upstream.started).toBe(0);
  });

  test('of a deployment', async () => {
    expect(await (await gateway.chat({ model: 'mocked' })).json()).toMatchObject({
      choices: [{ message: { content: 'canned' } }],
    });
  });

  test('streams', async () => {
    const text = await (
      await gateway.chat({ model: 'gpt-4', stream: true, mock_response: 'a fairly long text' })
    ).text();
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
    expect(text.split('\n\n').length).toBe(5);
  });

  test('embeds', async () => {
    const answer = await gateway.post('/v1/embeddings', { model: 'gpt-4', input: 'x', mock_response: [0.5, 1] });
    expect(await answer.json()).toMatchObject({ data: [{ embedding: [0.5, 1] }] });
  });

  test.each([
    ['litellm.RateLimitError', 429, 'mock_error'],
    ['litellm.InternalServerError', 500, 'mock_error'],
    ['litellm.ContextWindowExceededError', 400, 'mock_error'],
    [17, 400, 'invalid_field'],
  ])('%j', async (mock, status, code) => {
    const answer = await gateway.chat({ model: 'gpt-4', mock_response: mock });
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ error: { code } });
  });
});

test('nothing a caller names reaches the prototype of objects', async () => {
  for (const name of ['__proto__', 'constructor', 'hasOwnProperty', 'toString']) {
    await gateway.chat(
      { model: name, tags: [name], metadata: { [name]: 'x', tags: [name] } },
      { headers: { 'x-litellm-tags': name } },
    );
    await gateway.post(
      '/v1/chat/completions',
      `{"model":"gpt-4","messages":[],"__proto__":{"polluted":1},"metadata":{"__proto__":{"polluted":1}}}`,
    );
    await gateway.get(`/v1/models/${name}`);
    await gateway.get(`/${name}`);
  }
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});
