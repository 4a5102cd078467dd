import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import {
  answerBytes,
  answerChunks,
  answerJson,
  startFakeUpstream,
  type FakeUpstream,
} from '../support/fake-upstream.ts';
import { MASTER_KEY, startHarness, type Harness } from '../support/harness.ts';
import { headOf, sendRaw } from '../support/raw-http.ts';

let upstream: FakeUpstream;
let gateway: Harness;

/** Bytes that a body may have here. */
const LIMIT_MB = 1;

beforeAll(async () => {
  upstream = await startFakeUpstream(() => answerJson({ ok: true }));
  const deployment = (group: string, model: string, tags: readonly string[]): object => ({
    model_name: group,
    litellm_params: { model, api_key: 'sk-upstream-secret', api_base: `${upstream.url}/v1`, tags },
    model_info: { id: `${group}-${tags[0] ?? 'any'}` },
  });
  // Of the two providers one has every endpoint but rerank, the other rerank.
  const group = (name: string, provider: string): object[] => [
    deployment(name, `${provider}/free-model`, ['free']),
    deployment(name, `${provider}/paid-model`, ['paid']),
    deployment(name, `${provider}/std-model`, ['default']),
  ];
  gateway = await startHarness({
    model_list: [
      ...group('org/all', 'openai'),
      ...group('org/rank', 'hosted_vllm'),
      deployment('old', 'text-completion-openai/davinci', []),
      deployment('open', 'openai/open-model', []),
    ],
    router_settings: { enable_tag_filtering: true },
    general_settings: { max_request_size_mb: LIMIT_MB },
  });
});

beforeEach(() => upstream.reset());

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

interface Subject {
  readonly operation: string;
  readonly path: string;
  readonly group: string;
  /** A body without its model: JSON text that must survive to the byte. */
  readonly rest: string;
  /** The field that it cannot do without, and a value of it that is wrong. */
  readonly needs?: readonly [field: string, wrong: string];
  /** Every path beside those that end in `path`. */
  readonly more?: readonly string[];
}

const SUBJECTS: readonly Subject[] = [
  {
    operation: 'responses',
    path: '/responses',
    group: 'org/all',
    rest: '"input":"Hi", "seed" : 9007199254740993,"ünï":"\\ud800"',
    more: ['/openai/v1/responses', '/openai/responses'],
  },
  {
    operation: 'moderations',
    path: '/moderations',
    group: 'org/all',
    rest: '"input": ["a",{"type":"text"}]',
    needs: ['input', 'null'],
  },
  {
    operation: 'image_generations',
    path: '/images/generations',
    group: 'org/all',
    rest: '"prompt":"A cat","n":1e0',
    needs: ['prompt', 'null'],
  },
  {
    operation: 'speech',
    path: '/audio/speech',
    group: 'org/all',
    rest: '"input":"Hi","voice":{"id":"x"}',
    needs: ['input', 'null'],
  },
  {
    operation: 'rerank',
    path: '/rerank',
    group: 'org/rank',
    rest: '"query":"q","documents":["a",{"text":"b"}]',
    needs: ['documents', '"one"'],
    more: ['/v2/rerank'],
  },
];

const bodyFor = ({ group, rest }: Subject, fields = ''): string => `{"model":"${group}",${rest}${fields}}`;
const sent = (): string => upstream.requests[0]?.body.toString('utf8') ?? '';

