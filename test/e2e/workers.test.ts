import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSimulator, type Simulator } from '../../src/surfaces/simulator/simulator.ts';
import { runProgram, startProgram, type RunningProgram } from '../support/program.ts';
import { headOf, sendRaw } from '../support/raw-http.ts';

// The built program with several processes on one port, as a person starts it.

const KEY = 'sk-strong-enough-for-a-test';
const ASK_AND_LEAVE = headOf('GET /health/liveliness HTTP/1.1', 'Host: a', 'Connection: close');
/** Longer than anything here takes on a busy machine. */
const PATIENCE_MS = 20_000;

let folder: string;
let slow: Simulator;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'workers-'));
  slow = await startSimulator({ name: 'slow', tokensPerSecond: 20, answerTokens: { kind: 'fixed', value: 40 } });
  writeConfig('config.yaml', 'slow');
});

afterAll(async () => {
  await slow.close();
  rmSync(folder, { recursive: true, force: true });
});

function writeConfig(name: string, group: string): void {
  const config = {
    model_list: [
      { model_name: group, litellm_params: { model: 'openai/slow', api_key: 'none', api_base: `${slow.url}/v1` } },
    ],
    general_settings: { master_key: 'os.environ/KEY' },
  };
  writeFileSync(join(folder, name), JSON.stringify(config));
}

interface Serving extends AsyncDisposable {
  readonly program: RunningProgram;
  readonly url: string;
}

async function serve(flags: string, config = 'config.yaml'): Promise<Serving> {
  const command = `waymark --config ${config} --host 127.0.0.1 --port 0 ${flags}`;
  const program = startProgram(command, { cwd: folder, env: { KEY } });
  const [, url = ''] = await program.said(/running on (http:\/\/127\.0\.0\.1:\d+)/);
  return { program, url, [Symbol.asyncDispose]: async () => program[Symbol.asyncDispose]() };
}

async function chat(url: string, fields: object): Promise<Response> {
  return fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    // A connection of its own: they are what is handed out.
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json', connection: 'close' },
    body: JSON.stringify({ model: 'slow', messages: [{ role: 'user', content: 'Hello' }], ...fields }),
  });
}

const mocked = async (url: string, model = 'slow'): Promise<number> => {
  const answer = await chat(url, { model, mock_response: 'x' });
  await answer.text();
  return answer.status;
};

interface Line {
  readonly msg: string;
  readonly worker: number;
  readonly signal?: string;
  readonly startsInMs?: number;
  readonly tags?: readonly string[];
  readonly callId?: string;
}

/** The log, each line whole; the last one may still be on its way. */
function linesOf(program: RunningProgram): Line[] {
  return program
    .output()
    .split('\n')
    .slice(0, -1)
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Line);
}

async function until<T>(look: () => T | undefined | false): Promise<T> {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const seen = look();
    if (seen !== undefined && seen !== false) return seen;
    if (Date.now() > end) throw new Error(`It never came about: ${look.toString()}`);
    await delay(20);
  }
}

/** Calls until every one of `count` workers has answered one. */
async function allServe({ program, url }: Serving, count: number, model?: string): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  const seen = new Set<number>();
  while (seen.size < count && Date.now() < end) {
    expect(await mocked(url, model)).toBe(200);
    await delay(150);
    for (const { msg, worker } of linesOf(program)) if (msg === 'call') seen.add(worker);
  }
  expect([...seen].toSorted((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, index) => index + 1));
}

/** The processes of a program that are its workers, by number. */
function workersOf(program: RunningProgram): Map<number, number> {
  const found = new Map<number, number>();
  for (const pid of childrenOf(program.pid)) {
    const number = /(?:^|\0)WAYMARK_WORKER_NUMBER=(\d+)/.exec(readFileSync(`/proc/${pid}/environ`, 'latin1'))?.[1];
    if (number !== undefined) found.set(Number(number), pid);
    else for (const [one, other] of workersBelow(pid)) found.set(one, other);
  }
  return found;
}

function workersBelow(pid: number): Map<number, number> {
  return workersOf({ pid } as RunningProgram);
}

