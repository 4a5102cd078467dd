import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { readConfig } from '../../src/config/read-config.ts';
import { manualStream, startFakeUpstream, type FakeUpstream } from '../support/fake-upstream.ts';
import { MASTER_KEY, startHarness, type Harness } from '../support/harness.ts';
import { LongStreams } from '../support/long-streams.ts';

// A gateway that follows real files. Only the clock of the watch is waited for, never measured.

const PATIENCE = { timeout: 12_000, interval: 20 };
const RELOAD_EVERY_MS = 20;
const SECRET = 'sk-very-secret-credential';

let upstream: FakeUpstream;
let folder: string;

beforeAll(async () => {
  upstream = await startFakeUpstream();
});
beforeEach(() => {
  upstream.reset();
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'reload-')));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
afterAll(() => upstream[Symbol.asyncDispose]());

const at = (...names: string[]): string => join(folder, ...names);

/** A config whose one deployment has this id: the header of an answer says which config it came from. */
function configOf(id: string, more: object = {}): string {
  return JSON.stringify({
    model_list: [deployment(id)],
    router_settings: { enable_tag_filtering: true },
    general_settings: { master_key: MASTER_KEY },
    ...more,
  });
}

function deployment(id: string, { group = 'g', url = upstream.url } = {}): object {
  return {
    model_name: group,
    litellm_params: { model: `openai/${id}`, api_key: SECRET, api_base: url },
    model_info: { id },
  };
}

const BROKEN = `model_list:\n  - {model_name: g, litellm_params: {api_key: ${SECRET}, model: [\n`;

async function startOn(path: string, host = '127.0.0.1'): Promise<Harness> {
  const { problems } = readConfig(path, { readText: (file) => readFileSync(file, 'utf8'), env: {} });
  return startHarness(readFileSync(path, 'utf8'), { host, configFile: { path, env: {}, problems } });
}

function replace(path: string, text: string): void {
  writeFileSync(`${path}.tmp`, text);
  renameSync(`${path}.tmp`, path);
}

async function servedBy(gateway: Harness): Promise<string | null> {
  const answer = await gateway.chat({ model: 'g' });
  await answer.text();
  return answer.headers.get('x-litellm-model-id');
}

const becomes = (gateway: Harness, id: string): Promise<void> =>
  expect.poll(() => servedBy(gateway), PATIENCE).toBe(id);

interface Shown {
  readonly state: string;
  readonly config_version: string;
  readonly problems: readonly { readonly code: string; readonly file: string | null; readonly line: number | null }[];
}

async function problemsOf(gateway: Harness): Promise<Shown> {
  return (await (await gateway.get('/config/problems')).json()) as Shown;
}

async function readinessOf(gateway: Harness): Promise<{ status: string; config: { state: string; codes?: string[] } }> {
  const answer = await gateway.get('/health/readiness', { key: null });
  expect(answer.status).toBe(200);
  return (await answer.json()) as { status: string; config: { state: string } };
}