describe.each(SUBJECTS.map((subject) => [subject.operation, subject] as const))('%s', (_, subject) => {
  const { path, group, rest, needs, more = [] } = subject;

  test('the name of the group is rewritten, and no other byte', async () => {
    for (const each of [path, `/v1${path}`, ...more]) {
      upstream.reset();
      const answer = await gateway.post(each, bodyFor(subject));
      expect([each, answer.status]).toEqual([each, 200]);
      expect(await answer.json()).toEqual({ ok: true });
      expect(upstream.requests[0]).toMatchObject({ method: 'POST', path: `/v1${path}` });
      expect(upstream.requests[0]?.header('content-type')).toBe('application/json');
      expect(upstream.requests[0]?.header('authorization')).toBe('Bearer sk-upstream-secret');
      expect(sent()).toBe(`{"model":"std-model",${rest}}`);
      expect(answer.headers.get('x-litellm-model-id')).toBe(`${group}-default`);
      expect(answer.headers.get('x-litellm-model-group')).toBe(group);
    }
  });

  test.each(['/openai/deployments/', '/engines/', '/v1/engines/'])('the path %s names the group', async (prefix) => {
    for (const name of [group, encodeURIComponent(group)]) {
      upstream.reset();
      const answer = await gateway.post(`${prefix}${name}${path}?api-version=2025-04-01`, `{"model":"other",${rest}}`);
      expect(answer.status).toBe(200);
      expect(upstream.requests[0]?.path).toBe(`/v1${path}`);
      expect(sent()).toBe(`{"model":"std-model",${rest}}`);
    }
  });

  test.each([
    ['tags', ',"tags":["paid"]', {}],
    ['metadata', ',"metadata":{"tags":["paid"]}', {}],
    ['litellm_metadata', ',"litellm_metadata":{"tags":["paid"]}', {}],
    ['the header', '', { 'x-litellm-tags': 'paid' }],
  ])('is routed by tags in %s, which stay here', async (_name, fields, headers) => {
    const answer = await gateway.post(`/v1${path}`, bodyFor(subject, fields), { headers });
    expect(answer.headers.get('x-litellm-model-id')).toBe(`${group}-paid`);
    expect(sent()).toBe(`{"model":"paid-model",${rest}}`);
  });

  test('a body over the limit is refused, and nothing sent', async () => {
    const large = `,"filler":"${'x'.repeat(LIMIT_MB * 1024 * 1024)}"`;
    const answer = await gateway.post(`/v1${path}`, bodyFor(subject, large));
    expect(answer.status).toBe(413);
    expect(await answer.json()).toMatchObject({ error: { code: 'body_too_large' } });
    expect(upstream.started).toBe(0);
  });

  test('an unknown group is refused by name', async () => {
    const answer = await gateway.post(`/v1${path}`, `{"model":"org/al",${rest}}`);
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ error: { code: 'model_not_found', param: 'model' } });
    expect(upstream.started).toBe(0);
  });

  const wrong: (readonly [body: string, code: string, param: string])[] = [
    ['', 'invalid_json', 'request_body'],
    ['{bad', 'invalid_json', 'request_body'],
    ['[]', 'invalid_body', 'request_body'],
    [`{${rest}}`, 'missing_field', 'model'],
    [`{"model":7,${rest}}`, 'invalid_field', 'model'],
    [bodyFor(subject, ',"model":"x"'), 'duplicate_field', 'model'],
    [bodyFor(subject, ',"tags":[1]'), 'invalid_tags', 'tags[0]'],
    [bodyFor(subject, ',"stream":"yes"'), 'invalid_field', 'stream'],
    [bodyFor(subject, ',"api_base":"http://x"'), 'forbidden_field', 'api_base'],
  ];
  if (needs !== undefined) {
    const [field, value] = needs;
    wrong.push([`{"model":"${group}"${field === 'documents' ? ',"query":"q"' : ''}}`, 'missing_field', field]);
    wrong.push([`{"model":"${group}","query":"q","${field}":${value}}`, 'invalid_field', field]);
  }
  test.each(wrong)('%s is refused, and nothing sent', async (body, code, param) => {
    const answer = await gateway.post(`/v1${path}`, body);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { code, param } });
    expect(upstream.started).toBe(0);
  });

  test('a deployment that does not offer it', async () => {
    const answer = await gateway.post(`/v1${path}`, `{"model":"old",${rest}}`);
    expect(answer.status).toBe(400);
    const { error } = (await answer.json()) as { error: Record<string, unknown> };
    expect(error).toMatchObject({ code: 'endpoint_not_supported', type: 'invalid_request_error', param: 'model' });
    expect(upstream.started).toBe(0);
  });

  test('another method is refused with Allow', async () => {
    const answer = await gateway.get(`/v1${path}`);
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
  });

  test("the upstream's own error comes with its status", async () => {
    upstream.respondWith(answerJson({ error: { message: 'no', code: 'their_code' } }, { status: 422 }));
    const answer = await gateway.post(`/v1${path}`, bodyFor(subject));
    expect(answer.status).toBe(422);
    expect(await answer.json()).toEqual({ error: { message: 'no', code: 'their_code' } });
  });
});

