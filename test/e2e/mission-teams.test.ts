import { rmSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { fixture, FREE_HOST, MissionStage, type CurlAnswer } from '../support/mission-stage.ts';
import { startPostgres, type PostgresServer } from '../support/postgres.ts';
import type { RunningProgram } from '../support/program.ts';

// "Team based tag routing" of LiteLLM's page, word for word, on both databases. The ids and keys that the page leaves to the
// reader (`team_a_id_here`, `team_a_key_here`) are those that the commands before have printed.

let stage: MissionStage;
let postgres: PostgresServer;

beforeAll(async () => {
  [stage, postgres] = await Promise.all([MissionStage.open(), startPostgres()]);
}, 120_000);

afterAll(async () => {
  await Promise.all([stage[Symbol.asyncDispose](), postgres.dispose()]);
}, 60_000);

const DATABASES: [string, () => Promise<Record<string, string>>][] = [
  ['SQLite', async () => ({})],
  ['PostgreSQL', async () => ({ DATABASE_URL: await postgres.createDatabase() })],
];

describe.each(DATABASES)('team based tag routing on %s', (_name, variables) => {
  let litellm: RunningProgram;
  let env: Record<string, string>;
  const ids = { a: '', b: '' };
  const keys = { a: '', b: '' };

  beforeAll(async () => {
    env = await variables();
    litellm = await stage.startLitellm('teams.yaml', env);
  }, 30_000);
  afterAll(async () => {
    await litellm[Symbol.asyncDispose]();
    for (const end of ['', '-wal', '-shm']) rmSync(join(stage.home, `waymark.db${end}`), { force: true });
  });

  const json = ({ body }: CurlAnswer): Record<string, unknown> => JSON.parse(body) as Record<string, unknown>;
  const call = async (team: 'a' | 'b', more = ''): Promise<CurlAnswer> =>
    stage.curl(fixture('call-team-a.sh').trimEnd().replace('team_a_key_here', keys[team]) + more);

  test.each(['a', 'b'] as const)('the teams are created with tags, and answered with their ids: %s', async (team) => {
    const answer = json(await stage.runCurl(`new-team-${team}.sh`));
    expect(answer).toMatchObject({
      team_id: expect.stringMatching(/./),
      metadata: { tags: [`team${team.toUpperCase()}`] },
    });
    ids[team] = String(answer['team_id']);
  });

  test.each(['a', 'b'] as const)('keys are generated for the teams: %s', async (team) => {
    const command = fixture(`new-key-${team}.sh`).trimEnd().replace(`team_${team}_id_here`, ids[team]);
    const answer = json(await stage.curl(command));
    expect(answer).toMatchObject({ key: expect.stringMatching(/^sk-/), team_id: ids[team] });
    keys[team] = String(answer['key']);
  });

  test.each(['a', 'b'] as const)('the key of a team shows x-litellm-model-id: team-%s-model', async (team) => {
    const answer = await call(team);
    expect(answer.status).toBe('HTTP/1.1 200 OK');
    expect(answer.headers.get('x-litellm-model-id')).toBe(`team-${team}-model`);
    expect(answer.body).toBe(fixture('answer-free.json'));
    expect(stage.onlyRequest()).toMatchObject({ host: FREE_HOST, key: 'Bearer fake-key', body: { model: 'fake' } });
  });

  const bodyWith = (fields: object): string =>
    ` -d '${JSON.stringify({ model: 'fake-openai-endpoint', messages: [{ role: 'user', content: 'Hello!' }], ...fields })}'`;
  const head = (key: string, path = '/chat/completions'): string =>
    `curl -i -X POST http://0.0.0.0:4000${path} -H "Authorization: Bearer ${key}" -H "Content-Type: application/json"`;

  test.each<[string, string, object]>([
    ['the header', ' -H "x-litellm-tags: teamB"', {}],
    ['the header, beside its own', ' -H "x-litellm-tags: teamA,teamB,&teamB"', {}],
    ['the body', '', { tags: ['teamB'] }],
    ['one text', '', { tags: 'teamB' }],
    ['metadata', '', { metadata: { tags: ['teamB'] } }],
    ['metadata as text', '', { metadata: '{"tags": ["teamB"]}' }],
    ['litellm_metadata', '', { litellm_metadata: { tags: ['teamB'] } }],
    ['a stream', '', { tags: ['teamB'], stream: true }],
    ['a required tag', '', { tags: ['&teamB'] }],
    ['the id of the deployment', '', { model: 'team-b-model' }],
  ])('team A cannot talk its way into the deployment of team B: by %s', async (_way, headers, fields) => {
    const answer = await stage.curl(head(keys.a) + headers + bodyWith(fields));
    expect(answer.status).toBe('HTTP/1.1 403 Forbidden');
    expect(json(answer)).toMatchObject({
      error: { code: expect.stringMatching(/^(?:tag_not_permitted|fenced_out)$/) },
    });
    expect(answer.headers.get('x-litellm-model-id')).toBeUndefined();
    expect(stage.internet.requests).toEqual([]);
  });

  test.each([
    '/v1/chat/completions',
    '/openai/deployments/team-b-model/chat/completions',
    '/engines/team-b-model/chat/completions',
    '/v1/completions',
    '/v1/embeddings',
  ])('nor by %s', async (path) => {
    const body = bodyWith({ tags: ['teamB'], prompt: 'Hello!', input: 'Hello!' });
    const answer = await stage.curl(head(keys.a, path) + body);
    expect(answer.status).toBe('HTTP/1.1 403 Forbidden');
    expect(stage.internet.requests).toEqual([]);
  });

  test('nor by naming it as a fallback: its own deployment serves', async () => {
    const answer = await stage.curl(
      head(keys.a) + bodyWith({ fallbacks: ['team-b-model'], mock_testing_fallbacks: true }),
    );
    expect(answer.headers.get('x-litellm-model-id')).toBe('team-a-model');
  });

  test('a key that is blocked stops at once, and works again when it is not', async () => {
    const tell = async (verb: string): Promise<CurlAnswer> =>
      stage.curl(`${head('sk-1234', `/key/${verb}`)} -d '{"key": "${keys.b}"}'`);
    expect((await tell('block')).status).toBe('HTTP/1.1 200 OK');
    expect((await call('b')).status).toBe('HTTP/1.1 401 Unauthorized');
    expect((await tell('unblock')).status).toBe('HTTP/1.1 200 OK');
    expect((await call('b')).headers.get('x-litellm-model-id')).toBe('team-b-model');
  });

  test('teams and keys outlive the program', async () => {
    await litellm[Symbol.asyncDispose]();
    litellm = await stage.startLitellm('teams.yaml', env);
    expect((await call('a')).headers.get('x-litellm-model-id')).toBe('team-a-model');
  }, 30_000);
});