describe('a new config serves after', () => {
  test('an edit in place', async () => {
    writeFileSync(at('c.yaml'), configOf('one'));
    await using gateway = await startOn(at('c.yaml'));
    expect(await servedBy(gateway)).toBe('one');
    writeFileSync(at('c.yaml'), configOf('two'));
    await becomes(gateway, 'two');
    expect(gateway.notices.map(({ message }) => message)).toEqual(['config reloaded']);
  });

  test('a rename onto the file', async () => {
    writeFileSync(at('c.yaml'), configOf('one'));
    await using gateway = await startOn(at('c.yaml'));
    replace(at('c.yaml'), configOf('two'));
    await becomes(gateway, 'two');
    replace(at('c.yaml'), configOf('three'));
    await becomes(gateway, 'three');
  });

  test("the swap of a ConfigMap's link", async () => {
    const publish = (day: string, id: string): void => {
      mkdirSync(at(day));
      writeFileSync(at(day, 'c.yaml'), configOf(id));
      symlinkSync(day, at('..data_tmp'));
      renameSync(at('..data_tmp'), at('..data'));
    };
    publish('..1', 'one');
    symlinkSync(join('..data', 'c.yaml'), at('c.yaml'));
    await using gateway = await startOn(at('c.yaml'));
    publish('..2', 'two');
    await becomes(gateway, 'two');
    rmSync(at('..1'), { recursive: true });
    publish('..3', 'three');
    await becomes(gateway, 'three');
  });

  test('a change to a file that a changed config includes, in another folder', async () => {
    mkdirSync(at('more'));
    writeFileSync(at('c.yaml'), configOf('one'));
    await using gateway = await startOn(at('c.yaml'));
    writeFileSync(at('more', 'models.yaml'), JSON.stringify({ model_list: [deployment('two')] }));
    writeFileSync(at('c.yaml'), configOf('-', { model_list: [], include: ['more/models.yaml'] }));
    await becomes(gateway, 'two');
    writeFileSync(at('more', 'models.yaml'), JSON.stringify({ model_list: [deployment('three')] }));
    await becomes(gateway, 'three');
  });

  test('being told to read again, as by SIGHUP', async () => {
    writeFileSync(at('c.yaml'), configOf('one'));
    await using gateway = await startOn(at('c.yaml'));
    writeFileSync(at('c.yaml'), configOf('two'));
    gateway.gateway.readAgain();
    expect(await servedBy(gateway)).toBe('two');
  });
});

describe('a config that cannot be served from', () => {
  test('leaves the old one serving, is shown without secrets, and is forgotten when mended', async () => {
    writeFileSync(at('c.yaml'), configOf('one'));
    await using gateway = await startOn(at('c.yaml'));
    expect((await readinessOf(gateway)).config).toEqual({ state: 'current' });
    const before = await problemsOf(gateway);
    expect(before.state).toBe('current');

    writeFileSync(at('c.yaml'), BROKEN);
    await expect.poll(async () => (await readinessOf(gateway)).config.state, PATIENCE).toBe('stale');
    expect(await servedBy(gateway)).toBe('one');
    expect(await readinessOf(gateway)).toMatchObject({ status: 'healthy', config: { codes: ['invalid-yaml'] } });
    const shown = await problemsOf(gateway);
    expect(shown).toMatchObject({ state: 'stale', config_version: before.config_version });
    expect(shown.problems[0]).toMatchObject({ code: 'invalid-yaml', file: at('c.yaml'), line: expect.any(Number) });
    expect(gateway.failures).toHaveLength(1);
    const [logged] = gateway.failures as readonly { readonly problems?: readonly object[] }[];
    expect(logged?.problems?.[0]).toMatchObject({ code: 'invalid-yaml', file: at('c.yaml') });
    const all = JSON.stringify([shown, await readinessOf(gateway), gateway.failures]);
    expect(all).not.toContain(SECRET);
    expect(JSON.stringify(await readinessOf(gateway))).not.toContain(folder);

    writeFileSync(at('c.yaml'), configOf('one'));
    await expect.poll(async () => (await readinessOf(gateway)).config, PATIENCE).toEqual({ state: 'current' });
    expect((await problemsOf(gateway)).problems).toEqual(before.problems);
    writeFileSync(at('c.yaml'), configOf('two'));
    await becomes(gateway, 'two');
  });

  test.each<[string, string, () => string]>([
    ['empty', 'empty-config', () => ''],
    ['gone with what it includes', 'unreadable-file', () => configOf('two', { include: ['missing.yaml'] })],
    [
      'sound to read, with a pattern that is not',
      'bad-regex',
      () => configOf('two').replace('"api_key"', '"tag_regex":["(?=x)"],"api_key"'),
    ],
  ])('because it is %s', async (_name, code, text) => {
    writeFileSync(at('c.yaml'), configOf('one'));
    await using gateway = await startOn(at('c.yaml'));
    writeFileSync(at('c.yaml'), text());
    gateway.gateway.readAgain();
    expect((await readinessOf(gateway)).config).toMatchObject({ state: 'stale', codes: [code] });
    expect((await problemsOf(gateway)).problems.map((one) => one.code)).toContain(code);
    expect(await servedBy(gateway)).toBe('one');
    gateway.gateway.readAgain();
    await problemsOf(gateway);
    expect(gateway.failures).toHaveLength(1);
  });

  test('is one that would open a public address with a weak master key', async () => {
    writeFileSync(at('c.yaml'), configOf('one'));
    await using gateway = await startOn(at('c.yaml'), '0.0.0.0');
    writeFileSync(at('c.yaml'), configOf('two', { general_settings: { master_key: 'sk-1234' } }));
    gateway.gateway.readAgain();
    expect((await readinessOf(gateway)).config).toMatchObject({ state: 'stale', codes: ['weak-master-key'] });
    expect(await servedBy(gateway)).toBe('one');
  });

  test('is mended by the missing file that it includes', async () => {
    writeFileSync(at('c.yaml'), configOf('one'));
    await using gateway = await startOn(at('c.yaml'));
    writeFileSync(at('c.yaml'), configOf('-', { model_list: [], include: ['late.yaml'] }));
    await expect.poll(async () => (await readinessOf(gateway)).config.state, PATIENCE).toBe('stale');
    writeFileSync(at('late.yaml'), JSON.stringify({ model_list: [deployment('two')] }));
    await becomes(gateway, 'two');
  });
});