function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim();
  return text === '' ? [] : text.split(' ').map(Number);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('connections go round, lines name their worker and come whole, and the start is told once', async () => {
  await using served = await serve('--num_workers 3');
  const { program, url } = served;
  await allServe(served, 3);
  await Promise.all(Array.from({ length: 200 }, async () => expect(await mocked(url)).toBe(200)));
  const calls = await until(() => {
    const seen = linesOf(program).filter(({ msg }) => msg === 'call');
    return seen.length >= 200 && seen;
  });
  for (const worker of [1, 2, 3]) expect(calls.filter((call) => call.worker === worker).length).toBeGreaterThan(20);
  expect(program.output().match(/running on/g)).toHaveLength(1);
  expect(program.output()).toContain(', 3 workers (stop with');
  program.signal('SIGTERM');
  expect(await program.ended).toBe(0);
});

test('a worker that is killed costs its own calls alone, and another takes its place', async () => {
  await using served = await serve('--num_workers 2');
  const { program, url } = served;
  await allServe(served, 2);
  const streams = await Promise.all(Array.from({ length: 8 }, async () => chat(url, { stream: true })));
  process.kill(workersOf(program).get(2) ?? 0, 'SIGKILL');
  const ends = await Promise.all(streams.map(async (stream) => stream.text().catch(() => 'cut')));
  const idOf = (stream: Response): string => stream.headers.get('x-litellm-call-id') ?? '';
  const whole = streams.filter((_, index) => ends[index]?.endsWith('data: [DONE]\n\n')).map(idOf);
  expect([whole.length > 0, whole.length < streams.length]).toEqual([true, true]);
  const ids = new Set(streams.map(idOf));
  const settled = (): Line[] => linesOf(program).filter(({ callId }) => callId !== undefined && ids.has(callId));
  await until(() => settled().length === whole.length);
  expect(new Set(settled().map(({ callId }) => callId))).toEqual(new Set(whole));
  expect(new Set(settled().map(({ worker }) => worker))).toEqual(new Set([1]));
  const statuses = await Promise.all(Array.from({ length: 20 }, async () => mocked(url)));
  expect(statuses.filter((status) => status !== 200)).toEqual([]);
  await until(() => linesOf(program).some(({ msg, worker }) => msg === 'worker serves again' && worker === 2));
  expect(linesOf(program).find(({ msg }) => msg.startsWith('worker ended'))).toMatchObject({
    worker: 2,
    signal: 'SIGKILL',
    startsInMs: 0,
  });
  program.signal('SIGINT');
  expect(await program.ended).toBe(0);
});

test('a connection that was handed to a worker which dies before it takes it does not wait for ever', async () => {
  await using served = await serve('--num_workers 2');
  const { program, url } = served;
  await allServe(served, 2);
  const victim = workersOf(program).get(1) ?? 0;
  process.kill(victim, 'SIGSTOP');
  // One of two goes to the worker that stands still; both ask, one is answered.
  const asked = Array.from({ length: 2 }, async () => await sendRaw(Number(new URL(url).port), ASK_AND_LEAVE));
  expect((await Promise.race(asked)).status).toBe(200);
  process.kill(victim, 'SIGKILL');
  const answers = await Promise.all(asked);
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([0, 200]);
  expect(answers.map(({ closed }) => closed)).toEqual([true, true]);
});

test('a worker that takes the place of another serves what the others serve, whatever the files hold by now', async () => {
  writeConfig('spoilt.yaml', 'first');
  await using served = await serve('--num_workers 2', 'spoilt.yaml');
  const { program, url } = served;
  await allServe(served, 2, 'first');
  writeConfig('spoilt.yaml', 'slow');
  await program.said(/config reloaded[^]*config reloaded/);
  writeFileSync(join(folder, 'spoilt.yaml'), 'model_list: [');
  await program.said(/cannot be served from[^]*cannot be served from/);
  process.kill(workersOf(program).get(2) ?? 0, 'SIGKILL');
  await until(() => linesOf(program).some(({ msg, worker }) => msg === 'worker serves again' && worker === 2));
  for (let call = 0; call < 4; call += 1) {
    expect(await mocked(url)).toBe(200);
    const readiness = await fetch(`${url}/health/readiness`, { headers: { connection: 'close' } });
    expect(await readiness.json()).toMatchObject({ config: { state: 'stale', codes: ['invalid-yaml'] } });
  }
  writeConfig('spoilt.yaml', 'third');
  const reloads = (worker: number): number =>
    linesOf(program).filter((line) => line.msg === 'config reloaded' && line.worker === worker).length;
  await until(() => reloads(1) >= 2 && reloads(2) >= 2);
  await allServe(served, 2, 'third');
});

