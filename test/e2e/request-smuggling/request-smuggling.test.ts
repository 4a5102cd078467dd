import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startHarness, type Harness } from '../../support/harness.ts';
import { headOf, sendRaw, type RawAnswer } from '../../support/raw-http.ts';
import { FORMS, MARK, SMUGGLING_KEY_HEADER } from './corpus.ts';

const ANSWER =
  '{"id":"x","object":"chat.completion","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}';

interface UpstreamRequest {
  readonly line: string;
  readonly headers: readonly string[];
  readonly body: string;
}

/** An upstream that keeps every byte, and takes a connection for nothing but requests with a length. */
class RecordingUpstream {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #requests: UpstreamRequest[] = [];
  /** Bytes that are no request of the form that the gateway sends. */
  #strays: string[] = [];

  constructor() {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      socket.on('error', () => undefined);
      let text = '';
      socket.on('data', (piece: Buffer) => {
        text = this.#take(text + piece.toString('latin1'), socket);
      });
      socket.on('end', () => {
        if (text !== '') this.#strays.push(text);
      });
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get requests(): readonly UpstreamRequest[] {
    return this.#requests;
  }

  get strays(): readonly string[] {
    return this.#strays;
  }

  reset(): void {
    this.#requests = [];
    this.#strays = [];
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, '127.0.0.1', resolve);
    });
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }

  #take(text: string, socket: Socket): string {
    const end = text.indexOf('\r\n\r\n');
    if (end < 0) return text;
    const [line = '', ...headers] = text.slice(0, end).split('\r\n');
    const lengths = headers.filter((header) => /^content-length:/i.test(header));
    const length = /^content-length: (\d+)$/i.exec(lengths[0] ?? '')?.[1];
    if (lengths.length !== 1 || length === undefined) {
      this.#strays.push(text);
      return '';
    }
    const bodyEnd = end + 4 + Number(length);
    if (text.length < bodyEnd) return text;
    this.#requests.push({ line, headers, body: text.slice(end + 4, bodyEnd) });
    socket.write(
      headOf('HTTP/1.1 200 OK', 'content-type: application/json', `content-length: ${ANSWER.length}`) + ANSWER,
    );
    return this.#take(text.slice(bodyEnd), socket);
  }
}

const upstream = new RecordingUpstream();
let gateway: Harness;

beforeAll(async () => {
  await upstream.start();
  const api_base = `http://127.0.0.1:${upstream.port}`;
  gateway = await startHarness({
    model_list: [
      { model_name: 'g', litellm_params: { model: 'openai/served', api_key: 'sk-up', api_base: `${api_base}/v1` } },
      { model_name: 'any/*', litellm_params: { model: 'openai/*', api_key: 'sk-up', api_base: `${api_base}/v1` } },
      { model_name: 'az/*', litellm_params: { model: 'azure/*', api_key: 'sk-up', api_base } },
    ],
    general_settings: { master_key: SMUGGLING_KEY_HEADER.slice('Authorization: Bearer '.length) },
  });
});
beforeEach(() => upstream.reset());
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await upstream.stop();
});

/** Paths that the gateway may ask for: its own endpoint's, and Azure's with one segment for the deployment. */
const ASKED =
  /^POST (?:\/v1\/chat\/completions|\/v1\/audio\/transcriptions|\/openai\/deployments\/[^/\s]+\/chat\/completions\?api-version=[\w-]+) HTTP\/1\.1$/;

/** An answer like any other error's, though no call came of it. */
function expectRefusal({ text, status }: RawAnswer): void {
  const code = status === 431 ? 'headers_too_large' : 'bad_request';
  expect(text.match(/\r\nconnection: close\r\n/gi)).toHaveLength(1);
  expect(text).toContain('\r\nx-litellm-call-id: ');
  expect(text).toContain('\r\nx-waymark-decision-id: ');
  const json: unknown = JSON.parse(text.slice(text.indexOf('\r\n\r\n') + 4));
  expect(json).toEqual({
    error: { message: expect.stringMatching(/^The .*\.$/), type: 'invalid_request_error', param: null, code },
  });
  expect(text).not.toMatch(/sk-|SMUGGLED/);
}

/** Read by another reader of forms: the model that was chosen, one file, and nothing that only looked like a field. */
async function expectOneForm(type: string, body: string): Promise<void> {
  expect(type).toMatch(/^multipart\/form-data; boundary=waymark-[0-9a-f-]{36}$/);
  const form = await new Response(Buffer.from(body, 'latin1'), { headers: { 'content-type': type } }).formData();
  expect([...form.keys()]).toEqual(['model', 'file']);
  expect(form.getAll('model')).toEqual(['served']);
  expect(body).toMatch(/--\r\n$/);
}

test.each(FORMS)('$name', async ({ bytes, answers, upstream: wanted, closed }) => {
  const answer = await sendRaw(gateway.port, bytes);
  const statuses = Array.from(answer.text.matchAll(/HTTP\/1\.1 (\d{3}) /g), ([, status]) => Number(status)).filter(
    (status) => status !== 100,
  );
  expect(statuses, answer.text).toEqual(answers);
  expect(answer.closed).toBe(closed);
  expect(upstream.strays).toEqual([]);
  if (closed) expectRefusal(answer);
  expect(upstream.requests).toHaveLength(wanted);
  for (const { line, headers, body } of upstream.requests) {
    expect(line).toMatch(ASKED);
    expect(line).not.toContain('..%2F..%2Fadmin/');
    for (const header of headers) expect(header).not.toContain(MARK);
    const type = headers.find((header) => header.startsWith('content-type: '))?.slice('content-type: '.length) ?? '';
    if (type.startsWith('multipart/')) await expectOneForm(type, body);
    else expect(() => JSON.parse(body) as unknown).not.toThrow();
    expect(
      headers.filter((header) => /^(?:connection|upgrade|transfer-encoding|trailer|expect):/i.test(header)),
    ).toEqual(['connection: keep-alive']);
    expect(headers.filter((header) => /^host:/i.test(header))).toEqual([`host: 127.0.0.1:${upstream.port}`]);
    expect(headers.filter((header) => /^(?:authorization|api-key):/i.test(header))).toEqual([
      expect.stringMatching(/^(?:authorization: Bearer |api-key: )sk-up$/),
    ]);
  }
});

test('the forms are many, and each stands there once', () => {
  expect(FORMS.length).toBeGreaterThan(100);
  expect(new Set(FORMS.map(({ name }) => name)).size).toBe(FORMS.length);
  expect(new Set(FORMS.map(({ bytes }) => bytes)).size).toBe(FORMS.length);
});

test('after every form that leaves the connection open, the next request on it is read as what it is', async () => {
  const open = FORMS.filter(({ closed }) => !closed);
  const alive = headOf('GET /health/liveliness HTTP/1.1', 'Host: gateway', 'Connection: close');
  for (const { name, bytes, answers } of open) {
    const answer = await sendRaw(gateway.port, bytes, alive);
    const statuses = Array.from(answer.text.matchAll(/HTTP\/1\.1 (\d{3}) /g), ([, status]) => Number(status));
    expect(
      statuses.filter((status) => status !== 100),
      name,
    ).toEqual([...answers, 200]);
    expect(answer.text, name).toContain("I'm alive!");
  }
});
