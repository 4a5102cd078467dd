import { afterAll, beforeAll, expect, test } from 'vitest';

import { addExplain } from '../../src/surfaces/cli/explain/command.ts';
import { runCli } from '../../src/surfaces/cli/program.ts';
import { recordedActions, recordedIo } from '../support/cli-io.ts';
import { startHarness, type Harness } from '../support/harness.ts';

// `waymark explain --json` and `POST /route/explain` answer the same question with the same bytes of meaning: one function
// answers both, and the flags read as the fields do.

const CONFIG = `
model_list:
  - {model_name: gpt-4, litellm_params: {model: openai/a, api_key: k, tags: [free, teamA]}, model_info: {id: free-1}}
  - {model_name: gpt-4, litellm_params: {model: openai/b, api_key: k, tags: [free], tag_regex: ["claude-cli"]}, model_info: {id: free-2}}
  - {model_name: gpt-4, litellm_params: {model: openai/c, api_key: os.environ/ABSENT, tags: [paid]}, model_info: {id: paid-1}}
  - {model_name: gpt-4, litellm_params: {model: openai/d, api_key: k, tags: [default]}, model_info: {id: default-1}}
  - {model_name: gpt-4, litellm_params: {model: anthropic/e, api_key: k, tags: [vip]}, model_info: {id: vip-1, private: true}}
  - {model_name: off, litellm_params: {model: openai/f, api_key: k, tags: [x]}, model_info: {id: off-1, enable_tag_filtering: false}}
  - {model_name: off, litellm_params: {model: openai/g, api_key: k, tags: [y]}, model_info: {id: off-2}}
router_settings:
  enable_tag_filtering: true
  model_group_alias: {smart: gpt-4}
  fallbacks: [{gpt-4: [off]}]
general_settings: {master_key: sk-of-the-agreement-test}
`;

let gateway: Harness;

beforeAll(async () => {
  gateway = await startHarness(CONFIG, { keepMasterKey: true });
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
});

async function asked(args: readonly string[]): Promise<unknown> {
  const { io, out, err } = recordedIo({ files: { '/home/someone/config.yaml': CONFIG } });
  const context = { io, actions: recordedActions().actions, identity: { version: '0', litellmVersion: '0' } };
  await runCli(['explain', 'config.yaml', '--json', ...args], context, [addExplain]);
  expect(err()).toBe('');
  return JSON.parse(out());
}

const tags = (...list: string[]): string[] => list.flatMap((tag) => ['--tags', tag]);

test.each<[name: string, args: readonly string[], question: Record<string, unknown>]>([
  ['nothing', ['-m', 'gpt-4'], { model: 'gpt-4' }],
  ['tags', ['-m', 'gpt-4', ...tags('free')], { model: 'gpt-4', tags: ['free'] }],
  ['an alias', ['-m', 'smart', ...tags('free', '!teamA')], { model: 'smart', tags: ['free', '!teamA'] }],
  ['a deployment id', ['-m', 'free-2'], { model: 'free-2' }],
  ['no such group', ['-m', 'gtp-4'], { model: 'gtp-4' }],
  ['a tag that cannot serve', ['-m', 'gpt-4', ...tags('paid')], { model: 'gpt-4', tags: ['paid'] }],
  ['a provider that is not supported', ['-m', 'gpt-4', ...tags('vip')], { model: 'gpt-4', tags: ['vip'] }],
  ['a group without filtering', ['-m', 'off', ...tags('x')], { model: 'off', tags: ['x'] }],
  [
    "the key's own filtering",
    ['-m', 'off', ...tags('x'), '--enable-tag-filtering'],
    { model: 'off', tags: ['x'], enable_tag_filtering: true },
  ],
  ['a User-Agent', ['-m', 'gpt-4', '--user-agent', 'claude-cli/2'], { model: 'gpt-4', user_agent: 'claude-cli/2' }],
  [
    'policy',
    ['-m', 'gpt-4', '--policy-tags', 'team=teamA', '--policy-tags', 'key=free'],
    { model: 'gpt-4', policy_tags: { team: ['teamA'], key: ['free'] } },
  ],
  [
    'a fence around nothing',
    ['-m', 'gpt-4', '--policy-tags', 'project=&nobody'],
    { model: 'gpt-4', policy_tags: { project: ['&nobody'] } },
  ],
  [
    'no tag allowed',
    ['-m', 'gpt-4', ...tags('free'), '--allowed-tags', ''],
    { model: 'gpt-4', tags: ['free'], allowed_tags: [] },
  ],
  [
    'not allowed, ignored',
    ['-m', 'gpt-4', ...tags('free', 'paid'), '--allowed-tags', 'fr*', '--on-unpermitted-tag', 'ignore'],
    { model: 'gpt-4', tags: ['free', 'paid'], allowed_tags: ['fr*'], on_unpermitted_tag: 'ignore' },
  ],
  [
    'an ordinary key',
    ['-m', 'gpt-4', ...tags('vip'), '--virtual-key'],
    { model: 'gpt-4', tags: ['vip'], virtual_key: true },
  ],
  [
    'cooling',
    ['-m', 'gpt-4', ...tags('free'), '--cooling', 'free-1'],
    { model: 'gpt-4', tags: ['free'], cooling: ['free-1'] },
  ],
  ['a tag that is too long', ['-m', 'gpt-4', ...tags('x'.repeat(300))], { model: 'gpt-4', tags: ['x'.repeat(300)] }],
])('%s', async (_, args, question) => {
  for (const seed of [1, 2, 3]) {
    const response = await gateway.post('/route/explain', { ...question, seed });
    expect(response.status).toBe(200);
    expect(await asked([...args, '--seed', String(seed)])).toEqual(await response.json());
  }
});