test('long lines come whole, and a log that nobody reads holds no call up', async () => {
  await using served = await serve('--num_workers 3');
  const { program, url } = served;
  await allServe(served, 3);
  program.listen(false);
  const tags = Array.from({ length: 60 }, (_, index) => `${index}-${'long'.repeat(60)}`);
  const calls = Array.from({ length: 120 }, async () => {
    const answer = await chat(url, { model: 'slow', mock_response: 'x', metadata: { tags } });
    await answer.text();
    return answer.status;
  });
  expect(new Set(await Promise.all(calls))).toEqual(new Set([200]));
  program.listen(true);
  await until(() => linesOf(program).filter(({ tags: told }) => told?.length === 60).length === 120);
});

test('a worker that ends again and again is started after waits that grow', async () => {
  await using served = await serve('--num_workers 2');
  const { program } = served;
  await allServe(served, 2);
  for (const waited of [0, 1000, 2000]) {
    const pid = await until(() => workersOf(program).get(2));
    process.kill(pid, 'SIGKILL');
    await until(() => linesOf(program).some(({ startsInMs }) => startsInMs === waited));
  }
});

test('every worker reads a changed config, on SIGHUP too', async () => {
  writeConfig('changing.yaml', 'first');
  await using served = await serve('--num_workers 2', 'changing.yaml');
  const { program } = served;
  await allServe(served, 2, 'first');
  writeConfig('changing.yaml', 'slow');
  program.signal('SIGHUP');
  const told = (worker: number): boolean =>
    linesOf(program).some((line) => line.msg === 'config reloaded' && line.worker === worker);
  await until(() => told(1) && told(2));
  await allServe(served, 2);
});