test('what is wrong with the config is for the master key alone', async () => {
  writeFileSync(at('c.yaml'), configOf('one'));
  await using gateway = await startOn(at('c.yaml'));
  const policy = { master: false, policyTags: {}, onUnpermittedTag: 'reject', enableTagFiltering: false } as const;
  const key = gateway.addKey({ kind: 'key', id: 'k', policy });
  const refused = await gateway.get('/config/problems', { key });
  expect(refused.status).toBe(403);
  expect(await refused.json()).toMatchObject({ error: { code: 'admin_only' } });
  expect((await gateway.get('/config/problems', { key: null })).status).toBe(401);
  expect((await gateway.get('/config/problems')).status).toBe(200);
});

test('what runs keeps the config that it began with, whatever becomes of the files', async () => {
  writeFileSync(at('c.yaml'), configOf('one'));
  await using gateway = await startOn(at('c.yaml'));
  const stream = manualStream();
  upstream.respondOnce(stream);
  const running = gateway.chat({ model: 'g', stream: true });
  await stream.opened;
  replace(at('c.yaml'), configOf('two'));
  await becomes(gateway, 'two');
  writeFileSync(at('c.yaml'), BROKEN);
  await expect.poll(async () => (await readinessOf(gateway)).config.state, PATIENCE).toBe('stale');
  await stream.send('data: [DONE]\n\n');
  stream.end();
  const old = await running;
  expect(await old.text()).toBe('data: [DONE]\n\n');
  expect(old.headers.get('x-litellm-model-id')).toBe('one');
});

