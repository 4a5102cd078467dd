// What becomes of forms that are large: passed on while they come, kept in a temporary file, given up half-way.
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { SpoolFolder } from '../../src/adapters/spool/spool-folder.ts';
import type { SpoolFile, SpoolStore } from '../../src/gateway/ports.ts';
import { eventually } from '../support/client-stage.ts';
import {
  answerBytes,
  answerEvents,
  answerJson,
  resetConnection,
  startFakeUpstream,
  type FakeUpstream,
} from '../support/fake-upstream.ts';
import {
  BOUNDARY,
  field,
  file,
  FORM_TYPE,
  formBytes,
  partBytes,
  partHead,
  readForm,
  type FormPart,
} from '../support/forms.ts';
import { MASTER_KEY, startHarness, type Harness } from '../support/harness.ts';
import { headOf, readRaw, type RawAnswer } from '../support/raw-http.ts';

/** Temporary files that are counted. */
class CountedSpools implements SpoolStore {
  opened = 0;
  stillOpen = 0;
  folder = '';

  async open(): Promise<SpoolFile> {
    const spooled = await new SpoolFolder(this.folder).open();
    this.opened += 1;
    this.stillOpen += 1;
    let closed = false;
    return {
      append: (bytes) => spooled.append(bytes),
      chunks: () => spooled.chunks(),
      close: async () => {
        if (!closed) this.stillOpen -= 1;
        closed = true;
        await spooled.close();
      },
    };
  }
}

const spools = new CountedSpools();
let below: string;
let upstream: FakeUpstream;
let gateway: Harness;
/** A server on bare sockets: answers before it has read the body. */
let early: { port: number; answer: string; ends: boolean; sockets: Socket[]; close(): Promise<void> };

async function startEarly(): Promise<typeof early> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => {
      if (early.ends) socket.end(early.answer);
      else socket.write(early.answer);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  return { port: (server.address() as AddressInfo).port, answer: '', ends: false, sockets, close };
}

beforeAll(async () => {
  below = await mkdtemp(join(tmpdir(), 'waymark-forms-'));
  upstream = await startFakeUpstream(() => answerJson({ text: 'Hello' }));
  early = await startEarly();
  const deployment = (id: string, api_base: string, more: object = {}, model_name = id): object => ({
    model_name,
    litellm_params: { model: `openai/${id}-model`, api_key: 'sk-upstream-secret', api_base, ...more },
    model_info: { id },
  });
  gateway = await startHarness(
    {
      model_list: [
        deployment('whisper', upstream.url),
        deployment('defaults', upstream.url, { language: 'de', temperature: 0.5, include: ['logprobs'] }),
        deployment('early', `http://127.0.0.1:${early.port}`),
        deployment('paid', upstream.url, { tags: ['paid'] }, 'tagged'),
        deployment('free', upstream.url, { tags: ['free'] }, 'tagged'),
        deployment('default', upstream.url, { tags: ['default'] }, 'tagged'),
        deployment('gone', 'http://127.0.0.1:9'),
      ],
      router_settings: { enable_tag_filtering: true },
      general_settings: { max_request_size_mb: 4 },
    },
    { spools },
  );
});

beforeEach(() => {
  upstream.reset();
  Object.assign(spools, { opened: 0, stillOpen: 0, folder: join(below, 'spool') });
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await Promise.all([upstream[Symbol.asyncDispose](), early.close()]);
  await rm(below, { recursive: true, force: true });
});

/** More than is held in memory, less than the limit. */
const LARGE = randomBytes(900_000);
const MODEL = field('model', 'whisper');

