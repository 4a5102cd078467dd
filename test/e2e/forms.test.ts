import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { answerJson, startFakeUpstream, type FakeUpstream } from '../support/fake-upstream.ts';
import { BOUNDARY, field, file, FORM_TYPE, formBytes, readForm, type FormPart } from '../support/forms.ts';
import { MASTER_KEY, startHarness, type Harness } from '../support/harness.ts';

let upstream: FakeUpstream;
let gateway: Harness;

const ENDPOINTS = ['/audio/transcriptions', '/audio/translations', '/images/edits'] as const;
const OK = { text: 'Hello' };

beforeAll(async () => {
  upstream = await startFakeUpstream(() => answerJson(OK));
  const deployment = (model_name: string, id: string, more: object = {}): object => ({
    model_name,
    litellm_params: {
      model: `openai/${id}-model`,
      api_key: `sk-upstream-secret-${id}`,
      api_base: `${upstream.url}/v1`,
      ...more,
    },
    model_info: { id },
  });
  gateway = await startHarness({
    model_list: [
      deployment('whisper', 'default', { tags: ['default'] }),
      deployment('whisper', 'paid', { tags: ['paid'] }),
      deployment('whisper', 'free', { tags: ['free'] }),
      deployment('tagged', 'tagged', { tags: ['free'] }),
      deployment('defaults', 'defaults', { language: 'de', temperature: 0.5, include: ['logprobs'] }),
    ],
    router_settings: { enable_tag_filtering: true },
    general_settings: { max_request_size_mb: 4 },
  });
});

beforeEach(() => upstream.reset());

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

interface Sent {
  readonly type?: string;
  readonly headers?: Record<string, string>;
  readonly path?: string;
}

function send(
  body: NonNullable<RequestInit['body']>,
  { type = FORM_TYPE, headers = {}, path }: Sent = {},
): Promise<Response> {
  return fetch(`${gateway.url}${path ?? '/v1/audio/transcriptions'}`, {
    method: 'POST',
    headers: { 'content-type': type, authorization: `Bearer ${MASTER_KEY}`, ...headers },
    body,
    duplex: 'half',
  });
}

const post = (parts: readonly FormPart[], sent: Sent = {}): Promise<Response> => send(formBytes(...parts), sent);

/** What a file may look like inside: much like a form. */
const SOUND = Buffer.concat([
  randomBytes(2000),
  Buffer.from(
    `\r\n--${BOUNDARY.slice(0, -1)}\r\n\n--${BOUNDARY}\nContent-Disposition: form-data; name="model"\n\nother\r\n--`,
  ),
  randomBytes(999),
]);
/** More than is held in memory. */
const LARGE = Buffer.concat([SOUND, randomBytes(900_000)]);
const SIZES = [
  ['a small file', SOUND],
  ['a large file', LARGE],
] as const;

const required = (path: string): FormPart[] => (path === '/images/edits' ? [field('prompt', 'a cat')] : []);
const fileOf = (path: string, value: Buffer): FormPart => file(value, path === '/images/edits' ? 'image[]' : 'file');

