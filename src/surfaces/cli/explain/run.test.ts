import { describe, expect, test } from 'vitest';

import { recordedActions, recordedIo } from '../../../../test/support/cli-io.ts';
import { EXIT } from '../io.ts';
import { runCli } from '../program.ts';
import { addExplain } from './command.ts';

const CONFIG = `
model_list:
  - model_name: gpt-4
    litellm_params: {model: openai/fake, api_key: os.environ/KEY, api_base: "http://127.0.0.1:1/v1", tags: [free, teamA]}
    model_info: {id: free-1}
  - model_name: gpt-4
    litellm_params: {model: openai/fake, api_key: os.environ/KEY, api_base: "http://127.0.0.1:2/v1", tags: [free], tag_regex: ["^User-Agent: claude-cli/"]}
    model_info: {id: free-2}
  - model_name: gpt-4
    litellm_params: {model: openai/gpt-4o, api_key: os.environ/OPENAI_API_KEY, tags: [paid]}
    model_info: {id: paid-1}
  - model_name: gpt-4
    litellm_params: {model: openai/gpt-4o, api_key: os.environ/KEY, tags: [default]}
    model_info: {id: default-1}
  - model_name: gpt-4
    litellm_params: {model: openai/gpt-4o, api_key: os.environ/KEY, tags: [secret]}
    model_info: {id: private-1, private: true}
  - model_name: backup
    litellm_params: {model: openai/gpt-4o, api_key: os.environ/KEY}
    model_info: {id: backup-1}
router_settings:
  enable_tag_filtering: true
  fallbacks: [{gpt-4: [backup]}]
  model_group_alias: {smart: gpt-4}
`;

interface Answer {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

async function explain(args: readonly string[], config = CONFIG): Promise<Answer> {
  const { io, out, err } = recordedIo({
    files: { '/home/someone/config.yaml': config },
    env: { KEY: 'sk-of-the-upstream' },
  });
  const identity = { version: '1.2.3', litellmVersion: '1.106.2' };
  const status = await runCli(
    ['explain', 'config.yaml', ...args],
    { io, actions: recordedActions().actions, identity },
    [addExplain],
  );
  return { status, out: out(), err: err() };
}

const json = async (...args: string[]): Promise<Record<string, unknown>> =>
  JSON.parse((await explain([...args, '--json'])).out) as Record<string, unknown>;

describe('for a person', () => {
  test.each([
    ['free-tag', EXIT.ok, ['-m', 'gpt-4', '--tags', 'free']],
    [
      'fenced-team',
      EXIT.ok,
      ['-m', 'smart', '--tags', 'free,my-custom-tag', '--policy-tags', 'team=teamA', '--virtual-key'],
    ],
    ['cannot-serve', EXIT.failed, ['-m', 'gpt-4', '--tags', 'paid']],
    ['not-permitted', EXIT.failed, ['-m', 'gpt-4', '--tags', 'paid', '--allowed-tags', 'free']],
    ['misspelt-group', EXIT.failed, ['-m', 'gpt-5']],
    ['badly-shaped-tag', EXIT.failed, ['-m', 'gpt-4', '--tags', `free,${'x'.repeat(257)}`]],
    ['user-agent', EXIT.ok, ['-m', 'gpt-4', '--user-agent', 'claude-cli/2.1']],
  ])('%s', async (name, status, args) => {
    const answer = await explain(args);
    expect(answer.err).toBe('');
    expect(answer.status).toBe(status);
    const text = answer.out.replace(/(?<=^Config +version )[0-9a-f]{12}$/m, '0123456789ab');
    await expect(text).toMatchFileSnapshot(`golden/run-${name}.txt`);
  });
});

describe('for machines', () => {
  test.each([
    ['no tags', [], { decision: 'send', order: ['default-1'] }],
    [
      'tags, repeated flags join',
      ['--tags', 'teamA', '--tags', '!free'],
      { status: 400, code: 'no_deployment_for_tags' },
    ],
    ['tags of the header', ['--header-tags', 'teamA'], { order: ['free-1'] }],
    ['policy tags', ['--policy-tags', 'team=teamA'], { eligible: ['free-1'] }],
    ['two scopes', ['--policy-tags', 'team=teamA', '--policy-tags', 'key=!teamA'], { status: 403, code: 'fenced_out' }],
    [
      'an empty list of allowed tags',
      ['--tags', 'free', '--allowed-tags', ''],
      { status: 403, code: 'tag_not_permitted' },
    ],
    [
      'ignored instead',
      ['--tags', 'free', '--allowed-tags=', '--on-unpermitted-tag', 'ignore'],
      { order: ['default-1'] },
    ],
    ['the master key reaches private ones', ['--tags', 'secret'], { order: ['private-1'] }],
    ['an ordinary key does not', ['--tags', 'secret', '--virtual-key'], { status: 403, code: 'tag_not_permitted' }],
    ['cooling', ['--tags', 'free', '--cooling', 'free-1'], { eligible: ['free-1', 'free-2'], available: ['free-2'] }],
    [
      'all cooling',
      ['--tags', 'teamA', '--cooling', 'free-1'],
      { status: 503, code: 'deployments_unavailable', order: [] },
    ],
    ['an id as model', ['-m', 'free-2'], { order: ['free-2'] }],
  ])('%s', async (_, args, answer) => {
    expect(await json('-m', 'gpt-4', ...args)).toMatchObject(answer);
  });

  test('the seed chooses the order, the same one each time', async () => {
    const orders = new Set<string>();
    for (let seed = 0; seed < 20; seed += 1) {
      const args = ['-m', 'gpt-4', '--tags', 'free', '--seed', String(seed)];
      const [first, second] = [await json(...args), await json(...args)];
      expect(first).toEqual(second);
      orders.add(JSON.stringify(first['order']));
    }
    expect([...orders].sort()).toEqual(['["free-1","free-2"]', '["free-2","free-1"]']);
  });
});

describe('what cannot be explained', () => {
  test.each([
    ['no model', [], /^Required option '-m, --model <group>'/],
    [
      'an unknown id',
      ['-m', 'gpt-4', '--cooling', 'free-9'],
      /^--cooling names free-9[^\n]*\nIts deployments: free-1, free-2/,
    ],
    [
      'a scope that is none',
      ['-m', 'gpt-4', '--policy-tags', 'teamA'],
      /Write key=, team= or project= before the tags/,
    ],
    ['a choice that is none', ['-m', 'gpt-4', '--on-unpermitted-tag', 'drop'], /Allowed choices are reject, ignore/],
  ])('%s', async (_, args, message) => {
    const { status, out, err } = await explain(args);
    expect({ status, out }).toEqual({ status: EXIT.unusable, out: '' });
    expect(err).toMatch(message);
  });

  test('a config with a broken pattern', async () => {
    const { status, err } = await explain(['-m', 'gpt-4'], CONFIG.replace('^User-Agent', '(?=x)'));
    expect(status).toBe(EXIT.unusable);
    expect(err).toMatch(/config\.yaml:7:\d+ {2}error {2}bad-regex/);
  });
});

test('no secret is printed', async () => {
  const { out } = await explain(['-m', 'gpt-4', '--tags', 'free', '--json']);
  expect(out).not.toContain('sk-of-the-upstream');
});