test('50 reloads a second under load: no call fails, no stream breaks, nothing is left open', async () => {
  const callers = 16;
  const socketsBefore = openSockets();
  const watchesBefore = inotifyWatches();
  const streaming = await startFakeUpstream();
  const config = (n: number): string =>
    configOf('-', { model_list: [deployment(`d-${n}`), deployment(`s-${n}`, { group: 's', url: streaming.url })] });
  writeFileSync(at('c.yaml'), config(0));
  const gateway = await startOn(at('c.yaml'));
  const over = new AbortController();
  const seen = new Set<string | null>();
  const statuses = new Map<number, number>();
  const caller = async (): Promise<void> => {
    while (!over.signal.aborted) {
      const answer = await gateway.chat({ model: 'g' });
      await answer.text();
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      seen.add(answer.headers.get('x-litellm-model-id'));
    }
  };
  const calling = Array.from({ length: callers }, caller);
  const streams = new LongStreams(streaming, () => gateway.chat({ model: 's', stream: true }));
  const reloads = 150;
  const begun = performance.now();
  for (let n = 1; n <= reloads; n += 1) {
    replace(at('c.yaml'), config(n));
    gateway.gateway.readAgain();
    await streams.step(n);
    const due = begun + n * RELOAD_EVERY_MS;
    await new Promise((resolve) => setTimeout(resolve, Math.max(1, due - performance.now())));
  }
  over.abort();
  await Promise.all(calling);
  const ended = await streams.finish();
  expect(ended).toHaveLength(reloads / 15);
  for (const { begun: n, status, servedBy: id, text, sent } of ended) {
    expect([status, id, text]).toEqual([200, `s-${n}`, sent]);
  }
  expect([...statuses.keys()]).toEqual([200]);
  expect(seen.size).toBeGreaterThan(reloads / 4);
  expect(gateway.failures).toEqual([]);
  expect(gateway.notices.length).toBe(reloads);
  expect(await servedBy(gateway)).toBe(`d-${reloads}`);
  await gateway.settled((statuses.get(200) ?? 0) + reloads / 15 + 1);
  expect(new Set(gateway.calls.map(({ outcome }) => outcome))).toEqual(new Set(['ok']));
  expect(upstream.openConnections).toBeLessThanOrEqual(callers);
  expect(streaming.openConnections).toBeLessThanOrEqual(4);
  expect(inotifyWatches() - watchesBefore).toBeLessThanOrEqual(1);
  await gateway.gateway.close(0);
  expect(inotifyWatches()).toBe(watchesBefore);
  await expect.poll(() => upstream.openConnections + streaming.openConnections, PATIENCE).toBe(0);
  await streaming[Symbol.asyncDispose]();
  await expect.poll(openSockets, PATIENCE).toBeLessThanOrEqual(socketsBefore);
});

test('reload after reload, no old config is kept in memory', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const size = 100_000;
  const large = (n: number): string =>
    configOf('one').replace('"id":"one"', `"id":"one","notes":"${String(n % 10).repeat(size)}","n":${n}`);
  writeFileSync(at('c.yaml'), large(0));
  await using gateway = await startOn(at('c.yaml'));
  const reload = async (from: number, to: number): Promise<number> => {
    for (let n = from; n < to; n += 1) {
      replace(at('c.yaml'), large(n));
      gateway.gateway.readAgain();
      expect(await servedBy(gateway)).toBe('one');
    }
    collect();
    return process.memoryUsage().heapUsed;
  };
  const warm = await reload(1, 30);
  const rounds = 100;
  expect((await reload(30, 30 + rounds)) - warm).toBeLessThan((rounds * size) / 3);
  expect(gateway.notices).toHaveLength(29 + rounds);
});

/** Folders that this process watches, as the kernel counts them; 0 where there is no such count. */
function inotifyWatches(): number {
  const place = '/proc/self/fdinfo';
  if (!existsSync(place)) return 0;
  return readdirSync(place)
    .map((name) => (existsSync(join(place, name)) ? readFileSync(join(place, name), 'utf8') : ''))
    .reduce((count, text) => count + (text.match(/^inotify wd:/gm)?.length ?? 0), 0);
}

/** Sockets that this process holds open; 0 where the kernel does not tell. */
function openSockets(): number {
  const place = '/proc/self/fd';
  if (!existsSync(place)) return 0;
  return readdirSync(place).filter((name) => isSocket(join(place, name))).length;
}

function isSocket(path: string): boolean {
  try {
    return readlinkSync(path).startsWith('socket:');
  } catch {
    // Closed since it was listed.
    return false;
  }
}