describe.each(ENDPOINTS)('%s', (path) => {
  test.each([
    ...SIZES.map(
      ([what, bytes]) =>
        [`model before ${what}`, bytes, (p: FormPart) => [field('model', 'whisper'), ...required(path), p]] as const,
    ),
    ...SIZES.map(
      ([what, bytes]) =>
        [`model behind ${what}`, bytes, (p: FormPart) => [p, ...required(path), field('model', 'whisper')]] as const,
    ),
  ])('%s: the name is rewritten, everything else arrives as it was', async (_, bytes, order) => {
    for (const prefix of ['', '/v1']) {
      const parts = order(fileOf(path, bytes));
      const answer = await post([...parts, field('unknown_field', 'stays')], { path: prefix + path });
      expect([answer.status, await answer.json()]).toEqual([200, OK]);
      expect(answer.headers.get('x-litellm-model-id')).toBe('default');
    }
    for (const request of upstream.requests) {
      expect(request.path).toBe(`/v1${path}`);
      expect(request.header('authorization')).toBe('Bearer sk-upstream-secret-default');
      const got = await readForm(request);
      const wanted = [...order(fileOf(path, bytes)), field('unknown_field', 'stays')];
      expect(got).toEqual(wanted.map(({ name, value }) => [name, name === 'model' ? 'default-model' : value]));
      expect(request.body.includes('filename="a.mp3"\r\nContent-Type: audio/mpeg\r\n\r\n')).toBe(true);
      expect(request.header('content-type')).not.toContain(BOUNDARY);
    }
  });

  test.each(['/openai/deployments/whisper', '/v1/engines/whisper', '/engines/whisper'])(
    '%s: the path names the group',
    async (prefix) => {
      for (const [, bytes] of SIZES) {
        const parts = [fileOf(path, bytes), ...required(path), field('model', 'anything')];
        for (const order of [parts, parts.slice(0, -1), parts.toReversed()]) {
          const answer = await post(order, { path: prefix + path });
          expect(answer.status).toBe(200);
          const got = await readForm(upstream.requests.at(-1) as (typeof upstream.requests)[number]);
          expect(got.filter(([name]) => name === 'model')).toEqual([['model', 'default-model']]);
        }
      }
    },
  );

  test.each([
    ['the header', [], { 'x-litellm-tags': 'paid' }, 'paid'],
    ['tags as one text', [field('tags', 'paid')], {}, 'paid'],
    ['tags with commas', [field('tags', 'other, paid,')], {}, 'paid'],
    ['tags as a JSON list', [field('tags', '["paid"]')], {}, 'paid'],
    ['tags[] in parts', [field('tags[]', 'other'), field('tags[]', 'paid')], {}, 'paid'],
    ['metadata as JSON', [field('metadata', '{"tags":["paid"],"x":1}')], {}, 'paid'],
    ['litellm_metadata as JSON', [field('litellm_metadata', '{"tags":["free"]}')], {}, 'free'],
    ['metadata[tags][] in parts', [field('metadata[x]', 'y'), field('metadata[tags][]', 'paid')], {}, 'paid'],
    ['metadata[tags]', [field('metadata[tags]', 'free')], {}, 'free'],
    ['nothing', [field('metadata', '{"x":1}')], {}, 'default'],
  ] as const)('is routed by %s', async (_, fields, headers, id) => {
    for (const [, bytes] of SIZES) {
      const parts = [...fields, field('model', 'whisper'), ...required(path), fileOf(path, bytes)];
      const answer = await post(parts, { path: `/v1${path}`, headers });
      expect([answer.status, answer.headers.get('x-litellm-model-id')]).toEqual([200, id]);
    }
    // What is for the gateway stays here.
    for (const request of upstream.requests) {
      const names = (await readForm(request)).map(([name]) => name);
      expect(names).toEqual(['model', ...required(path).map(({ name }) => name), fileOf(path, SOUND).name]);
    }
  });

  test.each([
    ['an unknown group', [field('model', 'nope')], 404, 'model_not_found', 'model'],
    ['no model', [], 400, 'missing_field', 'model'],
    ['an empty model', [field('model', '')], 400, 'invalid_field', 'model'],
    ['a model as a file', [{ name: 'model', value: 'whisper', filename: 'm' }], 400, 'invalid_form', 'model'],
    ['a model as a list', [field('model[]', 'whisper')], 400, 'invalid_form', 'model[]'],
    ['a model that is not UTF-8', [{ name: 'model', value: Buffer.of(0xff) }], 400, 'invalid_form', 'model'],
    ['a Model', [field('Model', 'whisper'), field('model', 'whisper')], 400, 'invalid_form', 'Model'],
    ['two models', [field('model', 'whisper'), field('model', 'whisper')], 400, 'duplicate_field', 'model'],
    [
      'tags in two ways',
      [field('model', 'whisper'), field('tags', 'a'), field('tags[]', 'b')],
      400,
      'duplicate_field',
      'tags',
    ],
    ['a forbidden field', [field('model', 'whisper'), field('api_key', 'sk-x')], 400, 'forbidden_field', 'api_key'],
    [
      'a forbidden field in brackets',
      [field('model', 'whisper'), field('api_base[x]', 'y')],
      400,
      'forbidden_field',
      'api_base[x]',
    ],
    ['tags that are no JSON', [field('model', 'whisper'), field('tags', '[paid')], 400, 'invalid_tags', 'tags'],
    ['tags that are no texts', [field('model', 'whisper'), field('tags', '[1]')], 400, 'invalid_tags', 'tags[0]'],
    ['tags that fit nothing', [field('model', 'tagged'), field('tags', 'zzz')], 400, 'no_deployment_for_tags', 'tags'],
    [
      'metadata that is no object',
      [field('model', 'whisper'), field('metadata', '[]')],
      400,
      'invalid_field',
      'metadata',
    ],
    ['a stream that is neither', [field('model', 'whisper'), field('stream', 'maybe')], 400, 'invalid_field', 'stream'],
    [
      'a field beyond its bound',
      [field('model', 'whisper'), field('metadata', 'x'.repeat(70_000))],
      400,
      'invalid_form',
      'metadata',
    ],
    ['a foreign charset', [field('_charset_', 'utf-16'), field('model', 'whisper')], 400, 'invalid_form', '_charset_'],
  ] as const)('%s is refused, and nothing goes upstream', async (_, fields, status, code, param) => {
    for (const [, bytes] of SIZES) {
      const answer = await post([...fields, ...required(path), fileOf(path, bytes)], { path: `/v1${path}` });
      const { error } = (await answer.json()) as { error: { code: string; param: string } };
      expect([answer.status, error.code, error.param]).toEqual([status, code, param]);
    }
    expect(upstream.started).toBe(0);
  });
});

