import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startSimulator, type Simulator } from '../../src/surfaces/simulator/simulator.ts';
import { runProgram, startProgram, type RunningProgram } from '../support/program.ts';

// The built program, as a person starts it: processes, ports, signals, exit statuses.

let folder: string;
let slow: Simulator;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'command-line-'));
  slow = await startSimulator({ name: 'slow', tokensPerSecond: 40, answerTokens: { kind: 'fixed', value: 40 } });
  const config = {
    model_list: [
      { model_name: 'slow', litellm_params: { model: 'openai/slow', api_key: 'none', api_base: `${slow.url}/v1` } },
    ],
    general_settings: { master_key: 'os.environ/KEY' },
  };
  writeFileSync(join(folder, 'config.yaml'), JSON.stringify(config));
});

afterAll(async () => {
  await slow.close();
  rmSync(folder, { recursive: true, force: true });
});

const KEY = 'sk-strong-enough-for-a-test';

interface ServingProgram extends AsyncDisposable {
  readonly program: RunningProgram;
  readonly url: string;
  readonly port: string;
}

async function serve(flags = ''): Promise<ServingProgram> {
  const program = startProgram(`waymark --config config.yaml --host 127.0.0.1 --port 0 ${flags}`, {
    cwd: folder,
    env: { KEY },
  });
  const [, url = '', port = ''] = await program.said(/running on (http:\/\/127\.0\.0\.1:(\d+))/);
  return { program, url, port, [Symbol.asyncDispose]: async () => program[Symbol.asyncDispose]() };
}

async function streamFrom(url: string): Promise<Response> {
  return fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'slow', stream: true, messages: [{ role: 'user', content: 'Hello' }] }),
  });
}

describe('the demo', () => {
  test('the commands that it prints show what it says they will', async () => {
    await using demo = startProgram('waymark demo --port 0');
    await demo.said(/--print-config\n/);
    const output = demo.output();
    const steps = [...output.matchAll(/^(curl -i .+)\n\n {2}shows (.+)\n {8}(.+)\n/gm)];
    expect(steps).toHaveLength(3);
    for (const [, command = '', ...headers] of steps) {
      const { status, output: answer } = await runProgram(command);
      expect(status).toBe(0);
      expect(answer).toContain('HTTP/1.1 200 OK\r\n');
      for (const header of headers) expect(answer).toContain(`${header}\r\n`);
    }
    expect(steps.map(([, , id]) => id)).toEqual(
      ['free-1', 'paid-1', 'default-1'].map((id) => `x-litellm-model-id: ${id}`),
    );
    const [why = ''] = /^curl -s .+$/m.exec(output) ?? [];
    expect(JSON.parse((await runProgram(`${why} --no-progress-meter`)).output)).toMatchObject({ order: ['free-1'] });
    demo.signal('SIGINT');
    expect(await demo.ended).toBe(0);
  });
});

describe('stopping', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    '%s lets a running call end, takes no new one, and ends with 0',
    async (signal) => {
      await using served = await serve();
      const { program, url } = served;
      const running = await streamFrom(url);
      program.signal(signal);
      await program.said(/no new calls are taken/);
      await expect(streamFrom(url)).rejects.toThrow();
      expect(await running.text()).toMatch(/data: \[DONE\]\n\n$/);
      expect(await program.ended).toBe(0);
    },
  );

  test('a call that outlasts the drain time is cut', async () => {
    await using served = await serve('--drain-timeout 0.05');
    const { program, url } = served;
    const running = await streamFrom(url);
    program.signal('SIGTERM');
    const text = await running.text().catch(() => 'cut');
    expect(text).not.toContain('[DONE]');
    expect(await program.ended).toBe(0);
  });
});

test('SIGHUP and a changed file read the config again; a broken one is logged and changes nothing', async () => {
  const path = join(folder, 'changing.yaml');
  const configOf = (group: string): string =>
    JSON.stringify({
      model_list: [{ model_name: group, litellm_params: { model: 'openai/slow', api_base: `${slow.url}/v1` } }],
      general_settings: { master_key: 'os.environ/KEY' },
    });
  writeFileSync(path, configOf('first'));
  await using program = startProgram('waymark --config changing.yaml --host 127.0.0.1 --port 0', {
    cwd: folder,
    env: { KEY },
  });
  const [, url = ''] = await program.said(/running on (http:\/\/127\.0\.0\.1:\d+)/);
  const groups = async (): Promise<string[]> => {
    const answer = await fetch(`${url}/v1/models`, { headers: { authorization: `Bearer ${KEY}` } });
    return ((await answer.json()) as { data: { id: string }[] }).data.map(({ id }) => id);
  };
  expect(await groups()).toEqual(['first']);
  writeFileSync(path, configOf('second'));
  await program.said(/"msg":"config reloaded"/);
  expect(await groups()).toEqual(['second']);
  writeFileSync(path, 'model_list: [');
  program.signal('SIGHUP');
  await program.said(/"code":"invalid-yaml".*"msg":"the config on disk cannot be served from/);
  expect(await groups()).toEqual(['second']);
  writeFileSync(path, configOf('third'));
  program.signal('SIGHUP');
  await program.said(/config reloaded[^]*config reloaded/);
  expect(await groups()).toEqual(['third']);
  program.signal('SIGTERM');
  expect(await program.ended).toBe(0);
});

test('a busy port ends with status 1 and names the port', async () => {
  await using served = await serve();
  const { port } = served;
  const second = await runProgram(`waymark --config config.yaml --host 127.0.0.1 --port ${port}`, {
    cwd: folder,
    env: { KEY },
  });
  expect(second.status).toBe(1);
  expect(second.output).toMatch(new RegExp(`^Port ${port} on 127\\.0\\.0\\.1 is in use`));
});

test.each([
  ['litellm --version', 0, /^Waymark \d+\.\d+\.\d+ \(answers the surface of LiteLLM 1\.106\.2\)\n$/],
  ['waymark explain -c config.yaml --model slow', 0, /^Send {2}slow -> /],
  ['waymark explain -c config.yaml --model slwo', 1, /^Refuse {2}slwo: 404 model_not_found/],
  ['waymark check missing.yaml', 2, /missing\.yaml/],
  ['waymark --config missing.yaml', 2, /missing\.yaml/],
])('%s ends with %d', async (command, status, says) => {
  const ended = await runProgram(command, { cwd: folder, env: { KEY } });
  expect(ended.status, ended.output).toBe(status);
  expect(ended.output).toMatch(says);
});

test('mock-upstream says where it listens, for machines', async () => {
  await using program = startProgram('waymark mock-upstream --port 0 --name machine --json');
  const [line] = await program.said(/^\{.*\}$/m);
  const { url } = JSON.parse(line) as { url: string };
  const answer = await fetch(`${url}/v1/models`);
  expect(await answer.json()).toMatchObject({ object: 'list', data: [{ id: 'machine' }] });
  program.signal('SIGTERM');
  expect(await program.ended).toBe(0);
});
