import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { runProgram, startProgram, type RunningProgram } from '../support/program.ts';
import { startStandInInternet, type StandInInternet } from '../support/stand-in-internet.ts';

// LiteLLM's page on tag based routing, word for word: its configs, its command lines, the headers it says to expect.
// Only what lies beneath is replaced: the upstream hosts by a stand-in internet behind HTTPS_PROXY, and port 4000 (which
// may be taken on a machine that runs tests) by a free one, to which a .curlrc leads curl.

const FIXTURES = join(import.meta.dirname, '..', 'fixtures', 'mission');
const FREE_HOST = 'exampleopenaiendpoint-production.up.railway.app';
const PAID_HOST = 'api.openai.com';
const FREE_BASE = `https://${FREE_HOST}/`;

const fixture = (name: string): string => readFileSync(join(FIXTURES, name), 'utf8');

interface CurlAnswer {
  readonly status: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

let internet: StandInInternet;
let home: string;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'mission-'));
  internet = await startStandInInternet(
    new Map([
      [FREE_HOST, fixture('answer-free.json')],
      [PAID_HOST, fixture('answer-paid.json')],
    ]),
  );
});

afterAll(async () => {
  await internet[Symbol.asyncDispose]();
  rmSync(home, { recursive: true, force: true });
});

/** `litellm --config /path/to/config.yaml`, as the page starts it. */
async function startLitellm(configName: string): Promise<RunningProgram> {
  const config = join(home, configName);
  writeFileSync(config, fixture(configName));
  const env = { ...internet.env, OPENAI_API_KEY: 'sk-of-openai', PORT: '0' };
  const program = startProgram(`litellm --config ${config}`, { cwd: home, env });
  const [, port = ''] = await program.said(/running on http:\/\/127\.0\.0\.1:(\d+)/);
  const redirects = ['localhost', '0.0.0.0'].map((host) => `connect-to = "${host}:4000:127.0.0.1:${port}"\n`);
  writeFileSync(join(home, '.curlrc'), `silent\nshow-error\n${redirects.join('')}`);
  return program;
}

/** Runs a command of the page as it stands there. */
async function runCurl(script: string, more = ''): Promise<CurlAnswer> {
  return curl(fixture(script).trimEnd() + more);
}

async function curl(command: string): Promise<CurlAnswer> {
  internet.forget();
  const { status, output } = await runProgram(command, { env: { CURL_HOME: home } });
  expect(status, output).toBe(0);
  return readAnswer(output);
}

function readAnswer(output: string): CurlAnswer {
  const end = output.indexOf('\r\n\r\n');
  if (!output.startsWith('HTTP/')) return { status: '', headers: new Map(), body: output };
  const [status = '', ...lines] = output.slice(0, end).split('\r\n');
  const headers = lines.map(
    (line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()] as const,
  );
  return { status, headers: new Map(headers), body: output.slice(end + 4) };
}

function onlyRequest(): { host: string; path: string; key: string | undefined; body: Record<string, unknown> } {
  expect(internet.requests).toHaveLength(1);
  const [request] = internet.requests;
  if (request === undefined) throw new Error('Nothing was sent.');
  const body = JSON.parse(request.body) as Record<string, unknown>;
  return { host: request.host, path: request.path, key: request.headers.get('authorization'), body };
}

describe('quick start', () => {
  let litellm: RunningProgram;
  beforeAll(async () => {
    litellm = await startLitellm('quick-start.yaml');
  });
  afterAll(async () => {
    await litellm[Symbol.asyncDispose]();
  });

  test('the start prints what tools wait for', () => {
    expect(litellm.output()).toContain('LiteLLM: Proxy initialized with Config, Set models:\n    gpt-4\n');
  });

  test('tags=["free"] is routed to openai/fake', async () => {
    const answer = await runCurl('call-free.sh');
    expect(answer.status).toBe('HTTP/1.1 200 OK');
    expect(answer.headers.get('x-litellm-model-api-base')).toBe(FREE_BASE);
    expect(answer.body).toBe(fixture('answer-free.json'));
    const messages = [{ role: 'user', content: 'Hello, Claude gm!' }];
    expect(onlyRequest()).toEqual({
      host: FREE_HOST,
      path: '/chat/completions',
      key: 'Bearer fake-key',
      body: { model: 'fake', messages },
    });
  });

  test('tags=["paid"] is routed to openai/gpt-4o', async () => {
    const answer = await runCurl('call-paid.sh');
    expect(answer.status).toBe('HTTP/1.1 200 OK');
    expect(answer.headers.get('x-litellm-model-api-base')).toBe('https://api.openai.com');
    expect(answer.body).toBe(fixture('answer-paid.json'));
    expect(onlyRequest()).toMatchObject({
      host: PAID_HOST,
      path: '/v1/chat/completions',
      key: 'Bearer sk-of-openai',
      body: { model: 'gpt-4o' },
    });
  });

  test('the header x-litellm-tags: free,my-custom-tag is routed to openai/fake', async () => {
    const shown = await runCurl('call-header.sh', ' -i');
    expect(shown.headers.get('x-litellm-model-api-base')).toBe(FREE_BASE);
    const asPrinted = await runCurl('call-header.sh');
    expect(asPrinted.body).toBe(fixture('answer-free.json'));
    const request = onlyRequest();
    expect(request).toMatchObject({ host: FREE_HOST, key: 'Bearer fake-key', body: { model: 'fake' } });
    expect(request.body['messages']).toEqual([{ role: 'user', content: "Hey, how's it going 123456?" }]);
    expect([...(internet.requests[0]?.headers.keys() ?? [])]).not.toContain('x-litellm-tags');
  });

  test('untagged requests are routed to the default deployment', async () => {
    const untagged = `curl -i http://localhost:4000/v1/chat/completions -H "Authorization: Bearer sk-1234" -H "Content-Type: application/json" -d '{"model": "gpt-4", "messages": [{"role": "user", "content": "Hello"}]}'`;
    const answer = await curl(untagged);
    expect(answer.headers.get('x-litellm-model-api-base')).toBe(FREE_BASE);
    expect(onlyRequest()).toMatchObject({ host: FREE_HOST, key: 'Bearer sk-of-openai', body: { model: 'gpt-4o' } });
  });
});

describe('setting default tags', () => {
  test('a request without tags shows x-litellm-model-id: default-model', async () => {
    await using litellm = await startLitellm('default-tag.yaml');
    const answer = await runCurl('call-default.sh');
    expect(answer.status).toBe('HTTP/1.1 200 OK');
    expect(answer.headers.get('x-litellm-model-id')).toBe('default-model');
    expect(onlyRequest()).toMatchObject({ host: FREE_HOST, key: 'Bearer fake-key', body: { model: 'fake' } });
    expect(litellm.output()).toContain('only programs on this machine are answered');
  });
});
