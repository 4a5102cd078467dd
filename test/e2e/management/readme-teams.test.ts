import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runProgram, startProgram } from '../../support/program.ts';

const README = readFileSync(join(import.meta.dirname, '..', '..', '..', 'README.md'), 'utf8');
const SECTION = /## Give two teams their own deployments\n([^]*?)\n## /.exec(README)?.[1] ?? '';
const block = (language: string): string => new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``).exec(SECTION)?.[1] ?? '';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'waymark-readme-'));
});
afterAll(async () => await rm(folder, { recursive: true, force: true }));

test('the five commands of the README give two teams their own deployments', async () => {
  await writeFile(join(folder, 'teams.yaml'), block('yaml'));
  const env = { LITELLM_MASTER_KEY: 'sk-of-the-readme-0123456789' };
  await using gateway = startProgram('waymark --config teams.yaml --port 0', { cwd: folder, env });
  const [, port = ''] = await gateway.said(/running on http:\/\/0\.0\.0\.0:(\d+) /);
  // As written, but for the port, and for npx: the program stands on the path here.
  const written = block('sh').replaceAll('localhost:4000', `localhost:${port}`).replaceAll('npx waymark', 'waymark');
  const commands = written.trim().replaceAll('\\\n', '').split('\n');
  expect(commands).toHaveLength(5);
  const call = commands.at(-1) ?? '';
  const more = [call.replace('$KEY_A', '$KEY_B'), `${call} -H 'x-litellm-tags: teamB'`, 'waymark teams reach team-a'];
  await writeFile(join(folder, 'five.sh'), ['set -e', ...commands, ...more].join('\n'));
  const { status, output } = await runProgram('sh five.sh', {
    cwd: folder,
    env: { ...env, WAYMARK_URL: `http://localhost:${port}` },
  });
  expect(status, output).toBe(0);
  expect([...output.matchAll(/HTTP\/1\.1 (\d+)|x-litellm-model-id: (\S+)/g)].map(([, a, b]) => a ?? b)).toEqual([
    '200',
    'team-a-model',
    '200',
    'team-b-model',
    '403',
  ]);
  expect(output).toMatch(/team-a-model +yes\n/);
  expect(output).toMatch(/team-b-model +no +lies outside the fence/);
  gateway.signal('SIGTERM');
  expect(await gateway.ended).toBe(0);
});
