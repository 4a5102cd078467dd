import { describe, expect, test } from 'vitest';

import { recordedActions, recordedIo } from '../../../../test/support/cli-io.ts';
import { EXIT } from '../io.ts';
import { runCli } from '../program.ts';
import { addCheck } from './command.ts';

const CLEAN = `
model_list:
  - model_name: gpt-4
    litellm_params: {model: openai/gpt-4o, api_key: os.environ/KEY, tags: [default]}
    model_info: {id: default-1}
router_settings: {enable_tag_filtering: true}
general_settings: {master_key: os.environ/KEY}
`;
const WARNED = CLEAN.replace('enable_tag_filtering', 'enable_tag_filterin');
const WRONG = CLEAN.replace('[default]', '[default], tag_regex: ["(?=x)"]');
const UNREADABLE = 'model_list: [';

async function check(line: string, config = CLEAN): Promise<{ status: number; out: string; err: string }> {
  const env = { KEY: 'sk-long-enough-to-be-strong' };
  const { io, out, err } = recordedIo({ files: { '/home/someone/config.yaml': config }, env });
  const identity = { version: '1.2.3', litellmVersion: '1.106.2' };
  const context = { io, actions: recordedActions().actions, identity };
  const status = await runCli(['check', ...line.split(' ')], context, [addCheck]);
  return { status, out: out(), err: err() };
}

describe('exit status', () => {
  test.each([
    ['clean', CLEAN, '', EXIT.ok],
    ['clean, strict', CLEAN, ' --strict', EXIT.ok],
    ['a warning', WARNED, '', EXIT.ok],
    ['a warning, strict', WARNED, ' --strict', EXIT.failed],
    ['an error', WRONG, '', EXIT.failed],
    ['unreadable', UNREADABLE, '', EXIT.unusable],
    ['unreadable, strict, as JSON', UNREADABLE, ' --strict --json', EXIT.unusable],
  ])('%s', async (_, config, flags, status) => {
    expect((await check(`config.yaml${flags}`, config)).status).toBe(status);
  });

  test('no such file', async () => {
    const { status, out } = await check('missing.yaml');
    expect(status).toBe(EXIT.unusable);
    expect(out).toContain('missing.yaml');
  });
});

test.each([
  ['clean', CLEAN],
  ['warned', WARNED],
  ['wrong', WRONG],
])('findings of a config that is %s, for a person', async (name, config) => {
  await expect((await check('config.yaml', config)).out).toMatchFileSnapshot(`golden/${name}.txt`);
});

test('findings for machines', async () => {
  const report = JSON.parse((await check('config.yaml --json', WRONG)).out) as Record<string, unknown>;
  expect(report).toMatchObject({ config: '/home/someone/config.yaml', status: EXIT.failed, errors: 1 });
  expect(report['problems']).toMatchObject([
    {
      code: 'bad-regex',
      severity: 'error',
      path: 'model_list[0].litellm_params.tag_regex[0]',
      file: '/home/someone/config.yaml',
      line: 4,
    },
  ]);
});

describe('--explain', () => {
  test('says what a code means and how to mend it', async () => {
    const { status, out } = await check('--explain unknown-key');
    expect(status).toBe(EXIT.ok);
    expect(out).toMatch(/^unknown-key \(warning\)\n {2}means {2}\S.*\n {2}mend {3}\S/);
  });

  test('all codes as JSON', async () => {
    const entries = JSON.parse((await check('--explain all --json')).out) as { code: string }[];
    expect(entries.map(({ code }) => code)).toContain('bad-regex');
    expect(entries.length).toBeGreaterThan(30);
  });

  test.each([
    ['unknow-key', 'Did you mean unknown-key?'],
    ['constructor', '"waymark check --explain all" lists every code.'],
  ])('%s is no code', async (code, hint) => {
    const { status, err } = await check(`--explain ${code}`);
    expect(status).toBe(EXIT.unusable);
    expect(err).toBe(`There is no finding with the code "${code}".\n${hint}\n`);
  });
});
