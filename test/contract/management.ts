import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AccountStore } from '../../src/accounts/contract.ts';
import { startManaged, type Answered, type Managed } from '../support/management.ts';

const hashOf = (key: string): string => createHash('sha256').update(key).digest('hex');
const coded = ({ status, body }: Answered): unknown[] => [status, body.error?.code, body.error?.param];

/** What clients of LiteLLM do with keys and teams, through HTTP, over one kind of store. The gateway closes the store. */
export function describeManagement(where: string, openStore: () => Promise<AccountStore>): void {
  describe(`the management API ${where}`, () => {
    let managed: Managed;
    beforeAll(async () => {
      managed = await startManaged(undefined, { accounts: await openStore() });
    });
    afterAll(async () => await managed[Symbol.asyncDispose]());

    describe('keys', () => {
      test('a key is made, shown once, and found by itself or by its hash', async () => {
        const made = await managed.done('POST /key/generate', {
          body: { key_alias: 'first', tags: ['teamA'], max_budget: 1.5, metadata: { note: 'x' }, duration: '30d' },
        });
        expect(made.key).toMatch(/^sk-[\w-]{43}$/);
        expect(made).toMatchObject({
          token: hashOf(made.key),
          key_name: `sk-...${made.key.slice(-4)}`,
          tags: ['teamA'],
          metadata: { note: 'x', tags: ['teamA'] },
          max_budget: 1.5,
          created_by: 'master',
          warnings: ['max_budget is stored and shown, and not enforced.'],
        });
        for (const named of [made.key, made.token]) {
          const info = await managed.done('GET /key/info', { query: { key: named } });
          expect(info).toMatchObject({ key: made.token, info: { key_alias: 'first' } });
          expect(JSON.stringify(info)).not.toContain(made.key);
        }
        expect((await managed.done('GET /key/info', { key: made.key })).key).toBe(made.token);
      });

      test.each<[string, object, unknown[]]>([
        ['a field that nobody knows', { teamid: 'x' }, [400, 'invalid_field', 'teamid']],
        ['an alias that is taken', { key_alias: 'first' }, [400, 'already_exists', 'key_alias']],
        ['a team that does not exist', { team_id: 'nowhere' }, [404, 'object_not_found', 'team_id']],
        ['a negative budget', { max_budget: -1 }, [400, 'invalid_field', 'max_budget']],
        ['a key that does not start with sk-', { key: 'pk-0123456789abcdef' }, [400, 'invalid_field', 'key']],
        ['a short key', { key: 'sk-1234' }, [400, 'invalid_field', 'key']],
        ['two kinds of end', { duration: '1d', expires: '2030-01-01T00:00:00Z' }, [400, 'invalid_field', 'expires']],
        ['tags said twice', { tags: ['a'], metadata: { tags: ['b'] } }, [400, 'invalid_field', 'tags']],
      ])('%s is refused', async (_, body, wanted) => {
        expect(coded(await managed.ask('POST /key/generate', { body }))).toEqual(wanted);
      });

      test('a key of your own can be brought along, once', async () => {
        const key = 'sk-brought-along-0123';
        const made = await managed.done('POST /key/generate', { body: { key } });
        expect(made.token).toBe(hashOf(key));
        expect(coded(await managed.ask('POST /key/generate', { body: { key } }))).toEqual([
          400,
          'already_exists',
          'key',
        ]);
      });

      test('an update merges metadata, and null deletes', async () => {
        const { key } = await managed.done('POST /key/generate', {
          body: { metadata: { a: 1, b: 2 }, tags: ['teamA'], rpm_limit: 5 },
        });
        const changed = await managed.done('POST /key/update', {
          body: { key, metadata: { b: null, c: 3 }, rpm_limit: null },
        });
        expect(changed).toMatchObject({ metadata: { a: 1, c: 3, tags: ['teamA'] }, rpm_limit: null, tags: ['teamA'] });
        expect(changed.metadata).not.toHaveProperty('b');
        const untagged = await managed.done('POST /key/update', { body: { key, metadata: { tags: null } } });
        expect(untagged).toMatchObject({ tags: [], metadata: { a: 1, c: 3 } });
      });

      test('of changes at the same moment one wins, and the others are told', async () => {
        const { key } = await managed.done('POST /key/generate');
        const names = ['one', 'two', 'three', 'four', 'five'];
        const answers = await Promise.all(
          names.map(
            async (name) => await managed.ask('POST /key/update', { body: { key, metadata: { [name]: true } } }),
          ),
        );
        const done = answers.filter(({ status }) => status === 200).length;
        expect(done).toBeGreaterThan(0);
        for (const answer of answers.filter(({ status }) => status !== 200)) {
          expect(coded(answer)).toEqual([409, 'changed_meanwhile', null]);
        }
        const { info } = await managed.done('GET /key/info', { query: { key } });
        expect(Object.keys(info.metadata)).toHaveLength(done);
      });

      test('a blocked key is refused at once, until it is unblocked', async () => {
        const { key } = await managed.done('POST /key/generate');
        expect((await managed.gateway.get('/v1/models', { key })).status).toBe(200);
        expect((await managed.done('POST /key/block', { body: { key } })).blocked).toBe(true);
        expect((await managed.gateway.get('/v1/models', { key })).status).toBe(401);
        await managed.done('POST /key/unblock', { body: { key } });
        expect((await managed.gateway.get('/v1/models', { key })).status).toBe(200);
      });

      test('a deleted key is gone at once; one name that is wrong, and none is deleted', async () => {
        const { key } = await managed.done('POST /key/generate', { body: { key_alias: 'to-go' } });
        const wrong = await managed.ask('POST /key/delete', { body: { keys: [key, 'sk-no-such-key-is-there'] } });
        expect(coded(wrong)).toEqual([404, 'object_not_found', 'keys[1]']);
        const { deleted_keys: deleted } = await managed.done('POST /key/delete', { body: { key_aliases: ['to-go'] } });
        expect(deleted).toEqual([hashOf(key)]);
        expect((await managed.gateway.get('/v1/models', { key })).status).toBe(401);
        expect(coded(await managed.ask('GET /key/info', { query: { key } }))).toEqual([404, 'object_not_found', 'key']);
        expect(coded(await managed.ask('POST /key/delete'))).toEqual([400, 'missing_field', 'keys']);
      });

      test('a regenerated key is another key with the same grants; the old one ends, or lives out its grace period', async () => {
        const old = await managed.done('POST /key/generate', { body: { key_alias: 'renewed', tags: ['teamA'] } });
        const next = await managed.done('POST /key/{key}/regenerate', {
          params: { key: old.token },
          body: { grace_period: '1h' },
        });
        expect(next).toMatchObject({ key_alias: 'renewed', tags: ['teamA'] });
        expect(next.key).not.toBe(old.key);
        for (const key of [old.key, next.key])
          expect((await managed.gateway.get('/v1/models', { key })).status).toBe(200);
        const shown = await managed.done('GET /key/info', { query: { key: old.key } });
        expect(shown.info.replaced_by).toBe(next.token);
        expect(shown.info.expires).not.toBeNull();
        const last = await managed.done('POST /key/regenerate', { body: { key: next.key } });
        expect((await managed.gateway.get('/v1/models', { key: next.key })).status).toBe(401);
        const taken = await managed.ask('POST /key/regenerate', { body: { key: last.key, new_key: last.key } });
        expect(coded(taken)).toEqual([400, 'already_exists', 'new_key']);
        expect((await managed.gateway.get('/v1/models', { key: last.key })).status).toBe(200);
      });

      test('lists have pages by number and by cursor', async () => {
        for (const index of [1, 2, 3])
          await managed.done('POST /key/generate', { body: { user_id: 'paged', key_alias: `paged-${index}` } });
        const query = {
          user_id: 'paged',
          size: '2',
          sort_by: 'key_alias',
          sort_order: 'asc',
          return_full_object: 'true',
        };
        const first = await managed.done('GET /key/list', { query });
        expect(first).toMatchObject({ total_count: 3, current_page: 1, total_pages: 2 });
        expect(first.keys.map((key: { key_alias: string }) => key.key_alias)).toEqual(['paged-1', 'paged-2']);
        const byNumber = await managed.done('GET /key/list', { query: { ...query, page: '2' } });
        const byCursor = await managed.done('GET /key/list', { query: { ...query, cursor: first.next_cursor } });
        for (const page of [byNumber, byCursor]) {
          expect(page.keys.map((key: { key_alias: string }) => key.key_alias)).toEqual(['paged-3']);
          expect(page.next_cursor).toBeNull();
        }
        const tokens = await managed.done('GET /key/list', { query: { user_id: 'paged', size: '500' } });
        expect(tokens.keys).toHaveLength(3);
        expect(tokens.keys[0]).toMatch(/^[0-9a-f]{64}$/);
      });

      test.each<[Record<string, string>, unknown[]]>([
        [{ pages: '1' }, [400, 'invalid_field', 'pages']],
        [{ size: '0' }, [400, 'invalid_field', 'size']],
        [{ size: '501' }, [400, 'invalid_field', 'size']],
        [{ page: '-1' }, [400, 'invalid_field', 'page']],
        [{ cursor: 'nonsense' }, [400, 'invalid_field', 'cursor']],
        [{ sort_by: 'spend' }, [400, 'invalid_field', 'sort_by']],
      ])('a list with %j is refused', async (query, wanted) => {
        expect(coded(await managed.ask('GET /key/list', { query }))).toEqual(wanted);
      });

      test('a service account is a key of a team and of nobody', async () => {
        await managed.done('POST /team/new', { body: { team_id: 'with-service' } });
        const made = await managed.done('POST /key/service-account/generate', { body: { team_id: 'with-service' } });
        expect(made).toMatchObject({ service_account: true, user_id: null, team_id: 'with-service' });
        expect(coded(await managed.ask('POST /key/service-account/generate'))).toEqual([
          400,
          'missing_field',
          'team_id',
        ]);
      });

      test('a key is healthy', async () => {
        expect((await managed.done('POST /key/health')).key).toBe('healthy');
      });
    });

    describe('teams', () => {
      test('a tag that no deployment carries is taken, with a warning', async () => {
        const made = await managed.done('POST /team/new', { body: { team_id: 'misspelt', tags: ['teamAA'] } });
        expect(made.tags).toEqual(['teamAA']);
        expect(made.warnings.join(' ')).toMatch(/No deployment carries the tag teamAA\..*nearest known tag is teamA\./);
        const changed = await managed.done('POST /team/update', {
          body: { team_id: 'misspelt', tags: ['teamAA', 'teamB'] },
        });
        expect(changed.warnings).toEqual([]);
        expect(changed.data.tags).toEqual(['teamAA', 'teamB']);
      });

      test('an id that is taken is refused', async () => {
        await managed.done('POST /team/new', { body: { team_id: 'twice' } });
        expect(coded(await managed.ask('POST /team/new', { body: { team_id: 'twice' } }))).toEqual([
          400,
          'already_exists',
          'team_id',
        ]);
      });

      test('deleting a team deletes its keys and projects', async () => {
        await managed.done('POST /team/new', { body: { team_id: 'to-go' } });
        await managed.done('POST /project/new', { body: { team_id: 'to-go', project_id: 'goes-too' } });
        const { key } = await managed.done('POST /key/generate', {
          body: { team_id: 'to-go', project_id: 'goes-too' },
        });
        expect((await managed.gateway.get('/v1/models', { key })).status).toBe(200);
        expect(await managed.done('POST /team/delete', { body: { team_ids: ['to-go'] } })).toEqual({
          deleted_teams: ['to-go'],
        });
        expect((await managed.gateway.get('/v1/models', { key })).status).toBe(401);
        expect((await managed.ask('GET /project/info', { query: { project_id: 'goes-too' } })).status).toBe(404);
        expect((await managed.ask('GET /key/info', { query: { key } })).status).toBe(404);
      });

      test('blocking a team blocks its keys', async () => {
        await managed.done('POST /team/new', { body: { team_id: 'blocked' } });
        const { key } = await managed.done('POST /key/generate', { body: { team_id: 'blocked' } });
        await managed.done('POST /team/block', { body: { team_id: 'blocked' } });
        expect((await managed.gateway.get('/v1/models', { key })).status).toBe(401);
        await managed.done('POST /team/unblock', { body: { team_id: 'blocked' } });
        expect((await managed.gateway.get('/v1/models', { key })).status).toBe(200);
      });

      test('members come, change and go; by id or by e-mail address', async () => {
        await managed.done('POST /user/new', {
          body: { user_id: 'mail', user_email: 'mail@example.com', auto_create_key: false },
        });
        await managed.done('POST /team/new', { body: { team_id: 'members' } });
        const member = [
          { role: 'user', user_id: 'one' },
          { role: 'admin', user_email: 'mail@example.com' },
        ];
        const added = await managed.done('POST /team/member_add', {
          body: { team_id: 'members', member, max_budget_in_team: 2 },
        });
        expect(added).toMatchObject({ admins: ['mail'], members: ['one'] });
        expect(added.team_memberships[0].litellm_budget_table).toEqual({ max_budget: 2 });
        const nobody = await managed.ask('POST /team/member_add', {
          body: { team_id: 'members', member: { role: 'user', user_email: 'nobody@example.com' } },
        });
        expect(coded(nobody)).toEqual([400, 'invalid_field', 'member']);
        const changed = await managed.done('POST /team/member_update', {
          body: { team_id: 'members', user_id: 'one', role: 'admin' },
        });
        expect(changed.admins).toEqual(['one', 'mail']);
        const gone = await managed.done('POST /team/member_delete', {
          body: { team_id: 'members', user_email: 'mail@example.com' },
        });
        expect(gone.members_with_roles).toHaveLength(1);
        const info = await managed.done('GET /team/info', { query: { team_id: 'members' } });
        expect(info.team_memberships).toHaveLength(1);
      });

      test('both lists show them', async () => {
        const all = await managed.done('GET /team/list');
        const page = await managed.done('GET /v2/team/list', { query: { page_size: '500' } });
        const ids = (teams: { team_id: string }[]): string[] => teams.map(({ team_id: id }) => id).sort();
        expect(ids(all)).toEqual(ids(page.teams));
        expect(page.total).toBe(all.length);
      });
    });

    test('reach is reported for keys and teams', async () => {
      await managed.done('POST /team/new', { body: { team_id: 'reaching', tags: ['teamA'] } });
      const { key } = await managed.done('POST /key/generate', { body: { team_id: 'reaching' } });
      const own = await managed.done('GET /key/reach', { key });
      expect(own.groups).toEqual([
        { group: 'gpt-4', reachable: true, deployments: [{ id: 'team-a-model', reachable: true, reasons: [] }] },
      ]);
      const seen = await managed.done('GET /team/reach', { query: { team_id: 'reaching' } });
      const other = seen.groups[0].deployments.find((each: { id: string }) => each.id === 'team-b-model');
      expect(other).toMatchObject({ reachable: false, reasons: [{ code: 'outside_fence' }] });
    });

    test('what is no JSON object is refused, and so is what is not read here', async () => {
      const send = async (body: string, headers: Record<string, string> = {}): Promise<unknown[]> => {
        const response = await managed.gateway.post('/team/new', body, { headers });
        return [response.status, ((await response.json()) as { error: { code: string } }).error.code];
      };
      expect(await send('{"team_id":')).toEqual([400, 'invalid_json']);
      expect(await send('[]')).toEqual([400, 'invalid_body']);
      expect(await send('"text"')).toEqual([400, 'invalid_body']);
      expect(await send('{"__proto__":{"a":1}}')).toEqual([400, 'invalid_field']);
      expect(await send('{}', { 'content-encoding': 'gzip' })).toEqual([415, 'unsupported_media_type']);
      expect(await send('{}', { 'content-type': 'multipart/form-data; boundary=x' })).toEqual([
        415,
        'unsupported_media_type',
      ]);
      expect(await send(`{"team_alias":"${'x'.repeat(1024 * 1024)}"}`)).toEqual([413, 'body_too_large']);
    });

    test('a wrong method is named with the right one; unknown paths stay unknown', async () => {
      const wrong = await managed.gateway.get('/key/generate');
      expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'POST']);
      expect((await managed.gateway.get('/key/nothing')).status).toBe(404);
      expect((await managed.gateway.post('/key/a/b/regenerate', {})).status).toBe(404);
      const { routes } = (await (await managed.gateway.get('/routes')).json()) as { routes: { path: string }[] };
      expect(routes.map(({ path }) => path)).toEqual(
        expect.arrayContaining(['/key/generate', '/audit', '/key/{key}/regenerate']),
      );
    });

    test('without a key nothing is managed; documentation is open', async () => {
      expect((await managed.ask('POST /key/generate', { key: null })).status).toBe(401);
      expect((await managed.ask('GET /key/list', { key: 'sk-unknown-0123456789' })).status).toBe(401);
      expect((await managed.gateway.get('/openapi.json', { key: null })).status).toBe(200);
      const docs = await managed.gateway.get('/docs', { key: null });
      expect(docs.headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(await docs.text()).toContain('POST /key/generate');
    });
  });
}
