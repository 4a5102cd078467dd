import { afterEach, describe, expect, test } from 'vitest';
import {
  BadCursor,
  StoreConflict,
  UnstorableValue,
  type AccountChange,
  type AccountStore,
  type ChangeNotice,
  type ListQuery,
  type Page,
} from '../../src/accounts/contract.ts';
import {
  auditEntry,
  keyRecord,
  modelRecord,
  projectRecord,
  tagRecord,
  teamRecord,
  tokenOf,
  userRecord,
} from '../support/account-records.ts';

/** One database that a test has to itself. */
export interface StoreUnderTest {
  readonly store: AccountStore;
  /** Another store on the same database, as another program would open it; undefined: the implementation has no such thing. */
  readonly another: (() => Promise<AccountStore>) | undefined;
  dispose(): Promise<void>;
}

/** Everything that any account store must do. `open` makes an empty one. */
export function describeAccountStore(name: string, open: () => Promise<StoreUnderTest>): void {
  let current: StoreUnderTest | undefined;
  const fresh = async (): Promise<AccountStore> => {
    current = await open();
    return current.store;
  };

  afterEach(async () => {
    await current?.dispose();
    current = undefined;
  });

  describe(`${name}: records`, () => {
    test('every field comes back as it went in', async () => {
      const store = await fresh();
      const odd = {
        quote: '\'"`;--',
        nul: 'a\u0000b',
        half: '\ud800',
        deep: [{ b: 1, a: [null, true, 1.5e300] }],
        _: '',
      };
      const limits = {
        maxBudgetNano: Number.MAX_SAFE_INTEGER,
        softBudgetNano: 0,
        budgetDuration: '30d',
        tpmLimit: 7,
        rpmLimit: 8,
        maxParallelRequests: 9,
      };
      const grant = {
        tags: ['zürich', 'a,b'],
        allowedTags: ['team-*'],
        onUnpermittedTag: 'ignore' as const,
        enableTagFiltering: false,
      };
      const stamp = { createdAt: 1_800_000_000_123, createdBy: 'u1', updatedAt: 1_800_000_000_456, updatedBy: 'u2' };
      const all = { ...limits, ...grant, ...stamp, alias: "O'Hara; 100% \u{1f600}", metadata: odd, extra: odd };
      const members = [
        { userId: 'u2', role: 'admin' as const, maxBudgetNano: 5 },
        { userId: 'u1', role: 'user' as const, maxBudgetNano: null },
      ];
      const team = teamRecord('t', { ...all, members, memberPermissions: ['/key/generate'], modelAliases: { a: 'b' } });
      const project = projectRecord('p', 't', { ...all, blocked: true });
      const user = userRecord('u', { ...limits, ...stamp, email: 'a@b.example', role: 'proxy_admin_viewer' });
      const key = keyRecord('k', {
        ...all,
        teamId: 't',
        userId: 'u',
        projectId: 'p',
        models: ['gpt-*', 'all-team-models'],
        aliases: { fast: 'gpt-4o' },
        expiresAt: 1_900_000_000_000,
        blocked: true,
        serviceAccount: true,
        allowedRoutes: ['llm_api_routes'],
        permissions: { get_spend_routes: true },
        replacedBy: tokenOf('k2'),
      });
      const tag = tagRecord('paid', { ...limits, description: 'd', models: ['m'] });
      const model = modelRecord('m', { params: odd, sealedCredentials: 'v1:abc', modelInfo: { tags: ['x'] } });
      const audit = auditEntry('a', { before: odd, after: null, at: 1_800_000_000_000 });
      await store.apply({
        put: { keys: [key], teams: [team], projects: [project], users: [user], tags: [tag], models: [model] },
        audit: [audit],
      });

      expect(await store.findKey(key.token)).toStrictEqual({ key, team, project, user });
      expect(await store.getTeam('t')).toStrictEqual(team);
      expect(await store.getProject('p')).toStrictEqual(project);
      expect(await store.getUser('u')).toStrictEqual(user);
      expect(await store.getTag('paid')).toStrictEqual(tag);
      expect(await store.getModel('m')).toStrictEqual(model);
      expect(await store.listModels()).toStrictEqual([model]);
      expect((await store.listKeys({}, { size: 1 })).entries).toStrictEqual([key]);
      expect((await store.listAudit({}, { size: 1 })).entries).toStrictEqual([audit]);
      // Key order too: metadata is shown as it was given.
      expect(JSON.stringify((await store.getTeam('t'))?.metadata)).toBe(JSON.stringify(odd));
    });

    test('the longest names that are taken fit every index', async () => {
      const store = await fresh();
      // Of letters that do not repeat: PostgreSQL compresses what it can before it judges the length.
      const name = (seed: string): string =>
        Array.from({ length: 15 }, (_, i) => tokenOf(`${seed}${i}`))
          .join('')
          .padEnd(1000, 'x');
      const [teamId, userId, alias] = [name('t'), name('u'), name('a')];
      const team = teamRecord(teamId, { alias, members: [{ userId, role: 'user', maxBudgetNano: null }] });
      const key = keyRecord('k', { teamId, userId, alias });
      const audit = [auditEntry('a', { actor: userId, objectId: teamId })];
      await store.apply({ put: { teams: [team], keys: [key], users: [userRecord(userId, { email: alias })] }, audit });
      expect(await store.teamsOfUser(userId)).toStrictEqual([team]);
      expect((await store.listKeys({ teamId }, { size: 5 })).entries).toStrictEqual([key]);
    });

    test('an update replaces the record and keeps the total', async () => {
      const store = await fresh();
      await store.apply({ put: { keys: [keyRecord('a', { tags: ['x'], alias: 'one' })] }, audit: [] });
      await store.apply({ put: { keys: [keyRecord('a', { tags: [], blocked: true })] }, audit: [] });
      expect((await store.findKey(tokenOf('a')))?.key).toStrictEqual(keyRecord('a', { blocked: true }));
      expect((await store.listKeys({}, { size: 5 })).total).toBe(1);
      expect(await store.findKeyByAlias('one')).toBeUndefined();
    });

    test('what is not there is undefined, and a look-up takes any text', async () => {
      const store = await fresh();
      for (const odd of ['', 'nope', "' or 1=1 --", '%', '\0', '\ud800', 'x'.repeat(5000)]) {
        expect(await store.findKey(odd)).toBeUndefined();
        expect(await store.getTeam(odd)).toBeUndefined();
        expect(await store.findKeyByAlias(odd)).toBeUndefined();
        expect(await store.teamsOfUser(odd)).toEqual([]);
        expect((await store.listKeys({ alias: odd }, { size: 5 })).entries).toEqual([]);
        expect((await store.listAudit({ actor: odd }, { size: 5 })).total).toBe(0);
      }
      expect(await store.findKey(tokenOf('a').toUpperCase())).toBeUndefined();
    });

    test.each([
      ['key.alias', { keys: [keyRecord('a', { alias: 'a\0b' })] }],
      ['team.alias', { teams: [teamRecord('t', { alias: '\udc00' })] }],
      ['key.alias', { keys: [keyRecord('a', { alias: 'ü'.repeat(501) })] }],
      [
        'team.members',
        { teams: [teamRecord('t', { members: [{ userId: '\0', role: 'user', maxBudgetNano: null }] })] },
      ],
      ['key.maxBudgetNano', { keys: [keyRecord('a', { maxBudgetNano: 2 ** 53 })] }],
      ['user.tpmLimit', { users: [userRecord('u', { tpmLimit: 1.5 })] }],
    ] as const)('refuses a value of %s that would not come back', async (field, put) => {
      const store = await fresh();
      const failure = store.apply({ put: { tags: [tagRecord('x')], ...put }, audit: [] });
      await expect(failure).rejects.toSatisfy((error) => error instanceof UnstorableValue && error.field === field);
      expect((await store.listTags({ size: 5 })).entries).toEqual([]);
    });
  });

  describe(`${name}: changes`, () => {
    const conflicts: readonly (readonly [string, string, AccountChange])[] = [
      ['an alias of another key', 'key.alias', { put: { keys: [keyRecord('b', { alias: 'one' })] }, audit: [] }],
      ['one alias twice', 'key.alias', two({ alias: 'new' }, { alias: 'new' })],
      ['a key that exists', 'key.token', { createOnly: true, put: { keys: [keyRecord('a')] }, audit: [] }],
      ['a team that exists', 'team.id', { createOnly: true, put: { teams: [teamRecord('t')] }, audit: [] }],
      ['one user twice', 'user.id', { put: { users: [userRecord('v'), userRecord('v')] }, audit: [] }],
      ['a team that is gone', 'key.team', { put: { keys: [keyRecord('b', { teamId: 'gone' })] }, audit: [] }],
      ['a project that is gone', 'key.project', { put: { keys: [keyRecord('b', { projectId: 'gone' })] }, audit: [] }],
      ['the team of a project', 'project.team', { put: { projects: [projectRecord('p', 'gone')] }, audit: [] }],
      [
        'a team removed by the change itself',
        'key.team',
        { remove: { team: ['t'] }, put: { keys: [keyRecord('b', { teamId: 't' })] }, audit: [] },
      ],
      ['a row changed since', 'version', { expect: [{ type: 'team', id: 't', updatedAt: 999 }], audit: [] }],
      ['a row deleted since', 'version', { expect: [{ type: 'user', id: 'gone', updatedAt: 1000 }], audit: [] }],
    ];

    test.each(conflicts)('conflict: %s, and nothing of the change is kept', async (_what, field, change) => {
      const store = await fresh();
      const teams = [teamRecord('t')];
      await store.apply({ put: { teams, keys: [keyRecord('a', { alias: 'one', teamId: 't' })] }, audit: [] });
      const told: ChangeNotice[] = [];
      store.watch((notices) => told.push(...notices));
      const before = await observe(store);
      const extra = { ...change, put: { ...change.put, tags: [tagRecord('extra')] }, audit: [auditEntry('extra')] };
      await expect(store.apply(extra)).rejects.toSatisfy(
        (error) => error instanceof StoreConflict && error.field === field,
      );
      expect(await observe(store)).toStrictEqual(before);
      expect(told).toEqual([]);
    });

    test('a regenerated key takes the alias of the one that it replaces, and names may change hands', async () => {
      const store = await fresh();
      await store.apply(two({ alias: 'x' }, { alias: 'y' }));
      await store.apply(two({ alias: 'y' }, { alias: 'x' }));
      expect((await store.findKeyByAlias('y'))?.token).toBe(tokenOf('a'));
      const old = keyRecord('a', { alias: 'y', replacedBy: tokenOf('c') });
      await store.apply({ put: { keys: [keyRecord('c', { alias: 'y' }), old] }, audit: [] });
      expect((await store.findKeyByAlias('y'))?.token).toBe(tokenOf('c'));
      expect((await store.findKey(tokenOf('a')))?.key.alias).toBe('y');
    });

    test('an expected version that holds lets the change through', async () => {
      const store = await fresh();
      await store.apply({ put: { teams: [teamRecord('t')] }, audit: [] });
      const expected = [{ type: 'team', id: 't', updatedAt: 1000 }] as const;
      await store.apply({ expect: expected, put: { teams: [teamRecord('t', { updatedAt: 2000 })] }, audit: [] });
      expect((await store.getTeam('t'))?.updatedAt).toBe(2000);
    });

    test('removals take with them what the contract says, and nothing else', async () => {
      const store = await fresh();
      const keys = [
        keyRecord('of-team', { teamId: 't1', userId: 'u' }),
        keyRecord('of-project', { teamId: 't2', projectId: 'p2' }),
        keyRecord('of-first-project', { teamId: 't1', projectId: 'p1' }),
        keyRecord('personal', { userId: 'u' }),
        keyRecord('elsewhere', { teamId: 't2', userId: 'u' }),
        keyRecord('free'),
      ];
      const seat = (userId: string) => ({ userId, role: 'admin' as const, maxBudgetNano: null });
      const teams = [teamRecord('t1'), teamRecord('t2', { members: [seat('u'), seat('v')] })];
      const projects = [projectRecord('p1', 't1'), projectRecord('p2', 't2')];
      const users = [userRecord('u'), userRecord('v')];
      await store.apply({ put: { keys, teams, projects, users }, audit: [] });

      const byTeam = await store.apply({ remove: { team: ['t1', 'gone'] }, audit: [] });
      expect(byTeam.removedKeys).toEqual([tokenOf('of-team'), tokenOf('of-first-project')].sort());
      expect([await store.getTeam('t1'), await store.getProject('p1')]).toEqual([undefined, undefined]);

      const byProject = await store.apply({ remove: { project: ['p2'] }, audit: [] });
      expect(byProject.removedKeys).toEqual([tokenOf('of-project')]);

      const byUser = await store.apply({ remove: { user: ['u'] }, audit: [] });
      expect(byUser.removedKeys).toEqual([tokenOf('personal')]);
      expect(await store.teamsOfUser('u')).toEqual([]);
      expect(await store.getTeam('t2')).toStrictEqual(teamRecord('t2', { members: [seat('v')], updatedAt: 1001 }));

      const rest = await store.listKeys({}, { size: 10 });
      expect(rest.entries.map((key) => key.token).sort()).toEqual([tokenOf('elsewhere'), tokenOf('free')].sort());
      expect(rest.total).toBe(2);
      const { removedKeys } = await store.apply({ remove: { key: [tokenOf('free'), tokenOf('gone')] }, audit: [] });
      expect(removedKeys).toEqual([tokenOf('free')]);
    });

    test('changes made at once are made one after the other', async () => {
      const store = await fresh();
      const attempts = Array.from({ length: 8 }, async (_, i) => {
        await store.apply({ createOnly: true, put: { keys: [keyRecord(`k${i}`, { alias: 'same' })] }, audit: [] });
      });
      const settled = await Promise.allSettled(attempts);
      expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect((await store.listKeys({}, { size: 10 })).total).toBe(1);
    });

    test('a change larger than a statement is applied whole', async () => {
      const store = await fresh();
      const keys = Array.from({ length: 1203 }, (_, i) => keyRecord(`k${i}`, { teamId: 't', createdAt: i }));
      await store.apply({ put: { teams: [teamRecord('t')], keys }, audit: [] });
      expect((await store.listKeys({ teamId: 't' }, { size: 1 })).total).toBe(1203);
      const { removedKeys } = await store.apply({ remove: { team: ['t'] }, audit: [] });
      expect(removedKeys).toHaveLength(1203);
      expect((await store.listKeys({}, { size: 1 })).total).toBe(0);
    });
  });

  describe(`${name}: notices`, () => {
    test('a watcher hears every change of its own store at once, until it stops', async () => {
      const store = await fresh();
      const told: ChangeNotice[] = [];
      const stop = store.watch((notices) => told.push(...notices));
      const put = {
        keys: [keyRecord('a', { teamId: 't' })],
        teams: [teamRecord('t')],
        projects: [projectRecord('p', 't')],
        users: [userRecord('u')],
        tags: [tagRecord('x')],
        models: [modelRecord('m')],
      };
      await store.apply({ put, audit: [] });
      const all = [`key:${tokenOf('a')}`, 'team:t', 'project:p', 'user:u', 'tag:x', 'models'].sort();
      expect([...told].sort()).toEqual(all);
      told.length = 0;
      await store.apply({ remove: { team: ['t'], user: ['u'], tag: ['x'], model: ['m'] }, audit: [] });
      expect([...told].sort()).toEqual(all);
      told.length = 0;
      await store.apply({ audit: [auditEntry('denied', { action: 'denied' })] });
      stop();
      await store.apply({ put: { users: [userRecord('u')] }, audit: [] });
      expect(told).toEqual([]);
    });

    test('another store on the database sees the change and hears of it once', async () => {
      const store = await fresh();
      const another = await current?.another?.();
      if (another === undefined) return;
      try {
        const heard: ChangeNotice[] = [];
        const { promise, resolve } = Promise.withResolvers<void>();
        another.watch((notices) => {
          heard.push(...notices);
          if (heard.includes('user:last')) resolve();
        });
        await store.apply({ put: { users: [userRecord('first')] }, audit: [] });
        await store.apply({ put: { users: [userRecord('last')] }, audit: [] });
        await promise;
        expect(heard).toEqual(['user:first', 'user:last']);
        expect(await another.getUser('last')).toStrictEqual(userRecord('last'));
      } finally {
        await another.close();
      }
    });
  });

  describe(`${name}: lists`, () => {
    test.each([
      ['created_at', 'desc'],
      ['created_at', 'asc'],
      ['updated_at', 'desc'],
      ['updated_at', 'asc'],
      ['alias', 'desc'],
      ['alias', 'asc'],
    ] as const)('by %s %s: cursors and page numbers give every entry once, in order', async (sortBy, sortOrder) => {
      const store = await fresh();
      const keys = Array.from({ length: 23 }, (_, i) =>
        keyRecord(`k${i}`, {
          alias: i % 4 === 0 ? null : `${['a', 'B', 'ü', '\uffee', '\u{1f600}'][i % 5]}${i}`,
          createdAt: 1000 + (i % 5),
          updatedAt: 2000 - (i % 7),
        }),
      );
      await store.apply({ put: { keys }, audit: [] });
      const valueOf = (key: (typeof keys)[number]): string | number =>
        ({ created_at: key.createdAt, updated_at: key.updatedAt, alias: key.alias ?? '' })[sortBy];
      const bytewise = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
      const sorted = [...keys].sort((a, b) => {
        const [x, y] = [valueOf(a), valueOf(b)];
        const first = typeof x === 'number' && typeof y === 'number' ? x - y : bytewise(String(x), String(y));
        return first || bytewise(a.token, b.token);
      });
      const expected = (sortOrder === 'asc' ? sorted : sorted.toReversed()).map((key) => key.token);
      const read = async (query: ListQuery) => await store.listKeys({}, query);
      const byCursor = await readByCursor(read, { size: 4, sortBy, sortOrder });
      expect(byCursor.map((key) => key.token)).toEqual(expected);
      const third = await read({ size: 4, sortBy, sortOrder, page: 3 });
      expect([third.entries.map((key) => key.token), third.total]).toEqual([expected.slice(8, 12), 23]);
      const beyond = await read({ size: 4, sortBy, sortOrder, page: 99 });
      expect([beyond.entries, beyond.total, beyond.cursor]).toEqual([[], 23, null]);
    });

    test('a cursor goes on where it was although entries come and go', async () => {
      const store = await fresh();
      const keys = Array.from({ length: 6 }, (_, i) => keyRecord(`k${i}`, { createdAt: i }));
      await store.apply({ put: { keys }, audit: [] });
      const { cursor } = await store.listKeys({}, { size: 2 });
      const put = { keys: [keyRecord('new', { createdAt: 100 })] };
      await store.apply({ remove: { key: [tokenOf('k4'), tokenOf('k3')] }, put, audit: [] });
      const next = await store.listKeys({}, { size: 2, cursor: cursor ?? '' });
      expect(next.entries.map((key) => key.createdAt)).toEqual([2, 1]);
    });

    test('a cursor that no list gave, or of another order, is refused', async () => {
      const store = await fresh();
      await store.apply(two({ createdAt: 1 }, { createdAt: 2 }));
      const { cursor } = await store.listKeys({}, { size: 1 });
      const forged = [
        ['created_at', 'desc', 'text', 'x'],
        ['created_at', 'desc', 1],
        [],
        { a: 1 },
        ['name', 'asc', 1, 'x'],
      ];
      const texts = [
        '',
        'nope',
        '%%%',
        ...forged.map((value) => Buffer.from(JSON.stringify(value)).toString('base64url')),
      ];
      for (const text of texts) {
        await expect(store.listKeys({}, { size: 1, cursor: text })).rejects.toBeInstanceOf(BadCursor);
      }
      const otherOrder = store.listKeys({}, { size: 1, cursor: cursor ?? '', sortOrder: 'asc' });
      await expect(otherOrder).rejects.toBeInstanceOf(BadCursor);
    });

    test('keys are filtered by all given fields, and by who may see them', async () => {
      const store = await fresh();
      const teams = [teamRecord('t1'), teamRecord('t2')];
      const keys = [
        keyRecord('1', { teamId: 't1', userId: 'u', alias: 'Prod-1' }),
        keyRecord('2', { teamId: 't1', userId: 'v', alias: '100%_x' }),
        keyRecord('3', { teamId: 't2', userId: 'u', projectId: 'p' }),
        keyRecord('4', { userId: 'v', alias: 'prod\\2' }),
        keyRecord('5'),
      ];
      await store.apply({ put: { teams, keys, projects: [projectRecord('p', 't2')] }, audit: [] });
      const cases: readonly (readonly [Parameters<AccountStore['listKeys']>[0], readonly string[]])[] = [
        [{}, ['1', '2', '3', '4', '5']],
        [{ teamId: 't1' }, ['1', '2']],
        [{ userId: 'u' }, ['1', '3']],
        [{ teamId: 't1', userId: 'u' }, ['1']],
        [{ projectId: 'p' }, ['3']],
        [{ alias: 'prod-1' }, []],
        [{ alias: 'Prod-1' }, ['1']],
        [{ token: tokenOf('5') }, ['5']],
        [{ search: 'PROD' }, ['1', '4']],
        [{ search: '%' }, ['2']],
        [{ search: '0%_' }, ['2']],
        [{ search: '\\' }, ['4']],
        [{ search: '_' }, ['2']],
        [{ search: tokenOf('5').slice(10, 40) }, ['5']],
        [{ visibleTo: { userId: 'u', teamIds: [] } }, ['1', '3']],
        [{ visibleTo: { userId: 'v', teamIds: ['t1', 'gone'] } }, ['1', '2', '4']],
        [{ visibleTo: { userId: null, teamIds: ['t2'] } }, ['3']],
        [{ visibleTo: { userId: null, teamIds: [] } }, []],
        [{ visibleTo: { userId: 'u', teamIds: [] }, teamId: 't2' }, ['3']],
        [{ visibleTo: { userId: 'u', teamIds: [] }, userId: 'v' }, []],
      ];
      for (const [filter, names] of cases) {
        const page = await store.listKeys(filter, { size: 10 });
        const tokens = page.entries.map((key) => key.token).sort();
        expect([filter, tokens, page.total]).toEqual([filter, names.map(tokenOf).sort(), names.length]);
      }
    });

    test('teams, projects, users and the audit log are filtered', async () => {
      const store = await fresh();
      const seat = (userId: string) => ({ userId, role: 'user' as const, maxBudgetNano: null });
      const teams = [
        teamRecord('t1', { alias: 'Blue', members: [seat('u')] }),
        teamRecord('t2', { alias: 'green', members: [seat('u'), seat('v')] }),
        teamRecord('t3'),
      ];
      const users = [
        userRecord('u', { email: 'U@x.example' }),
        userRecord('v', { role: 'proxy_admin' }),
        userRecord('w'),
      ];
      const projects = [projectRecord('p1', 't1'), projectRecord('p2', 't2')];
      const audit = [1, 2, 3].map((at) =>
        auditEntry(`a${at}`, { at, actor: at === 2 ? 'u' : 'master', objectId: `${at}` }),
      );
      await store.apply({ put: { teams, users, projects }, audit });
      const q = { size: 10, sortOrder: 'asc' } as const;
      const teamIds = async (filter: Parameters<AccountStore['listTeams']>[0]) =>
        (await store.listTeams(filter, q)).entries.map((team) => team.teamId);
      expect(await teamIds({ userId: 'u' })).toEqual(['t1', 't2']);
      expect(await teamIds({ search: 'bl' })).toEqual(['t1']);
      expect(await teamIds({ alias: 'green' })).toEqual(['t2']);
      expect(await teamIds({ visibleTo: { userId: 'v', teamIds: ['t3'] } })).toEqual(['t2', 't3']);
      expect(await teamIds({ visibleTo: { userId: null, teamIds: [] } })).toEqual([]);
      expect((await store.teamsOfUser('u')).map((team) => team.teamId)).toEqual(['t1', 't2']);
      const userIds = async (filter: Parameters<AccountStore['listUsers']>[0]) =>
        (await store.listUsers(filter, q)).entries.map((user) => user.userId);
      expect(await userIds({ role: 'proxy_admin' })).toEqual(['v']);
      expect(await userIds({ email: 'U@x.example' })).toEqual(['u']);
      expect(await userIds({ search: 'u@X' })).toEqual(['u']);
      expect(await userIds({ visibleTo: { userId: 'w', teamIds: ['t1'] } })).toEqual(['u', 'w']);
      const projectIds = async (filter: Parameters<AccountStore['listProjects']>[0]) =>
        (await store.listProjects(filter, q)).entries.map((project) => project.projectId);
      expect(await projectIds({ teamId: 't1' })).toEqual(['p1']);
      expect(await projectIds({ visibleTo: { userId: 'u', teamIds: ['t2'] } })).toEqual(['p2']);
      const auditIds = async (filter: Parameters<AccountStore['listAudit']>[0]) =>
        (await store.listAudit(filter, q)).entries.map((entry) => entry.id);
      expect(await auditIds({ actor: 'u' })).toEqual(['a2']);
      expect(await auditIds({ objectType: 'key', objectId: '3' })).toEqual(['a3']);
      expect(await auditIds({ since: 2, until: 2 })).toEqual(['a2']);
      const read = async (query: ListQuery) => await store.listAudit({ actor: 'master' }, query);
      expect((await readByCursor(read, { size: 1 })).map((entry) => entry.id)).toEqual(['a3', 'a1']);
    });
  });

  describe(`${name}: life`, () => {
    test('answers a ping, and closes twice', async () => {
      const store = await fresh();
      await store.ping();
      await store.close();
      await store.close();
    });
  });
}

function two(a: Parameters<typeof keyRecord>[1], b: Parameters<typeof keyRecord>[1]): AccountChange {
  return { put: { keys: [keyRecord('a', a), keyRecord('b', b)] }, audit: [] };
}

async function readByCursor<R>(read: (query: ListQuery) => Promise<Page<R>>, query: ListQuery): Promise<readonly R[]> {
  const entries: R[] = [];
  let page = await read(query);
  for (let pages = 1; pages < 100; pages += 1) {
    entries.push(...page.entries);
    if (page.cursor === null) return entries;
    page = await read({ ...query, cursor: page.cursor });
  }
  throw new Error('The list does not end.');
}

/** All that a store shows, for comparing. */
export async function observe(store: AccountStore): Promise<unknown> {
  const query = { size: 500, sortOrder: 'asc' } as const;
  const pages = [
    await store.listKeys({}, query),
    await store.listTeams({}, query),
    await store.listProjects({}, query),
    await store.listUsers({}, query),
    await store.listTags(query),
    await store.listAudit({}, query),
  ];
  return [...pages.map(({ entries, total }) => ({ entries, total })), await store.listModels()];
}
