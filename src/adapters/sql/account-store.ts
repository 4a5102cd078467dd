import { Kysely, type Dialect } from 'kysely';
import type {
  AccountChange,
  AccountStore,
  AuditEntry,
  AuditFilter,
  ChangeNotice,
  KeyContext,
  KeyFilter,
  KeyRecord,
  ListQuery,
  ModelRecord,
  Page,
  ProjectFilter,
  ProjectRecord,
  TagRecord,
  TeamFilter,
  TeamRecord,
  UserFilter,
  UserRecord,
} from '../../accounts/contract.ts';
import { applyChange } from './apply.ts';
import { ChangeFeed } from './change-feed.ts';
import { CHANGES_CHANNEL, lastChange, readChanges } from './change-table.ts';
import { decodeRecord, type RecordTable } from './columns.ts';
import type { SqlEngine, SqlKind } from './engine.ts';
import { findLivingAlias, findOne, prepareFindKey, teamsOfUser } from './points.ts';
import {
  AUDIT_SORTS,
  auditConditions,
  keyConditions,
  projectConditions,
  SORTS,
  teamConditions,
  userConditions,
  type Conditions,
} from './lists.ts';
import { migrate } from './migrate.ts';
import { readPage } from './page.ts';
import { AUDIT, KEYS, MODELS, POSTGRES_SCHEMA, PROJECTS, TAGS, TEAMS, USERS, type Database } from './tables.ts';

export interface AccountStoreOptions {
  /** Milliseconds between two looks at the change table. 500 unless given. */
  readonly pollMs?: number;
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
}

/** Opens the tables of one kind of database. */
export function openTables(dialect: Dialect, kind: SqlKind): Kysely<Database> {
  const db = new Kysely<Database>({ dialect });
  return kind === 'postgres' ? db.withSchema(POSTGRES_SCHEMA) : db;
}

/** The account store over SQLite or PostgreSQL. */
export class KyselyAccountStore implements AccountStore {
  readonly #kind: SqlKind;
  readonly #points: Kysely<Database>;
  readonly #findKey: (token: string) => Promise<KeyContext | undefined>;
  readonly #lists: Kysely<Database>;
  readonly #writes: Kysely<Database>;
  readonly #clock: () => number;
  readonly #feed: ChangeFeed;
  readonly #stopListening: () => Promise<void>;
  #closing: Promise<void> | undefined;

  private constructor(engine: SqlEngine, tables: Tables, feed: ChangeFeed) {
    this.#kind = engine.kind;
    this.#points = tables.points;
    this.#findKey = prepareFindKey(tables.points);
    this.#lists = tables.lists;
    this.#writes = tables.writes;
    this.#clock = tables.clock;
    this.#feed = feed;
    this.#stopListening = engine.listen?.(CHANGES_CHANNEL, () => feed.wake()) ?? (async () => {});
  }

  /** Migrates the schema and opens the store. Rejects with SchemaTooNew, StoreUnavailable; the engine is closed then. */
  static async open(engine: SqlEngine, options: AccountStoreOptions = {}): Promise<KyselyAccountStore> {
    const clock = options.clock ?? Date.now;
    const tables = { ...openAll(engine), clock };
    try {
      await migrateEngine(engine, tables, clock());
      const { points } = tables;
      const source = {
        read: async (from: number, limit: number) => await readChanges(points, from, limit),
        last: async () => await lastChange(points),
      };
      return new KyselyAccountStore(
        engine,
        tables,
        new ChangeFeed(source, await lastChange(points), options.pollMs ?? 500),
      );
    } catch (error) {
      await closeAll(tables);
      throw error;
    }
  }

  async findKey(token: string): Promise<KeyContext | undefined> {
    return await this.#findKey(token);
  }

