import { readFileSync } from 'node:fs';
import { validate } from 'dockerfile-utils';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { inRoot } from '../../scripts/workshop/root.ts';

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
