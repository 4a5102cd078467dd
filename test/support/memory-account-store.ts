import {
  StoreConflict,
  StoreUnavailable,
  UnstorableValue,
  type AccountChange,
  type AccountStore,
  type AuditEntry,
  type AuditFilter,
  type ChangeNotice,
  type KeyContext,
  type KeyFilter,
  type KeyRecord,
  type ListQuery,
  type ModelRecord,
  type ObjectType,
  type Page,
  type ProjectFilter,
  type ProjectRecord,
  type TagRecord,
  type TeamFilter,
  type TeamRecord,
  type UserFilter,
  type UserRecord,
} from '../../src/accounts/contract.ts';
import { encodeRecord, isStorableName } from '../../src/adapters/sql/columns.ts';
import { KEYS, MODELS, PROJECTS, TAGS, TEAMS, USERS } from '../../src/adapters/sql/tables.ts';
import { pageOf } from './memory-page.ts';

interface Tables {
  key: Map<string, KeyRecord>;
  team: Map<string, TeamRecord>;
  project: Map<string, ProjectRecord>;
  user: Map<string, UserRecord>;
  tag: Map<string, TagRecord>;
  model: Map<string, ModelRecord>;
  audit: Map<string, AuditEntry>;
}

/**
 * The account store as plain as it can be: maps, and a change applied to a copy of them. The model that the databases are
 * held to, and a store for tests of other rooms. `setAway(true)`: every call rejects with StoreUnavailable.
 */
export class MemoryAccountStore implements AccountStore {
  #tables: Tables = emptyTables();
  readonly #watchers = new Set<(notices: readonly ChangeNotice[]) => void>();
  #isAway = false;
  /** How often `findKey` was asked: what a cache in front of it is judged by. */
  findKeyCalls = 0;

  setAway(isAway: boolean): void {
    this.#isAway = isAway;
  }

  async findKey(token: string): Promise<KeyContext | undefined> {
    this.findKeyCalls += 1;
    const { key: keys, team, project, user } = this.#open();
    const key = keys.get(token);
    if (key === undefined) return undefined;
    return {
      key,
      team: team.get(key.teamId ?? '') ?? null,
      project: project.get(key.projectId ?? '') ?? null,
      user: user.get(key.userId ?? '') ?? null,
    };
  }

  async getTeam(teamId: string): Promise<TeamRecord | undefined> {
    return this.#open().team.get(teamId);
  }

  async getProject(projectId: string): Promise<ProjectRecord | undefined> {
    return this.#open().project.get(projectId);
  }

  async getUser(userId: string): Promise<UserRecord | undefined> {
    return this.#open().user.get(userId);
  }

  async getTag(name: string): Promise<TagRecord | undefined> {
    return this.#open().tag.get(name);
  }

  async getModel(id: string): Promise<ModelRecord | undefined> {
    return this.#open().model.get(id);
  }