describe('what is no form', () => {
  const head = 'Content-Disposition: form-data; name="model"\r\n\r\n';
  const whole = `--b\r\n${head}whisper\r\n--b--\r\n`;
  const B = 'multipart/form-data; boundary=b';
  test.each([
    ['no boundary', 'multipart/form-data', whole, '400 invalid_form content-type'],
    ['two boundaries', `${B}; boundary=c`, whole, '400 invalid_form content-type'],
    [
      'a boundary of 71 characters',
      `multipart/form-data; boundary=${'-'.repeat(71)}`,
      whole,
      '400 invalid_form content-type',
    ],
    [
      'a boundary of ten thousand dashes',
      `multipart/form-data; boundary=${'-'.repeat(10_000)}`,
      '-'.repeat(200_000),
      '400 invalid_form content-type',
    ],
    ['a boundary with odd characters', 'multipart/form-data; boundary="a{b"', whole, '400 invalid_form content-type'],
    ['another boundary in the body', B, whole.replaceAll('--b', '--c'), '400 invalid_form request_body'],
    ['JSON in the body', B, '{"model":"whisper"}', '400 invalid_form request_body'],
    ['nothing in the body', B, '', '400 invalid_form request_body'],
    ['no last boundary', B, whole.slice(0, -6), '400 invalid_form request_body'],
    ['a part without a name', B, whole.replace('; name="model"', ''), '400 invalid_form request_body'],
    ['a part with two names', B, whole.replace('; name', '; name="x"; name'), '400 invalid_form request_body'],
    [
      'headers of 9 KB',
      B,
      whole.replace('\r\n\r\n', `\r\nX: ${'x'.repeat(9000)}\r\n\r\n`),
      '400 invalid_form request_body',
    ],
    ['257 parts', B, `--b\r\n${head.replace('model', 'x')}\r\n`.repeat(257) + whole, '400 invalid_form request_body'],
    [
      'a part in base64',
      B,
      whole.replace('\r\n\r\n', '\r\nContent-Transfer-Encoding: base64\r\n\r\n'),
      '400 invalid_form request_body',
    ],
    [
      'a form within',
      B,
      whole.replace('\r\n\r\n', '\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n'),
      '400 invalid_form model',
    ],
    ['JSON', 'application/json', '{"model":"whisper"}', '415 unsupported_media_type content-type'],
    ['a web form', 'application/x-www-form-urlencoded', 'model=whisper', '415 unsupported_media_type content-type'],
    ['multipart/mixed', 'multipart/mixed; boundary=b', whole, '415 unsupported_media_type content-type'],
  ])('%s: refused, and nothing goes upstream', async (_, type, body, wanted) => {
    for (const path of ['/v1/audio/transcriptions', '/openai/deployments/whisper/audio/translations']) {
      const answer = await send(body, { type, path });
      const { error } = (await answer.json()) as { error: { code: string; param: string } };
      expect(`${answer.status} ${error.code} ${error.param}`).toBe(wanted);
    }
    expect(upstream.started).toBe(0);
  });

  test('a form for an endpoint of JSON is refused, JSON for edits is not', async () => {
    const form = await post([field('model', 'whisper')], { path: '/v1/chat/completions' });
    expect([form.status, await form.text()]).toEqual([415, expect.stringContaining('This endpoint takes JSON')]);
    const json = { model: 'whisper', prompt: 'a cat', images: [{ file_id: 'file-1' }], tags: ['paid'] };
    const answer = await send(JSON.stringify(json), { type: 'application/json', path: '/v1/images/edits' });
    expect([answer.status, answer.headers.get('x-litellm-model-id')]).toEqual([200, 'paid']);
    const [request] = upstream.requests;
    expect([request?.path, request?.json()]).toEqual([
      '/v1/images/edits',
      { model: 'paid-model', prompt: 'a cat', images: [{ file_id: 'file-1' }] },
    ]);
    const web = await send('model=whisper', { type: 'application/x-www-form-urlencoded', path: '/v1/images/edits' });
    expect(web.status).toBe(415);
  });

  test.each([
    ['/v1/audio/transcriptions', [], 'file'],
    ['/v1/audio/translations', [field('prompt', 'x')], 'file'],
    ['/v1/images/edits', [field('prompt', 'x')], 'image'],
    ['/v1/images/edits', [file('x', 'image')], 'prompt'],
  ])('%s lacks a field that it needs', async (path, parts, param) => {
    const answer = await post([field('model', 'whisper'), ...parts], { path });
    const { error } = (await answer.json()) as { error: { code: string; param: string } };
    expect([answer.status, error.code, error.param]).toEqual([400, 'missing_field', param]);
  });
});