describe("metadata of responses is the provider's own", () => {
  test.each([
    ['goes on as it is', '{"job":"7","n":1}', '{"job":"7","n":1}'],
    ['less our keys', '{"tags":["paid"],"job":"7","spend_logs_metadata":{}}', '{"job":"7"}'],
  ])('%s', async (_name, given, wanted) => {
    await gateway.post('/v1/responses', `{"model":"open","input":"Hi","metadata":${given}}`);
    expect(sent()).toBe(`{"model":"open-model","input":"Hi","metadata":${wanted}}`);
  });

  test('and what stands in litellm_metadata stays here', async () => {
    const body = { model: 'open', input: 'Hi', litellm_metadata: { tags: ['x'], a: 1 }, metadata: { a: 'b' } };
    await gateway.post('/v1/responses', body);
    expect(upstream.requests[0]?.json()).toEqual({ model: 'open-model', input: 'Hi', metadata: { a: 'b' } });
  });
});

const named = (data: Record<string, unknown>): string =>
  `event: ${String(data['type'])}\ndata: ${JSON.stringify(data)}\n\n`;

const STREAMS: readonly (readonly [operation: string, path: string, asks: object, events: readonly string[]])[] = [
  [
    'responses',
    '/v1/responses',
    { input: 'Hi', stream: true },
    [
      named({ type: 'response.created', sequence_number: 0, response: { object: 'response', status: 'in_progress' } }),
      named({ type: 'response.output_text.delta', sequence_number: 1, delta: 'Hi "error" ü' }),
      named({ type: 'response.completed', sequence_number: 2, response: { status: 'completed' } }),
    ],
  ],
  [
    'image_generations',
    '/v1/images/generations',
    { prompt: 'A cat', stream: true, partial_images: 1 },
    [
      named({ type: 'image_generation.partial_image', b64_json: 'aGk=' }),
      named({ type: 'image_generation.completed', b64_json: 'A'.repeat(400_000) }),
    ],
  ],
  [
    'speech',
    '/v1/audio/speech',
    { input: 'Hi', voice: 'alloy', stream_format: 'sse' },
    [named({ type: 'speech.audio.delta', audio: 'aGk=' }), named({ type: 'speech.audio.done', usage: {} })],
  ],
];

describe.each(STREAMS)('a stream of %s', (operation, path, asks, events) => {
  const ask = (): Promise<Response> => gateway.post(path, { model: 'open', ...asks });

  test('that is complete comes byte for byte, without [DONE]', async () => {
    upstream.respondWith(answerChunks(events));
    const answer = await ask();
    expect(answer.headers.get('content-type')).toBe('text/event-stream');
    expect(await answer.text()).toBe(events.join(''));
    expect(await gateway.settled(gateway.calls.length)).toMatchObject({ outcome: 'ok', stream: true });
  });

  test.each(['end', 'cut', 'reset'] as const)('that breaks off ends with an error event (%s)', async (ending) => {
    upstream.respondWith(answerChunks(events.slice(0, 1), { ending, delayMs: 5 }));
    const text = await (await ask()).text();
    expect(text.startsWith(events[0] ?? '-')).toBe(true);
    const [, data = ''] = /event: error\ndata: (.*)\n\n$/.exec(text) ?? [];
    const told = JSON.parse(data) as Record<string, unknown>;
    const words = { code: 'upstream_failed', message: expect.stringContaining('The upstream') as string, param: null };
    expect(told).toMatchObject(
      operation === 'responses' ? { type: 'error', ...words } : { type: 'error', error: words },
    );
    if (operation === 'responses') expect(told['sequence_number']).toBe(1);
    expect((await gateway.settled(gateway.calls.length)).outcome).toBe('upstream_failed');
  });
});