const post = (body: Buffer, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${gateway.url}/v1/audio/transcriptions`, {
    method: 'POST',
    headers: { 'content-type': FORM_TYPE, authorization: `Bearer ${MASTER_KEY}`, ...headers },
    body: new Uint8Array(body),
  });

async function refusal(answer: Response): Promise<string> {
  const { error } = (await answer.json()) as { error: { code: string; param: string | null } };
  return `${answer.status} ${error.code} ${error.param}`;
}

/** A client that sends a form in chunks, when it is told to. */
class PacedClient {
  readonly socket: Socket;
  readonly answer: Promise<RawAnswer>;

  constructor() {
    this.socket = connect(gateway.port, '127.0.0.1');
    const lines = ['Host: localhost', `Authorization: Bearer ${MASTER_KEY}`, `Content-Type: ${FORM_TYPE}`];
    this.socket.write(headOf('POST /v1/audio/transcriptions HTTP/1.1', ...lines, 'Transfer-Encoding: chunked'));
    this.answer = readRaw(this.socket);
  }

  send(...pieces: readonly Buffer[]): this {
    for (const piece of pieces) {
      this.socket.write(`${piece.byteLength.toString(16)}\r\n`);
      this.socket.write(piece);
      this.socket.write('\r\n');
    }
    return this;
  }

  end(): this {
    this.socket.write('0\r\n\r\n');
    return this;
  }
}

const CLOSE = Buffer.from(`--${BOUNDARY}--\r\n`);
const HALF = [partBytes(MODEL), partHead(file('')), LARGE.subarray(0, 500_000)];
const REST = [LARGE.subarray(500_000), Buffer.from('\r\n'), CLOSE];

describe('with the model first', () => {
  test('a file is on its way before all of it has come', async () => {
    const client = new PacedClient().send(...HALF);
    await eventually(() => upstream.bytesReceived > 400_000);
    expect([upstream.started, upstream.requests.length]).toEqual([1, 0]);
    client.send(...REST).end();
    expect((await client.answer).status).toBe(200);
    client.socket.destroy();
    expect(spools.opened).toBe(0);
    const [request] = upstream.requests;
    if (request === undefined) throw new Error('Nothing came.');
    expect(request.header('transfer-encoding')).toBe('chunked');
    expect(await readForm(request)).toEqual([
      ['model', 'whisper-model'],
      ['file', LARGE],
    ]);
  });

  test.each([
    ['a second model', field('model', 'other'), '400 duplicate_field model'],
    ['fallbacks', field('fallbacks', '["other"]'), '400 invalid_form fallbacks'],
    ['timeout', field('timeout', '1'), '400 invalid_form timeout'],
    ['mock_response', field('mock_response', 'x'), '400 invalid_form mock_response'],
    ['api_base', field('api_base', 'http://evil.example'), '400 forbidden_field api_base'],
    ['API_KEY', field('API_KEY', 'sk-x'), '400 forbidden_field API_KEY'],
    ['Model', field('Model', 'other'), '400 invalid_form Model'],
    [
      'a nested form',
      { name: 'x', value: '', filename: 'x', type: 'multipart/mixed; boundary=x' },
      '400 invalid_form x',
    ],
  ] as const)(
    '%s behind the file ends the call, and the upstream never has it whole',
    async (_, part: FormPart, wanted) => {
      expect(await refusal(await post(formBytes(MODEL, file(LARGE), part)))).toBe(wanted);
      await eventually(() => upstream.openConnections === 0);
      expect([upstream.started, upstream.requests.length]).toEqual([1, 0]);
      expect((await post(formBytes(MODEL, file(LARGE)))).status).toBe(200);
    },
  );

  test('what the upstream acts on may come behind the file; what is ours and changes nothing stays here', async () => {
    const behind = [
      field('prompt', 'p'),
      field('stream', 'false'),
      field('num_retries', '2'),
      field('metadata[trace]', 't'),
    ];
    expect((await post(formBytes(MODEL, file(LARGE), ...behind))).status).toBe(200);
    const names = (await readForm(await upstream.request(1))).map(([name]) => name);
    expect(names).toEqual(['model', 'file', 'prompt', 'stream']);
  });

  test.each([
    ['tags', [field('tags', 'a,b')]],
    ['tags[]', [field('tags[]', 'a'), field('tags[]', 'b')]],
    ['metadata', [field('metadata', '{"tags":["a","b"]}')]],
    ['metadata[tags][]', [field('metadata[tags][]', 'a'), field('metadata[tags][]', 'b'), field('metadata[x]', 'y')]],
    ['litellm_metadata', [field('litellm_metadata', '{"tags":["a","b"]}')]],
  ])('%s behind the file count where they do not choose, and stay here', async (_, behind) => {
    const settled = gateway.calls.length + 1;
    expect((await post(formBytes(MODEL, file(LARGE), ...behind))).status).toBe(200);
    expect(spools.opened).toBe(0);
    expect((await readForm(await upstream.request(1))).map(([name]) => name)).toEqual(['model', 'file']);
    expect((await gateway.settled(settled)).tags).toEqual(['a', 'b']);
  });

  test.each([
    ['a tag without a shape', field('tags', '[1]'), '400 invalid_tags tags[0]'],
    ['metadata that is no object', field('metadata', 'x'), '400 invalid_field metadata'],
    ['a tag that nothing has', field('tags', '&zzz'), '400 invalid_form tags'],
  ])('%s behind the file ends the call', async (_, part, wanted) => {
    expect(await refusal(await post(formBytes(MODEL, file(LARGE), part)))).toBe(wanted);
    await eventually(() => upstream.openConnections === 0);
    expect(upstream.requests).toEqual([]);
  });

  test('a form without its last boundary is never complete', async () => {
    const body = formBytes(MODEL, file(LARGE));
    const answer = await post(body.subarray(0, body.length - CLOSE.length - 2));
    expect(await refusal(answer)).toBe('400 invalid_form request_body');
    await eventually(() => upstream.openConnections === 0);
    expect(upstream.requests).toEqual([]);
  });

  test('a client that leaves in the middle ends it', async () => {
    const settled = gateway.calls.length + 1;
    const client = new PacedClient().send(...HALF);
    await eventually(() => upstream.bytesReceived > 400_000);
    client.socket.destroy();
    expect((await gateway.settled(settled)).outcome).toBe('client_gone');
    await eventually(() => upstream.openConnections === 0);
    expect(upstream.requests).toEqual([]);
  });
});

describe('where tags choose', () => {
  const tagged = field('model', 'tagged');
  test.each([
    ['none', [tagged, file(LARGE)], {}, 'default', 1],
    ['tags behind the file', [tagged, file(LARGE), field('tags[]', 'paid')], {}, 'paid', 1],
    ['metadata behind the file', [tagged, file(LARGE), field('metadata', '{"tags":["free"]}')], {}, 'free', 1],
    ['tags before the file', [tagged, field('tags', 'paid'), file(LARGE)], {}, 'paid', 0],
    ['the header', [tagged, file(LARGE)], { 'x-litellm-tags': 'free' }, 'free', 0],
    [
      'the header, and fitting ones behind',
      [tagged, file(LARGE), field('tags', 'free')],
      { 'x-litellm-tags': 'free' },
      'free',
      0,
    ],
  ] as const)('with %s the file goes nowhere before it is known where to', async (_, parts, headers, id, opened) => {
    const answer = await post(formBytes(...parts), headers);
    expect([answer.status, answer.headers.get('x-litellm-model-id'), spools.opened]).toEqual([200, id, opened]);
    expect([upstream.started, (await readForm(await upstream.request(1)))[0]?.[1]]).toEqual([1, `${id}-model`]);
  });

  test('tags that lead elsewhere once it is on its way end the call', async () => {
    const answer = await post(
      formBytes(tagged, field('tags', 'free'), file(LARGE), field('metadata', '{"tags":["!free"]}')),
    );
    expect(await refusal(answer)).toBe('400 invalid_form metadata');
    await eventually(() => upstream.openConnections === 0);
    expect(upstream.requests).toEqual([]);
  });
});

describe('with the file first', () => {
  test('nothing goes upstream before all of it has come, and then its length is known', async () => {
    const client = new PacedClient().send(partBytes(file(LARGE)), Buffer.from(`--${BOUNDARY}\r\n`));
    await eventually(() => spools.stillOpen === 1);
    expect(upstream.started).toBe(0);
    client.send(partBytes(MODEL).subarray(BOUNDARY.length + 4), CLOSE).end();
    expect((await client.answer).status).toBe(200);
    client.socket.destroy();
    const [request] = upstream.requests;
    if (request === undefined) throw new Error('Nothing came.');
    expect(request.header('content-length')).toBe(String(request.body.byteLength));
    expect(await readForm(request)).toEqual([
      ['file', LARGE],
      ['model', 'whisper-model'],
    ]);
    await eventually(() => spools.stillOpen === 0);
  });

  test.each([
    ['an answer', answerJson({ text: 'x' }), [MODEL], '200'],
    ['an error of the upstream', answerJson({ error: { message: 'no' } }, { status: 429 }), [MODEL], '429'],
    ['a refusal of our credential', answerJson({}, { status: 401 }), [MODEL], '502'],
    ['a broken connection', resetConnection(), [MODEL], '502'],
    ['an upstream that is not there', undefined, [field('model', 'gone')], '502'],
    ['an unknown group', undefined, [field('model', 'nope')], '404'],
    ['a forbidden field', undefined, [MODEL, field('api_key', 'x')], '400'],
    ['no model', undefined, [], '400'],
    ['two models', undefined, [MODEL, MODEL], '400'],
    ['a mock', undefined, [MODEL, field('mock_response', 'litellm.RateLimitError')], '429'],
  ] as const)('the temporary file is gone after %s', async (_, behaviour, behind, status) => {
    if (behaviour !== undefined) upstream.respondWith(behaviour);
    const answer = await post(formBytes(file(LARGE), ...behind));
    await answer.text();
    expect(String(answer.status)).toBe(status);
    await eventually(() => spools.stillOpen === 0);
    expect([spools.opened, await readdir(spools.folder)]).toEqual([1, []]);
  });

  test.each([
    ['without its last boundary', formBytes(file(LARGE), MODEL).subarray(0, -4), '400 invalid_form request_body'],
    ['beyond the limit', formBytes(file(randomBytes(5_000_000)), MODEL), '413 body_too_large null'],
  ])('the temporary file is gone after a form %s', async (_, body, wanted) => {
    const client = new PacedClient();
    for (let at = 0; at < body.length; at += 60_000) client.send(body.subarray(at, at + 60_000));
    client.end();
    const { text, status } = await client.answer;
    client.socket.destroy();
    const { error } = JSON.parse(text.slice(text.indexOf('{'))) as { error: { code: string; param: string | null } };
    expect(`${status} ${error.code} ${error.param}`).toBe(wanted);
    await eventually(() => spools.stillOpen === 0);
    expect([spools.opened, upstream.started]).toEqual([1, 0]);
  });

  test('the temporary file is gone after a client that leaves, at either time', async () => {
    const first = new PacedClient().send(partBytes(file(LARGE)));
    await eventually(() => spools.stillOpen === 1);
    first.socket.destroy();
    await eventually(() => spools.stillOpen === 0);
    expect(upstream.started).toBe(0);
    let stuck: () => void = () => undefined;
    const waiting = new Promise<void>((resolve) => (stuck = resolve));
    upstream.respondWith(async () => {
      await waiting;
      return answerJson({});
    });
    const second = new PacedClient().send(formBytes(file(LARGE), MODEL)).end();
    await upstream.request(1);
    expect(spools.stillOpen).toBe(1);
    second.socket.destroy();
    await eventually(() => spools.stillOpen === 0);
    stuck();
  });

  test('without a temporary folder it is refused in words, and small forms still go', async () => {
    spools.folder = join(below, 'file');
    await writeFile(spools.folder, '');
    const answer = await post(formBytes(file(LARGE), MODEL));
    const text = await answer.text();
    expect([answer.status, text.includes('spool_failed'), text.includes(below)]).toEqual([503, true, false]);
    expect((await post(formBytes(file('small'), MODEL))).status).toBe(200);
  });
});

describe('the limit of bodies', () => {
  test.each([
    ['with the model first', (big: Buffer) => [partBytes(MODEL), partBytes(file(big))]],
    ['with the file first', (big: Buffer) => [partBytes(file(big)), partBytes(MODEL)]],
  ])('declared: refused from the head, %s', async (_, parts) => {
    const body = Buffer.concat([...parts(randomBytes(5_000_000)), CLOSE]);
    expect(await refusal(await post(body))).toBe('413 body_too_large null');
    expect([upstream.started, spools.opened]).toEqual([0, 0]);
  });

  test('in chunks: the upstream never has it whole', async () => {
    const client = new PacedClient().send(...HALF);
    for (let sent = 0; sent < 5_000_000; sent += 100_000) client.send(LARGE.subarray(0, 100_000));
    const { status, text } = await client.answer;
    client.socket.destroy();
    expect([status, text.includes('body_too_large')]).toEqual([413, true]);
    await eventually(() => upstream.openConnections === 0);
    expect(upstream.requests).toEqual([]);
  });

  test('just below: served', async () => {
    expect((await post(formBytes(MODEL, file(randomBytes(4_000_000))))).status).toBe(200);
  });
});

describe('an upstream that answers before it has the whole form', () => {
  test.each([
    [
      '413 and stays',
      'HTTP/1.1 413 Too Large\r\ncontent-length: 24\r\n\r\n{"error":{"code":"big"}}',
      false,
      413,
      'big',
    ],
    ['413 and ends', 'HTTP/1.1 413 Too Large\r\ncontent-length: 24\r\n\r\n{"error":{"code":"big"}}', true, 413, 'big'],
    ['401 and stays', 'HTTP/1.1 401 Unauthorized\r\ncontent-length: 2\r\n\r\n{}', false, 502, 'upstream_auth'],
    ['200 and stays', 'HTTP/1.1 200 OK\r\ncontent-length: 17\r\n\r\n{"text":"enough"}', false, 200, 'enough'],
  ])('%s: the answer comes through at once', async (_, answer, ends, status, words) => {
    Object.assign(early, { answer, ends });
    const before = early.sockets.length;
    const client = new PacedClient().send(partBytes(field('model', 'early')), partHead(file('')), LARGE);
    const heard = await client.answer;
    client.socket.destroy();
    expect([heard.status, heard.text.includes(words)]).toEqual([status, true]);
    // A connection with half a form on it serves nobody else.
    const connection = early.sockets[before];
    await eventually(() => connection?.destroyed === true || connection?.readableEnded === true);
  });
});

describe('answers', () => {
  test('that are text pass byte for byte', async () => {
    const subtitles = 'WEBVTT\n\n00:00.000 --> 00:01.000\nHel\u00e9\n';
    upstream.respondWith(answerBytes(subtitles, { headers: { 'content-type': 'text/vtt' } }));
    const answer = await post(formBytes(MODEL, field('response_format', 'vtt'), file(LARGE)));
    expect([answer.headers.get('content-type'), await answer.text()]).toEqual(['text/vtt', subtitles]);
  });

  test('that are streams pass event for event', async () => {
    const events = [
      { type: 'transcript.text.delta', delta: 'He' },
      { type: 'transcript.text.done', text: 'He' },
    ];
    upstream.respondWith(answerEvents(events));
    for (const parts of [
      [MODEL, field('stream', 'true'), file(LARGE)],
      [file(LARGE), field('stream', 'True'), MODEL],
    ]) {
      const answer = await post(formBytes(...parts));
      expect(answer.headers.get('content-type')).toContain('text/event-stream');
      const text = await answer.text();
      for (const event of events) expect(text).toContain(JSON.stringify(event));
      expect(gateway.calls.at(-1)).toMatchObject({ stream: true, outcome: 'ok' });
    }
  });
});

describe('default parameters of a deployment', () => {
  const model = field('model', 'defaults');
  test.each([
    ['held', [model, file('small')]],
    ['on the way', [model, file(LARGE)]],
    ['spooled', [file(LARGE), model]],
  ] as const)('are added where the form lacks them, lists left out: %s', async (_, parts) => {
    expect((await post(formBytes(...parts))).status).toBe(200);
    expect((await post(formBytes(...parts, field('language', 'en')))).status).toBe(200);
    const [first, second] = await Promise.all(upstream.requests.map(readForm));
    expect(first?.slice(2)).toEqual([
      ['language', 'de'],
      ['temperature', '0.5'],
    ]);
    expect(second?.slice(2)).toEqual([
      ['language', 'en'],
      ['temperature', '0.5'],
    ]);
  });
});