describe('what a form cannot smuggle', () => {
  const tricks = [
    [
      'a file that holds a field behind a line feed',
      `x\n--${BOUNDARY}\nContent-Disposition: form-data; name="model"\n\nother\n--${BOUNDARY}--\n`,
    ],
    [
      'a file that holds a whole form',
      `--${BOUNDARY.slice(1)}\r\nContent-Disposition: form-data; name="model"\r\n\r\nother\r\n`,
    ],
  ] as const;
  test.each(tricks)('%s arrives as that file', async (_, inside) => {
    for (const padding of ['', 'x'.repeat(900_000)]) {
      expect((await post([field('model', 'whisper'), file(padding + inside)])).status).toBe(200);
      const got = await readForm(upstream.requests.at(-1) as (typeof upstream.requests)[number]);
      expect(got).toEqual([
        ['model', 'default-model'],
        ['file', Buffer.from(padding + inside)],
      ]);
      // Whatever an upstream takes for a line end: the boundary of the client is none of its own.
      const type = upstream.requests.at(-1)?.header('content-type') ?? '';
      expect(inside).not.toContain(type.slice(type.indexOf('boundary=') + 9));
    }
  });

  test('a file name that holds quotes and more arrives as a name', async () => {
    const part = { name: 'file', value: 'x', filename: 'a\\"; name=\\"model\\".mp3' };
    expect((await post([field('model', 'whisper'), part])).status).toBe(200);
    const body = upstream.requests[0]?.body.toString('latin1');
    expect(body).toContain('name="file"; filename="a%22; name=%22model%22.mp3"\r\n');
  });
});