  async getTeam(teamId: string): Promise<TeamRecord | undefined> {
    return await findOne(this.#points, TEAMS, teamId);
  }

  async getProject(projectId: string): Promise<ProjectRecord | undefined> {
    return await findOne(this.#points, PROJECTS, projectId);
  }

  async getUser(userId: string): Promise<UserRecord | undefined> {
    return await findOne(this.#points, USERS, userId);
  }

  async getTag(name: string): Promise<TagRecord | undefined> {
    return await findOne(this.#points, TAGS, name);
  }

  async getModel(id: string): Promise<ModelRecord | undefined> {
    return await findOne(this.#points, MODELS, id);
  }

  async findKeyByAlias(alias: string): Promise<KeyRecord | undefined> {
    return await findLivingAlias(this.#points, alias);
  }

  async teamsOfUser(userId: string): Promise<readonly TeamRecord[]> {
    return await teamsOfUser(this.#lists, userId);
  }

  async listKeys(filter: KeyFilter, query: ListQuery): Promise<Page<KeyRecord>> {
    return await this.#list(KEYS, keyConditions(filter), query);
  }

  async listTeams(filter: TeamFilter, query: ListQuery): Promise<Page<TeamRecord>> {
    return await this.#list(TEAMS, teamConditions(filter), query);
  }

  async listProjects(filter: ProjectFilter, query: ListQuery): Promise<Page<ProjectRecord>> {
    return await this.#list(PROJECTS, projectConditions(filter), query);
  }

  async listUsers(filter: UserFilter, query: ListQuery): Promise<Page<UserRecord>> {
    return await this.#list(USERS, userConditions(filter), query);
  }

  async listTags(query: ListQuery): Promise<Page<TagRecord>> {
    return await this.#list(TAGS, undefined, query);
  }

  async listModels(): Promise<readonly ModelRecord[]> {
    const rows = await this.#lists.selectFrom(MODELS.table).selectAll().orderBy('created_at').orderBy('id').execute();
    return rows.map((row) => decodeRecord(row, MODELS));
  }

  async listAudit(filter: AuditFilter, query: ListQuery): Promise<Page<AuditEntry>> {
    return await readPage(this.#lists, { table: AUDIT, sorts: AUDIT_SORTS, where: auditConditions(filter), query });
  }

  async apply(change: AccountChange): Promise<{ readonly removedKeys: readonly string[] }> {
    const context = { kind: this.#kind, now: this.#clock() };
    const applied = await this.#writes.transaction().execute(async (trx) => await applyChange(trx, change, context));
    if (applied.changeId !== undefined) this.#feed.tellOwn(applied.changeId, applied.notices);
    return { removedKeys: applied.removedKeys };
  }

  watch(onChange: (notices: readonly ChangeNotice[]) => void): () => void {
    return this.#feed.watch(onChange);
  }

  async ping(): Promise<void> {
    await lastChange(this.#points);
  }

  async close(): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async #close(): Promise<void> {
    await this.#feed.close();
    await this.#stopListening();
    await closeAll({ points: this.#points, lists: this.#lists, writes: this.#writes });
  }

  async #list<R>(table: RecordTable<R>, where: Conditions, query: ListQuery): Promise<Page<R>> {
    return await readPage(this.#lists, { table, sorts: SORTS, where, query });
  }
}

interface Handles {
  readonly points: Kysely<Database>;
  readonly lists: Kysely<Database>;
  readonly writes: Kysely<Database>;
}

interface Tables extends Handles {
  readonly clock: () => number;
}

/** One Kysely for each dialect, not for each use: destroying it closes the dialect's connections. */
function openAll(engine: SqlEngine): Handles {
  const opened = new Map<Dialect, Kysely<Database>>();
  const open = (dialect: Dialect): Kysely<Database> => {
    const db = opened.get(dialect) ?? openTables(dialect, engine.kind);
    opened.set(dialect, db);
    return db;
  };
  return { points: open(engine.points), lists: open(engine.lists), writes: open(engine.writes) };
}

/** A dialect that is for migrations alone is closed behind them. */
async function migrateEngine(engine: SqlEngine, { writes }: Handles, now: number): Promise<void> {
  const isShared = engine.migrations === engine.writes;
  const db = isShared ? writes : openTables(engine.migrations, engine.kind);
  try {
    await migrate({ db, kind: engine.kind }, now);
  } finally {
    if (!isShared) await db.destroy();
  }
}

async function closeAll({ points, lists, writes }: Handles): Promise<void> {
  for (const db of new Set([points, lists, writes])) await db.destroy();
}