  async findKeyByAlias(alias: string): Promise<KeyRecord | undefined> {
    return [...this.#open().key.values()].find((key) => key.alias === alias && key.replacedBy === null);
  }

  async teamsOfUser(userId: string): Promise<readonly TeamRecord[]> {
    const teams = [...this.#open().team.values()].filter((team) => isMember(team, userId));
    return teams.sort((a, b) => Buffer.compare(Buffer.from(a.teamId), Buffer.from(b.teamId)));
  }

  async listKeys(filter: KeyFilter, query: ListQuery): Promise<Page<KeyRecord>> {
    const { visibleTo, search } = filter;
    const matching = [...this.#open().key.values()].filter(
      (key) =>
        matches(key, filter, ['teamId', 'userId', 'projectId', 'alias', 'token']) &&
        contains([key.alias, key.token, key.keyName], search) &&
        (visibleTo === undefined ||
          (visibleTo.userId !== null && key.userId === visibleTo.userId) ||
          (key.teamId !== null && visibleTo.teamIds.includes(key.teamId))),
    );
    return pageOf(matching, query, (key) => ({ ...key, id: key.token }));
  }

  async listTeams(filter: TeamFilter, query: ListQuery): Promise<Page<TeamRecord>> {
    const { visibleTo, search, userId } = filter;
    const matching = [...this.#open().team.values()].filter(
      (team) =>
        matches(team, filter, ['alias']) &&
        (userId === undefined || isMember(team, userId)) &&
        contains([team.alias, team.teamId], search) &&
        (visibleTo === undefined ||
          visibleTo.teamIds.includes(team.teamId) ||
          (visibleTo.userId !== null && isMember(team, visibleTo.userId))),
    );
    return pageOf(matching, query, (team) => ({ ...team, id: team.teamId }));
  }

  async listProjects(filter: ProjectFilter, query: ListQuery): Promise<Page<ProjectRecord>> {
    const matching = [...this.#open().project.values()].filter(
      (project) =>
        matches(project, filter, ['teamId']) &&
        (filter.visibleTo === undefined || filter.visibleTo.teamIds.includes(project.teamId)),
    );
    return pageOf(matching, query, (project) => ({ ...project, id: project.projectId }));
  }

  async listUsers(filter: UserFilter, query: ListQuery): Promise<Page<UserRecord>> {
    const { visibleTo, search } = filter;
    const { user, team } = this.#open();
    const visibleTeams = (visibleTo?.teamIds ?? []).map((id) => team.get(id)).filter((found) => found !== undefined);
    const matching = [...user.values()].filter(
      (one) =>
        matches(one, filter, ['role', 'email']) &&
        contains([one.email, one.alias, one.userId], search) &&
        (visibleTo === undefined ||
          one.userId === visibleTo.userId ||
          visibleTeams.some((seen) => isMember(seen, one.userId))),
    );
    return pageOf(matching, query, (one) => ({ ...one, id: one.userId }));
  }

  async listTags(query: ListQuery): Promise<Page<TagRecord>> {
    return pageOf([...this.#open().tag.values()], query, (tag) => ({ ...tag, alias: tag.name, id: tag.name }));
  }

  async listModels(): Promise<readonly ModelRecord[]> {
    const models = [...this.#open().model.values()];
    const size = Math.max(1, models.length);
    return pageOf(models, { size, sortOrder: 'asc' }, (model) => ({ ...model, alias: null })).entries;
  }

  async listAudit(filter: AuditFilter, query: ListQuery): Promise<Page<AuditEntry>> {
    const matching = [...this.#open().audit.values()].filter(
      (entry) =>
        matches(entry, filter, ['objectType', 'objectId', 'actor']) &&
        entry.at >= (filter.since ?? -Infinity) &&
        entry.at <= (filter.until ?? Infinity),
    );
    const { sortBy: _, ...byTime } = query;
    return pageOf(matching, byTime, ({ id, at }) => ({ id, alias: null, createdAt: at, updatedAt: at }));
  }

  async apply(change: AccountChange): Promise<{ readonly removedKeys: readonly string[] }> {
    const tables = copyTables(this.#open());
    checkExpected(tables, change);
    const notices = new Set<ChangeNotice>();
    const removedKeys = remove(tables, change.remove ?? {}, notices);
    put(tables, change, notices);
    for (const entry of change.audit) tables.audit.set(entry.id, entry);
    this.#tables = tables;
    if (notices.size > 0) for (const watcher of this.#watchers) watcher([...notices]);
    return { removedKeys };
  }

  watch(onChange: (notices: readonly ChangeNotice[]) => void): () => void {
    this.#watchers.add(onChange);
    return () => void this.#watchers.delete(onChange);
  }

  async ping(): Promise<void> {
    this.#open();
  }

  async close(): Promise<void> {
    this.#watchers.clear();
  }

  #open(): Tables {
    if (this.#isAway) throw new StoreUnavailable('The database is away.');
    return this.#tables;
  }
}

function emptyTables(): Tables {
  return {
    key: new Map(),
    team: new Map(),
    project: new Map(),
    user: new Map(),
    tag: new Map(),
    model: new Map(),
    audit: new Map(),
  };
}

function copyTables(t: Tables): Tables {
  return {
    key: new Map(t.key),
    team: new Map(t.team),
    project: new Map(t.project),
    user: new Map(t.user),
    tag: new Map(t.tag),
    model: new Map(t.model),
    audit: new Map(t.audit),
  };
}

function isMember(team: TeamRecord, userId: string): boolean {
  return team.members.some((member) => member.userId === userId);
}

function matches<R, F>(record: R, filter: F, fields: readonly (keyof R & keyof F)[]): boolean {
  return fields.every((field) => filter[field] === undefined || (record[field] as unknown) === filter[field]);
}

function contains(texts: readonly (string | null)[], part: string | undefined): boolean {
  if (part === undefined) return true;
  return texts.some((text) => text !== null && lower(text).includes(lower(part)));
}

function lower(text: string): string {
  return text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function checkExpected(tables: Tables, change: AccountChange): void {
  for (const { type, id, updatedAt } of change.expect ?? []) {
    if (tables[type].get(id)?.updatedAt !== updatedAt) throw new StoreConflict('version', 'Changed in the meantime.');
  }
}

function remove(
  tables: Tables,
  named: NonNullable<AccountChange['remove']>,
  notices: Set<ChangeNotice>,
): readonly string[] {
  const gone = (type: ObjectType) => new Set((named[type] ?? []).filter((id) => tables[type].has(id)));
  const [keys, teams, projects, users] = [gone('key'), gone('team'), gone('project'), gone('user')];
  for (const project of tables.project.values()) if (teams.has(project.teamId)) projects.add(project.projectId);
  for (const key of tables.key.values()) {
    const isPersonal = key.teamId === null && users.has(key.userId ?? '');
    if (teams.has(key.teamId ?? '') || projects.has(key.projectId ?? '') || isPersonal) keys.add(key.token);
  }
  drop(tables.key, keys, (id) => notices.add(`key:${id}`));
  drop(tables.team, teams, (id) => notices.add(`team:${id}`));
  drop(tables.project, projects, (id) => notices.add(`project:${id}`));
  drop(tables.user, users, (id) => notices.add(`user:${id}`));
  drop(tables.tag, gone('tag'), (id) => notices.add(`tag:${id}`));
  drop(tables.model, gone('model'), () => notices.add('models'));
  for (const team of tables.team.values()) {
    const members = team.members.filter((member) => !users.has(member.userId));
    if (members.length === team.members.length) continue;
    tables.team.set(team.teamId, { ...team, members, updatedAt: team.updatedAt + 1 });
    notices.add(`team:${team.teamId}`);
  }
  return [...keys].sort();
}

function drop<R>(table: Map<string, R>, ids: ReadonlySet<string>, notify: (id: string) => void): void {
  for (const id of ids) {
    table.delete(id);
    notify(id);
  }
}

function put(tables: Tables, change: AccountChange, notices: Set<ChangeNotice>): void {
  const { teams = [], projects = [], users = [], keys = [], tags = [], models = [] } = change.put ?? {};
  refuseUnstorable(change);
  const store = <R>(field: string, table: Map<string, R>, entries: readonly (readonly [string, R])[]): void => {
    const repeats = new Set(entries.map(([id]) => id)).size < entries.length;
    const taken = change.createOnly === true && entries.some(([id]) => table.has(id));
    if (repeats || taken) throw new StoreConflict(field, 'There is one with this id already.');
    for (const [id, record] of entries) table.set(id, record);
  };
  store(
    'team.id',
    tables.team,
    teams.map((team) => [team.teamId, team]),
  );
  store(
    'project.id',
    tables.project,
    projects.map((project) => [project.projectId, project]),
  );
  store(
    'user.id',
    tables.user,
    users.map((user) => [user.userId, user]),
  );
  const repeated = new Set(keys.map((key) => key.token)).size < keys.length;
  if (!repeated) {
    const others = [...tables.key.values()].filter((key) => !keys.some((changed) => changed.token === key.token));
    checkAliases([...others, ...keys]);
  }
  store(
    'key.token',
    tables.key,
    keys.map((key) => [key.token, key]),
  );
  store(
    'tag.name',
    tables.tag,
    tags.map((tag) => [tag.name, tag]),
  );
  store(
    'model.id',
    tables.model,
    models.map((model) => [model.id, model]),
  );
  checkReferences(tables, change);
  notePuts(change, notices);
}

function checkReferences(tables: Tables, { put: { keys = [], projects = [] } = {} }: AccountChange): void {
  for (const key of keys) {
    if (key.teamId !== null && !tables.team.has(key.teamId)) throw new StoreConflict('key.team', 'No such team.');
  }
  for (const key of keys) {
    const isGone = key.projectId !== null && !tables.project.has(key.projectId);
    if (isGone) throw new StoreConflict('key.project', 'No such project.');
  }
  for (const project of projects) {
    if (!tables.team.has(project.teamId)) throw new StoreConflict('project.team', 'No such team.');
  }
}

function notePuts({ put: puts = {} }: AccountChange, notices: Set<ChangeNotice>): void {
  const { teams = [], projects = [], users = [], keys = [], tags = [], models = [] } = puts;
  for (const { teamId } of teams) notices.add(`team:${teamId}`);
  for (const { projectId } of projects) notices.add(`project:${projectId}`);
  for (const { userId } of users) notices.add(`user:${userId}`);
  for (const { token } of keys) notices.add(`key:${token}`);
  for (const { name } of tags) notices.add(`tag:${name}`);
  if (models.length > 0) notices.add('models');
}

/** Throws UnstorableValue, as a database would. */
function refuseUnstorable({ put: puts = {} }: AccountChange): void {
  for (const team of puts.teams ?? []) {
    encodeRecord(team, TEAMS, 'sqlite');
    if (team.members.some((member) => !isStorableName(member.userId))) {
      throw new UnstorableValue('team.members', 'A member has an id that cannot be stored.');
    }
  }
  for (const project of puts.projects ?? []) encodeRecord(project, PROJECTS, 'sqlite');
  for (const user of puts.users ?? []) encodeRecord(user, USERS, 'sqlite');
  for (const key of puts.keys ?? []) encodeRecord(key, KEYS, 'sqlite');
  for (const tag of puts.tags ?? []) encodeRecord(tag, TAGS, 'sqlite');
  for (const model of puts.models ?? []) encodeRecord(model, MODELS, 'sqlite');
}

function checkAliases(keys: readonly KeyRecord[]): void {
  const owners = new Set<string>();
  for (const { alias, replacedBy } of keys) {
    if (alias === null || replacedBy !== null) continue;
    if (owners.has(alias)) throw new StoreConflict('key.alias', 'Another key has this alias.');
    owners.add(alias);
  }
}
