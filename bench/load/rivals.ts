import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RivalName, Target } from './interleave.ts';
import { startPinned } from './processes.ts';
import type { UpstreamKind } from './scenarios.ts';
import { answersAt, freePort } from './waymark.ts';

const FOLDER = fileURLToPath(new URL('../rivals/', import.meta.url));
const PORTKEY = join(FOLDER, 'node_modules/@portkey-ai/gateway/build/start-server.js');
const LITELLM = join(FOLDER, 'venv/bin/litellm');
const READY_MS = 120_000;

/** What another gateway is started with. */
export interface RivalSetting {
  readonly core: number;
  /** The simulators. */
  readonly upstreams: Readonly<Record<UpstreamKind, number>>;
  /** Waymark's own config: LiteLLM reads it as it is. */
  readonly config: string;
}

/** A gateway of somebody else, under measurement. */
export interface RunningRival extends Target {
  stop(): Promise<void>;
}

/** A gateway that is not measured, and what would bring it. */
export interface MissingRival {
  readonly name: RivalName;
  readonly bringsIt: string;
}

interface Plan {
  readonly name: RivalName;
  /** Undefined: it is here. */
  readonly bringsIt: string | undefined;
  readonly start: (setting: RivalSetting) => Promise<RunningRival>;
}

const INSTALL = '`npm run bench -- --install`';

function plans(): readonly Plan[] {
  const nginx = spawnSync('nginx', ['-v']).error === undefined;
  return [
    {
      name: 'nginx',
      bringsIt: nginx ? undefined : 'nginx in the PATH (`apt-get install nginx-light`)',
      start: startNginx,
    },
    { name: 'portkey', bringsIt: existsSync(PORTKEY) ? undefined : INSTALL, start: startPortkey },
    {
      name: 'litellm',
      bringsIt: existsSync(LITELLM) ? undefined : `${INSTALL}, with Python at hand`,
      start: startLiteLlm,
    },
  ];
}

/** Starts every other gateway that is at hand, one after the other. */
export async function startRivals(
  setting: RivalSetting,
  onStarted: (rival: RunningRival) => void,
): Promise<readonly MissingRival[]> {
  const missing: MissingRival[] = [];
  for (const { name, bringsIt, start } of plans()) {
    if (bringsIt === undefined) onStarted(await start(setting));
    else missing.push({ name, bringsIt });
  }
  return missing;
}

/** Puts Portkey and, where Python is at hand, LiteLLM into the bench's own folder. */
export function installRivals(): void {
  run('npm', ['ci', '--prefix', FOLDER]);
  if (spawnSync('python3', ['--version']).error !== undefined) return;
  run('python3', ['-m', 'venv', join(FOLDER, 'venv')]);
  run(join(FOLDER, 'venv/bin/pip'), ['install', '--quiet', '-r', join(FOLDER, 'requirements.txt')]);
}

function run(command: string, argv: readonly string[]): void {
  const { status, error } = spawnSync(command, argv, { stdio: 'inherit', cwd: FOLDER });
  if (error !== undefined || status !== 0) throw new Error(`${command} ${argv.join(' ')} failed.`);
}

/** One process, buffering off, connections to the upstream kept: as quick a proxy as there is. It reads nothing. */
async function startNginx({ core, upstreams }: RivalSetting): Promise<RunningRival> {
  const folder = mkdtempSync(join(tmpdir(), 'waymark-bench-nginx-'));
  const ports = { json: await freePort(), burst: await freePort(), paced: await freePort() };
  const server = (kind: UpstreamKind): string => `
  upstream ${kind} { server 127.0.0.1:${upstreams[kind]}; keepalive 256; keepalive_requests 100000000; }
  server {
    listen 127.0.0.1:${ports[kind]} backlog=1024;
    location / {
      proxy_pass http://${kind};
      proxy_http_version 1.1;
      proxy_set_header connection "";
      proxy_set_header authorization "Bearer sk-upstream";
      proxy_buffering off;
    }
  }`;
  const file = join(folder, 'nginx.conf');
  writeFileSync(
    file,
    `daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
events { worker_connections 12000; }
http {
  access_log off;
  client_max_body_size 0;
  client_body_buffer_size 2m;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  keepalive_requests 100000000;
${(['json', 'burst', 'paced'] as const).map(server).join('\n')}
}
`,
  );
  const command = ['nginx', '-p', folder, '-c', file];
  return running('nginx', { folder, core, ports, command, readyPath: '/v1/models', readyPort: ports.json });
}

async function startPortkey({ core, upstreams }: RivalSetting): Promise<RunningRival> {
  const folder = mkdtempSync(join(tmpdir(), 'waymark-bench-portkey-'));
  const port = await freePort();
  const command = [process.execPath, PORTKEY, '--headless', `--port=${port}`];
  const ports = { json: port, burst: port, paced: port };
  const rival = await running('portkey', { folder, core, ports, command, readyPath: '/', readyPort: port });
  return {
    ...rival,
    headersFor: (kind) => [
      'x-portkey-provider: openai',
      `x-portkey-custom-host: http://127.0.0.1:${upstreams[kind]}/v1`,
    ],
  };
}

/** One worker, Waymark's config word for word. */
async function startLiteLlm({ core, config }: RivalSetting): Promise<RunningRival> {
  const folder = mkdtempSync(join(tmpdir(), 'waymark-bench-litellm-'));
  const file = join(folder, 'config.yaml');
  writeFileSync(file, config);
  const port = await freePort();
  const command = ['env', 'LITELLM_LOG=ERROR', 'LITELLM_LOCAL_MODEL_COST_MAP=True', LITELLM];
  const argv = [
    '--config',
    file,
    '--host',
    '127.0.0.1',
    '--port',
    String(port),
    '--num_workers',
    '1',
    '--telemetry',
    'False',
  ];
  const ports = { json: port, burst: port, paced: port };
  return running('litellm', {
    folder,
    core,
    ports,
    command: [...command, ...argv],
    readyPath: '/health/liveliness',
    readyPort: port,
  });
}

async function running(
  name: RivalName,
  at: {
    readonly folder: string;
    readonly core: number;
    readonly ports: Target['ports'];
    readonly command: readonly string[];
    readonly readyPath: string;
    readonly readyPort: number;
  },
): Promise<RunningRival> {
  const log = join(at.folder, 'output.log');
  const started = startPinned(at.core, at.command, log);
  const stop = async (): Promise<void> => {
    await started.stop();
    rmSync(at.folder, { recursive: true, force: true });
  };
  if (!(await answersAt(`http://127.0.0.1:${at.readyPort}${at.readyPath}`, performance.now() + READY_MS))) {
    const output = readFileSync(log, 'utf8').slice(-4096);
    await stop();
    throw new Error(`${name} did not answer within ${READY_MS / 1000} s. It said:\n${output}`);
  }
  return { name, pid: started.pid, ports: at.ports, rival: true, stop };
}