test("a response that failed, and an error event, are the upstream's failure", async () => {
  for (const event of [
    named({ type: 'response.failed', response: { status: 'failed', error: { code: 'server_error' } } }),
    named({ type: 'error', code: 'server_error', message: 'no', param: null, sequence_number: 0 }),
  ]) {
    upstream.respondWith(answerChunks([event]));
    const answer = await gateway.post('/v1/responses', { model: 'open', input: 'Hi', stream: true });
    expect(await answer.text()).toBe(event);
    expect((await gateway.settled(gateway.calls.length)).outcome).toBe('upstream_failed');
  }
});

describe('mock_response', () => {
  const mocked = async (path: string, fields: object): Promise<{ status: number; text: string }> => {
    const answer = await gateway.post(path, { model: 'open', ...fields });
    return { status: answer.status, text: await answer.text() };
  };

  test('of a response, whole and as its events', async () => {
    const whole = await mocked('/v1/responses', { input: 'Hi', mock_response: 'canned words' });
    const answer = JSON.parse(whole.text) as Record<string, unknown>;
    expect(answer).toMatchObject({ object: 'response', status: 'completed', model: 'open' });
    expect(answer['output']).toMatchObject([
      { type: 'message', content: [{ type: 'output_text', text: 'canned words' }] },
    ]);
    const { text } = await mocked('/v1/responses', { input: 'Hi', stream: true, mock_response: 'canned words' });
    const events = [...text.matchAll(/^event: (.*)\ndata: (.*)$/gm)].map(
      ([, name, data = '']) =>
        [name, JSON.parse(data)] as [string, { type: string; sequence_number: number; delta?: string }],
    );
    expect(
      events.every(([name, { type }], index) => name === type && events[index]?.[1].sequence_number === index),
    ).toBe(true);
    expect(events.map(([, { delta = '' }]) => delta).join('')).toBe('canned words');
    expect(events.at(-1)?.[0]).toBe('response.completed');
    expect(text).not.toContain('[DONE]');
    expect(upstream.started).toBe(0);
  });

  test.each([
    ['an object', { data: [{ url: 'https://x' }] }],
    ['JSON text', '{"data":[{"url":"https://x"}]}'],
  ])('of images: %s', async (_name, mock) => {
    const { text } = await mocked('/v1/images/generations', { prompt: 'A cat', mock_response: mock });
    expect(JSON.parse(text)).toEqual({ data: [{ url: 'https://x' }] });
    expect(upstream.started).toBe(0);
  });

  test.each([
    ['/v1/responses', { input: 'x', mock_response: 7 }, 400, 'invalid_field'],
    ['/v1/images/generations', { prompt: 'x', mock_response: 'no JSON' }, 400, 'invalid_field'],
    ['/v1/moderations', { input: 'x', mock_response: 'x' }, 400, 'invalid_field'],
    ['/v1/audio/speech', { input: 'x', mock_response: 'x' }, 400, 'invalid_field'],
    ['/v1/responses', { input: 'x', mock_response: 'litellm.RateLimitError' }, 429, 'mock_error'],
    ['/v1/moderations', { input: 'x', mock_response: 'litellm.InternalServerError' }, 500, 'mock_error'],
  ])('%s with %j', async (path, fields, status, code) => {
    const answer = await mocked(path, fields);
    expect([answer.status, JSON.parse(answer.text)]).toMatchObject([status, { error: { code } }]);
    expect(upstream.started).toBe(0);
  });
});

test('a pipelined second call after bytes', async () => {
  upstream.respondWith(answerBytes('abc', { headers: { 'content-type': 'audio/mpeg' } }));
  const body = '{"model":"open","input":"Hi"}';
  const head = headOf(
    'POST /audio/speech HTTP/1.1',
    'Host: localhost',
    `Authorization: Bearer ${MASTER_KEY}`,
    `Content-Length: ${body.length}`,
  );
  const answer = await sendRaw(gateway.port, head + body + head + body);
  expect(answer.text.match(/\r\n\r\nabc/g)).toHaveLength(2);
});
