import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { runProgram, startProgram, type RunningProgram } from '../support/program.ts';

// What npm publishes: packed, installed without a network in an empty folder, and used as somebody does who has nothing else.

const DIST = join(import.meta.dirname, '..', '..', 'dist');
const MEGABYTE = 1_000_000;
const MASTER_KEY = 'sk-strong-enough-for-a-test';

interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

let folder: string;
let home: string;
let packed: Packed;

function npm(cwd: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync('npm', args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm ${args.join(' ')} ended with ${status}:\n${stdout}${stderr}`);
  return stdout;
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'installed-package-'));
  home = join(folder, 'home');
  mkdirSync(home);
  const [report] = JSON.parse(npm(join(DIST, 'package'), 'pack', '--json', '--pack-destination', folder)) as Packed[];
  if (report === undefined) throw new Error('npm packed nothing.');
  packed = report;
  writeFileSync(join(home, 'package.json'), '{"private": true}');
  const quiet = [
    '--offline',
    '--no-audit',
    '--no-fund',
    '--engine-strict=false',
    '--cache',
    join(folder, 'empty-cache'),
  ];
  npm(home, 'install', ...quiet, join(folder, packed.filename));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The path of a person who has installed the package, and a current Node. */
function withInstalled(env: Readonly<Record<string, string>> = {}): { cwd: string; env: Record<string, string> } {
  const path = [join(home, 'node_modules', '.bin'), dirname(process.execPath), process.env['PATH'] ?? ''];
  return { cwd: home, env: { PATH: path.join(delimiter), ...env } };
}

async function said(command: string, env: Readonly<Record<string, string>> = {}): Promise<[unknown, string]> {
  const { status, output } = await runProgram(command, withInstalled(env));
  return [status, output];
}

describe('the package', () => {
  test('is below 5 MB, packed and unpacked, and brings nothing along', () => {
    expect(packed.size).toBeLessThan(5 * MEGABYTE);
    expect(packed.unpackedSize).toBeLessThan(5 * MEGABYTE);
    expect(readdirSync(join(home, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual([
      'waymark-gateway',
    ]);
    expect(existsSync(join(home, 'node_modules', 'waymark-gateway', 'node_modules'))).toBe(false);
    expect(packed.files.filter(({ path }) => /\.(?:ts|map|node)$|(?:^|\/)\./.test(path))).toEqual([]);
  });

  test('runs no script when it is installed', () => {
    const manifests = readdirSync(join(home, 'node_modules'), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('package.json'))
      .map((path) => JSON.parse(readFileSync(join(home, 'node_modules', path), 'utf8')) as { scripts?: object });
    expect(manifests.length).toBeGreaterThan(0);
    expect(manifests.filter(({ scripts }) => scripts !== undefined)).toEqual([]);
    const lock = JSON.parse(readFileSync(join(home, 'package-lock.json'), 'utf8')) as { packages: object };
    expect(JSON.stringify(lock)).not.toContain('hasInstallScript');
  });

  test('names the licence of all code in it, with its text', () => {
    // The source maps beside the program say what went into it, whatever the build says.
    const maps = readdirSync(DIST, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.mjs.map'));
    const sources = maps.flatMap(
      (path) => (JSON.parse(readFileSync(join(DIST, path), 'utf8')) as { sources: string[] }).sources,
    );
    const bundled = new Set(
      sources.flatMap((source) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(source)?.[1] ?? []),
    );
    const text = readFileSync(join(home, 'node_modules', 'waymark-gateway', 'THIRD-PARTY-LICENCES.txt'), 'utf8');
    const listed = [
      ...text.matchAll(/^-{80}\n(\S+) \d+\.\d+\.\d+\S* \(([^)]+)\)\n-{80}\n\n([^]*?)(?=^-{80}$|(?![^]))/gm),
    ];
    expect(bundled.size).toBeGreaterThan(20);
    expect(new Set(listed.map(([, name]) => name))).toEqual(bundled);
    for (const [, name, licence, terms] of listed) {
      expect(licence, name).toMatch(/^(?:MIT|ISC|Apache-2\.0|BSD-[23]-Clause|BlueOak-1\.0\.0|0BSD|Unlicense)$/);
      if (licence === 'Unlicense') expect(terms, name).toMatch(/free and unencumbered software/);
      else
        expect(terms, name).toMatch(
          /copyright[^]+(?:Permission is hereby granted|Permission to use|Redistribution and use)/i,
        );
    }
  });
});

describe('the installed program', () => {
  let upstream: RunningProgram;
  let gateway: RunningProgram;
  let url: string;

  beforeAll(async () => {
    upstream = startProgram('waymark mock-upstream --port 0 --name far-away --json', withInstalled());
    const [line] = await upstream.said(/^\{.*\}$/m);
    const base = `${(JSON.parse(line) as { url: string }).url}/v1`;
    const deployment = (tag: string): object => ({
      model_name: 'gpt-4',
      litellm_params: { model: 'openai/gpt-4o', api_base: base, api_key: 'none', tags: [tag] },
      model_info: { id: `${tag}-1` },
    });
    const config = {
      model_list: ['free', 'paid', 'default'].map(deployment),
      router_settings: { enable_tag_filtering: true },
      general_settings: { master_key: 'os.environ/MASTER_KEY' },
    };
    writeFileSync(join(home, 'config.yaml'), JSON.stringify(config));
    gateway = startProgram('litellm --config config.yaml --host 127.0.0.1 --port 0', withInstalled({ MASTER_KEY }));
    [, url = ''] = await gateway.said(/running on (http:\/\/127\.0\.0\.1:\d+)/);
  });

  afterAll(async () => {
    await gateway[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  test('says which it is', async () => {
    const { version } = JSON.parse(
      readFileSync(join(home, 'node_modules', 'waymark-gateway', 'package.json'), 'utf8'),
    ) as { version: string };
    expect(await said('waymark --version')).toEqual([
      0,
      `Waymark ${version} (answers the surface of LiteLLM 1.106.2)\n`,
    ]);
  });

  test.each([
    ['free', 'free-1'],
    ['paid', 'paid-1'],
    ['nobody-knows', 'default-1'],
  ])('serves a call tagged %s by %s', async (tag, id) => {
    const answer = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${MASTER_KEY}`, 'content-type': 'application/json', 'x-litellm-tags': tag },
      body: JSON.stringify({ model: 'gpt-4', messages: [{ role: 'user', content: 'Hello' }] }),
    });
    expect([answer.status, answer.headers.get('x-litellm-model-id')]).toEqual([200, id]);
    expect(await answer.json()).toMatchObject({
      object: 'chat.completion',
      choices: [{ message: { role: 'assistant' } }],
    });
  });

  test('keeps keys and teams: the database is in the package too', async () => {
    const env = { WAYMARK_URL: url, WAYMARK_KEY: MASTER_KEY };
    expect((await said('waymark teams create team-a --tags paid', env))[0]).toBe(0);
    const [status, key] = await said('waymark keys create --team team-a', env);
    expect([status, key.trim()]).toEqual([0, expect.stringMatching(/^sk-\S+$/)]);
    const answer = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key.trim()}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'gpt-4', messages: [{ role: 'user', content: 'Hello' }] }),
    });
    expect([answer.status, answer.headers.get('x-litellm-model-id')]).toEqual([200, 'paid-1']);
  });

  test('checks a config, for people, machines and code hosts', async () => {
    expect(await said('waymark check config.yaml', { MASTER_KEY })).toEqual([
      0,
      'config.yaml: nothing found (3 deployments in 1 group)\n',
    ]);
    const [status, text] = await said('waymark check config.yaml --strict --sarif');
    expect(status).toBe(1);
    expect(JSON.parse(text)).toMatchObject({
      version: '2.1.0',
      runs: [{ results: [{ ruleId: 'missing-environment-variable' }] }],
    });
  });

  test('explains where a call would go, alone and as the running gateway does', async () => {
    const [status, text] = await said('waymark explain -c config.yaml --model gpt-4 --tags paid', { MASTER_KEY });
    expect(status).toBe(0);
    expect(text).toMatch(/^Send {2}gpt-4 -> .*paid-1/);
    const asked = await fetch(`${url}/route/explain`, {
      method: 'POST',
      headers: { authorization: `Bearer ${MASTER_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'gpt-4', tags: ['paid'] }),
    });
    expect(await asked.json()).toMatchObject({ decision: 'send', order: ['paid-1'] });
  });

  test('prints the schema that the package holds', async () => {
    const [status, text] = await said('waymark schema');
    expect(status).toBe(0);
    expect(text).toBe(readFileSync(join(home, 'node_modules', 'waymark-gateway', 'config.schema.json'), 'utf8'));
  });

  test('stops when it is told to', async () => {
    gateway.signal('SIGTERM');
    expect(await gateway.ended).toBe(0);
  });
});
