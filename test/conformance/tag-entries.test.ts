import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chatBehaviour, startFakeUpstream } from '../support/fake-upstream.ts';
import type { FakeUpstream } from '../support/fake-upstream.ts';
import { MASTER_KEY, startHarness } from '../support/harness.ts';
import type { Harness } from '../support/harness.ts';

let upstream: FakeUpstream;
let gateway: Harness;

beforeAll(async () => {
  upstream = await startFakeUpstream(() => chatBehaviour());
  const deployment = (id: string, tags: readonly string[]): object => ({
    model_name: 'group',
    litellm_params: { model: 'openai/m', api_base: `${upstream.url}/${id}/v1`, api_key: 'none', tags },
    model_info: { id },
  });
  gateway = await startHarness({
    model_list: [
      deployment('free', ['free']),
      deployment('accent', ['é']),
      deployment('comma', ['a,b']),
      deployment('default', ['default']),
    ],
    router_settings: { enable_tag_filtering: true },
  });
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

interface Sent {
  /** Values of `x-litellm-tags`, a header line each; every character is one byte. */
  readonly headers?: readonly string[];
  /** Fields of the body beside model and messages, as JSON without the braces. */
  readonly body?: string;
}

interface Answer {
  readonly status: number;
  readonly served: string | undefined;
  readonly code?: string;
  readonly param?: string;
}

/** A call with exactly these header bytes and this body. */
async function call({ headers = [], body = '' }: Sent): Promise<Answer> {
  const whole = `{"model": "group", "messages": [{"role": "user", "content": "hi"}]${body === '' ? '' : `, ${body}`}}`;
  return new Promise((resolve, reject) => {
    const sent = request(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: [
        'host',
        'gateway',
        'content-type',
        'application/json',
        'authorization',
        `Bearer ${MASTER_KEY}`,
        ...headers.flatMap((value) => ['x-litellm-tags', value]),
        'content-length',
        String(Buffer.byteLength(whole)),
      ],
    });
    sent.on('error', reject);
    sent.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const parsed = JSON.parse(Buffer.concat(chunks).toString()) as { error?: { code: string; param: string } };
        const served = response.headers['x-litellm-model-id'] as string | undefined;
        resolve({ status: response.statusCode ?? 0, served, ...parsed.error });
      });
    });
    // A text would take the header along into UTF-8.
    sent.end(Buffer.from(whole));
  });
}

const utf8 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');
const many = (count: number): string => JSON.stringify(Array.from({ length: count }, (_, index) => `t${index}`));

describe('the places a tag can come from', () => {
  it.each<[string, Sent, string]>([
    ['a header', { headers: ['free'] }, 'free'],
    ['a header with empty parts and white space', { headers: [' ,, free ,\t'] }, 'free'],
    ['a header of commas only', { headers: [',, ,'] }, 'default'],
    ['two header lines', { headers: ['nobody', 'free'] }, 'free'],
    ['a header in UTF-8', { headers: [utf8('é')] }, 'accent'],
    ['a header in Latin-1', { headers: ['é'] }, 'accent'],
    ['a list in the body', { body: '"tags": ["free"]' }, 'free'],
    ['one text in the body', { body: '"tags": "free"' }, 'free'],
    ['one text with a comma is one tag', { body: '"tags": "a,b"' }, 'comma'],
    ['metadata', { body: '"metadata": {"tags": ["free"]}' }, 'free'],
    ['one text in metadata', { body: '"metadata": {"tags": "free"}' }, 'free'],
    ['litellm_metadata', { body: '"litellm_metadata": {"tags": ["free"]}' }, 'free'],
    ['null everywhere', { body: '"tags": null, "metadata": {"tags": null}, "litellm_metadata": null' }, 'default'],
    ['no list at all', { body: '"tags": [], "metadata": {}' }, 'default'],
    ['an escaped tag', { body: '"tags": ["\\u0066ree"]' }, 'free'],
    ['an escaped key', { body: '"\\u0074ags": ["free"]' }, 'free'],
    ['a decomposed accent is another tag', { body: '"tags": ["e\\u0301"]' }, 'default'],
    [
      '64 of all sources',
      { headers: ['free,x'], body: `"tags": ${many(31)}, "metadata": {"tags": ${many(31)}}` },
      'free',
    ],
    ['256 bytes', { body: `"tags": ["${'é'.repeat(128)}", "free"]` }, 'free'],
    ['header and body count both', { headers: ['free'], body: '"tags": ["nobody"]' }, 'free'],
  ])('%s', async (_, sent, served) => {
    expect(await call(sent)).toEqual({ status: 200, served });
  });

  it.each<[string, Sent, string]>([
    ['a number', { body: '"tags": 7' }, 'tags'],
    ['an object', { body: '"tags": {"free": true}' }, 'tags'],
    ['null in a list', { body: '"tags": ["free", null]' }, 'tags'],
    ['an empty text', { body: '"tags": ""' }, 'tags'],
    ['white space only', { body: '"tags": ["  "]' }, 'tags'],
    ['a list in a list', { body: '"tags": [["free"]]' }, 'tags'],
    ['a control character', { body: '"tags": ["fr\\u0000ee"]' }, 'tags'],
    ['DEL', { body: '"metadata": {"tags": ["fr\\u007fee"]}' }, 'metadata.tags'],
    ['257 bytes', { body: `"litellm_metadata": {"tags": ["${'é'.repeat(128)}a"]}` }, 'litellm_metadata.tags'],
    ['257 bytes in the header', { headers: ['n'.repeat(257)] }, 'x-litellm-tags'],
    ['a number in metadata', { body: '"metadata": {"tags": [1]}' }, 'metadata.tags'],
  ])('%s is refused, and the field named', async (_, sent, param) => {
    const { status, code, param: named } = await call(sent);
    expect({ status, code, named: named?.startsWith(param) }).toEqual({
      status: 400,
      code: 'invalid_tags',
      named: true,
    });
  });

  it('65 of all sources are refused', async () => {
    const sent = { headers: ['free,x'], body: `"tags": ${many(31)}, "metadata": {"tags": ${many(32)}}` };
    expect(await call(sent)).toMatchObject({ status: 400, code: 'invalid_tags' });
  });

  it('sends nothing of them upstream', async () => {
    upstream.reset();
    await call({
      headers: ['free'],
      body: '"tags": ["secret-1"], "metadata": {"tags": ["secret-2"]}, "litellm_metadata": {"tags": ["secret-3"]}',
    });
    const [arrived] = upstream.requests;
    const everything = `${arrived?.path} ${arrived?.rawHeaders.join('\n')} ${arrived?.body.toString()}`;
    expect(everything).toContain('hi');
    expect(everything).not.toMatch(/secret|free,|x-litellm-tags|litellm_metadata/i);
  });
});