test('streams go on after SIGTERM in every worker, and are cut when their time is over', async () => {
  await using patient = await serve('--num_workers 2 --drain-timeout 20');
  await allServe(patient, 2);
  const streams = await Promise.all(Array.from({ length: 4 }, async () => chat(patient.url, { stream: true })));
  patient.program.signal('SIGTERM');
  await patient.program.said(/no new calls are taken/);
  // The signal takes its way to every worker.
  const asked = async (): Promise<unknown> => mocked(patient.url).catch(() => 'refused');
  await expect.poll(asked, { timeout: PATIENCE_MS }).toBe('refused');
  for (const stream of streams) expect(await stream.text()).toMatch(/data: \[DONE\]\n\n$/);
  expect(await patient.program.ended).toBe(0);

  await using hasty = await serve('--num_workers 2 --drain-timeout 0.1');
  const cut = await chat(hasty.url, { stream: true });
  hasty.program.signal('SIGTERM');
  expect(await cut.text()).toMatch(/\n\ndata: \{"error":\{[^\n]*"code":"shutting_down"[^\n]*\n\n$/);
  expect(await hasty.program.ended).toBe(0);
});

test('a signal that reaches the workers themselves, as Ctrl+C does and again, cuts nothing', async () => {
  await using served = await serve('--num_workers 2');
  await allServe(served, 2);
  const { program, url } = served;
  const streams = await Promise.all(Array.from({ length: 4 }, async () => chat(url, { stream: true })));
  const pids = [...workersOf(program).values()];
  for (const pid of pids) process.kill(pid, 'SIGINT');
  program.signal('SIGINT');
  await program.said(/no new calls are taken/);
  // Longer apart than what counts as one signal.
  await delay(700);
  for (const pid of pids) for (const name of ['SIGINT', 'SIGTERM'] as const) process.kill(pid, name);
  for (const stream of streams) expect(await stream.text()).toMatch(/data: \[DONE\]\n\n$/);
  expect(await program.ended).toBe(0);
});

test('a second signal ends all of them at once, one that hangs too', async () => {
  await using served = await serve('--num_workers 2');
  await allServe(served, 2);
  const { program, url } = served;
  await Promise.all(Array.from({ length: 2 }, async () => chat(url, { stream: true })));
  const pids = [...workersOf(program).values()];
  process.kill(pids[0] ?? 0, 'SIGSTOP');
  program.signal('SIGTERM');
  await program.said(/no new calls are taken/);
  await delay(700);
  program.signal('SIGTERM');
  expect(await program.ended).toBe(1);
  await until(() => pids.every((pid) => !isAlive(pid)));
});

test('a worker that does not end in its time is killed, and the status says so', async () => {
  await using served = await serve('--num_workers 2 --drain-timeout 0');
  await allServe(served, 2);
  const { program } = served;
  process.kill(workersOf(program).get(2) ?? 0, 'SIGSTOP');
  program.signal('SIGTERM');
  expect(await program.ended).toBe(1);
  expect(program.output()).toContain('1 of 2 workers did not end in time and were killed, or failed.\n');
});

test('workers end with the process that started them, even where it is killed', async () => {
  await using served = await serve('--num_workers 2');
  const { program } = served;
  const pids = await until(() => {
    const workers = workersOf(program);
    return workers.size === 2 && [...workers.values()];
  });
  const [starter] = pids.map((pid) =>
    Number(/^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]),
  );
  process.kill(starter ?? 0, 'SIGKILL');
  await until(() => pids.every((pid) => !isAlive(pid)));
});

test('a port that is taken, and a config that cannot be used, end the program as with one process', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => {
    taken.listen(0, '127.0.0.1', resolve);
  });
  const { port } = taken.address() as AddressInfo;
  const busy = await runProgram(`waymark --config config.yaml --host 127.0.0.1 --port ${port} --num_workers 3`, {
    cwd: folder,
    env: { KEY },
  });
  taken.close();
  expect(busy.output).toMatch(new RegExp(`^Port ${port} on 127\\.0\\.0\\.1 is in use`));
  expect(busy.status).toBe(1);
  writeFileSync(join(folder, 'broken.yaml'), 'model_list: [');
  const broken = await runProgram('waymark --config broken.yaml --num_workers 3', { cwd: folder, env: { KEY } });
  expect(broken.output).toContain('broken.yaml');
  expect(broken.status).toBe(2);
  const many = await runProgram('waymark --config config.yaml', { cwd: folder, env: { KEY, NUM_WORKERS: 'all' } });
  expect(many).toEqual({ status: 2, output: 'NUM_WORKERS is "all".\nWrite a whole number from 1 to 512.\n' });
});

test('keys that one worker makes are good in all of them, and blocked in all', async () => {
  await using served = await serve('--num_workers 3');
  const { url } = served;
  await allServe(served, 3);
  const manage = async (path: string, body: object): Promise<{ key: string }> => {
    const answer = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json', connection: 'close' },
      body: JSON.stringify(body),
    });
    expect(answer.status).toBe(200);
    return (await answer.json()) as { key: string };
  };
  const { key } = await manage('/key/generate', { models: ['slow'] });
  const withKey = async (): Promise<number> => {
    const answer = await fetch(`${url}/v1/models`, {
      headers: { authorization: `Bearer ${key}`, connection: 'close' },
    });
    await answer.text();
    return answer.status;
  };
  for (let call = 0; call < 9; call += 1) expect(await withKey()).toBe(200);
  await manage('/key/block', { key });
  const end = Date.now() + PATIENCE_MS;
  const round = async (): Promise<number[]> => Promise.all(Array.from({ length: 9 }, withKey));
  let statuses = await round();
  while (statuses.includes(200) && Date.now() < end) {
    await delay(100);
    statuses = await round();
  }
  expect(statuses).not.toContain(200);
});
