import { describe, expect, test } from 'vitest';
import { recordedActions, recordedIo } from '../../../../test/support/cli-io.ts';
import type { GatewayQuestion } from '../actions.ts';
import { EXIT } from '../io.ts';
import { runCli } from '../program.ts';
import { addTeams } from '../teams/command.ts';
import { addKeys } from './command.ts';

const KEY = 'sk-of-an-administrator';

interface Reply {
  readonly status: number;
  readonly text: string;
}

/** Runs one command line against a gateway that answers these replies in turn. */
async function run(
  line: string,
  replies: readonly (object | Reply)[],
  env: Record<string, string> = { WAYMARK_KEY: KEY },
) {
  const world = recordedIo({ env });
  const asked: GatewayQuestion[] = [];
  const { actions } = recordedActions();
  const waiting = [...replies];
  const askGateway = async (question: GatewayQuestion): Promise<Reply> => {
    asked.push(question);
    const reply = waiting.shift();
    if (reply === undefined) throw new Error('connect ECONNREFUSED 127.0.0.1:4000');
    return 'text' in reply ? reply : { status: 200, text: JSON.stringify(reply) };
  };
  const identity = { version: '1.2.3', litellmVersion: '1.106.2' };
  const context = { io: world.io, actions: { ...actions, askGateway }, identity };
  const status = await runCli(line.split(' '), context, [addKeys, addTeams]);
  return { status, asked, out: world.out(), err: world.err() };
}

const row = (name: string): object => ({
  key_name: `sk-...${name}`,
  key_alias: null,
  team_id: 'team-a',
  tags: ['a', 'b'],
  expires: null,
  blocked: false,
  token: name.repeat(4),
});

describe('keys', () => {
  test('create sends what was asked for, and prints the key alone', async () => {
    const line = 'keys create --team t --alias n --tags a,b --allowed-tags x-* --models gpt-4 --duration 30d';
    const { status, asked, out, err } = await run(line, [{ key: 'sk-new', warnings: ['Something to know.'] }]);
    expect([status, out, err]).toEqual([EXIT.ok, 'sk-new\n', 'Note: Something to know.\n']);
    expect(asked).toEqual([
      {
        method: 'POST',
        url: 'http://localhost:4000/key/generate',
        key: KEY,
        body: {
          team_id: 't',
          key_alias: 'n',
          tags: ['a', 'b'],
          allowed_tags: ['x-*'],
          models: ['gpt-4'],
          duration: '30d',
        },
      },
    ]);
  });

  test('list reads every page', async () => {
    const pages = [
      { keys: [row('aaaa')], next_cursor: 'more please' },
      { keys: [row('bbbb')], next_cursor: null },
    ];
    const { out, asked } = await run('keys list --team team-a', pages);
    expect(out.split('\n')).toHaveLength(4);
    expect(out).toMatch(/sk-\.\.\.aaaa +team-a +a,b +never +aaaa/);
    expect(asked.map(({ url }) => url.split('?')[1])).toEqual([
      'return_full_object=true&size=500&team_id=team-a',
      'return_full_object=true&size=500&team_id=team-a&cursor=more%20please',
    ]);
  });

  test('revoke names keys by hash and by alias', async () => {
    const { out, asked } = await run('keys revoke abc --alias one two', [{ deleted_keys: ['x', 'y', 'z'] }]);
    expect(out).toBe('Revoked 3 keys.\n');
    expect(asked[0]?.body).toEqual({ keys: ['abc'], key_aliases: ['one', 'two'] });
  });

  test.each<[string, (object | Reply)[], Record<string, string>, number, RegExp]>([
    ['keys list', [], {}, EXIT.unusable, /^There is no key to ask with\.\nSet WAYMARK_KEY/],
    ['keys list', [], { WAYMARK_KEY: KEY }, EXIT.failed, /^No gateway answers at http:\/\/localhost:4000: connect/],
    ['keys list --base-url nonsense', [], { WAYMARK_KEY: KEY }, EXIT.unusable, /no http or https URL/],
    ['keys revoke', [], { WAYMARK_KEY: KEY }, EXIT.unusable, /^No key was named/],
    [
      'keys create',
      [{ status: 403, text: '{"error":{"message":"You may not."}}' }],
      { WAYMARK_KEY: KEY },
      EXIT.failed,
      /^You may not\.\nhttp:\/\/localhost:4000 answered 403\.\n$/,
    ],
    ['keys create', [{ status: 200, text: '<html>' }], { WAYMARK_KEY: KEY }, EXIT.failed, /is no Waymark gateway/],
  ])('%s fails with a sentence', async (line, replies, env, status, message) => {
    const ran = await run(line, replies, env);
    expect([ran.status, ran.out]).toEqual([status, '']);
    expect(ran.err).toMatch(message);
    expect(ran.err).not.toContain(KEY);
  });

  test.each<[string, Record<string, string>, string, string]>([
    ['keys list', { WAYMARK_KEY: KEY, LITELLM_MASTER_KEY: 'other' }, 'http://localhost:4000', KEY],
    [
      'keys list',
      { LITELLM_MASTER_KEY: 'other', WAYMARK_URL: 'https://gw.example/base/' },
      'https://gw.example/base',
      'other',
    ],
    [
      'keys list --key flag --base-url http://b:1',
      { WAYMARK_KEY: KEY, WAYMARK_URL: 'http://a:1' },
      'http://b:1',
      'flag',
    ],
  ])('%s with %j', async (line, env, base, key) => {
    const { asked } = await run(line, [{ keys: [], next_cursor: null }], env);
    expect([asked[0]?.url.startsWith(`${base}/key/list?`), asked[0]?.key]).toEqual([true, key]);
  });
});

describe('teams', () => {
  test('create prints the id', async () => {
    const { out, asked } = await run('teams create team-a --tags teamA', [{ team_id: 'team-a', warnings: [] }]);
    expect([out, asked[0]?.body]).toEqual(['team-a\n', { team_id: 'team-a', tags: ['teamA'] }]);
  });

  test('list, reach and delete', async () => {
    const team = {
      team_id: 'team-a',
      team_alias: 'A',
      tags: ['teamA'],
      models: [],
      members_with_roles: [1, 2],
      blocked: true,
    };
    const listed = await run('teams list', [{ teams: [team], next_cursor: null }]);
    expect(listed.out).toMatch(/team-a \(blocked\) +A +teamA +all +2\n/);
    const deployments = [
      { id: 'one', reachable: true, reasons: [] },
      { id: 'two', reachable: false, reasons: [{ text: 'lies outside' }] },
    ];
    const reached = await run('teams reach team-a', [{ groups: [{ group: 'gpt-4', deployments }] }]);
    expect(reached.out).toMatch(/gpt-4 +one +yes\ngpt-4 +two +no +lies outside\n/);
    const deleted = await run('teams delete a b', [{ deleted_teams: ['a', 'b'] }]);
    expect(deleted.out).toBe('Deleted 2 teams, with their keys and projects.\n');
  });

  test('--json prints what the gateway said', async () => {
    const { out } = await run('teams reach team-a --json', [{ groups: [], config_version: 'x' }]);
    expect(JSON.parse(out)).toEqual({ groups: [], config_version: 'x' });
  });
});
