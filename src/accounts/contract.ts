/** Roles of a user over the whole gateway, as LiteLLM names them. */
export type UserRole = 'proxy_admin' | 'proxy_admin_viewer' | 'internal_user' | 'internal_user_viewer';
/** Roles inside a team. */
export type TeamRole = 'admin' | 'user';
export type UnpermittedTag = 'reject' | 'ignore';

/** Any JSON value, as stored in metadata and pass-along fields. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
export type JsonObject = Readonly<Record<string, Json>>;

/** What a scope (key, team or project) says of tags. */
export interface TagGrant {
  /** Policy tags: they bind. Trimmed, well shaped, no repeats. */
  readonly tags: readonly string[];
  /** Names and patterns a caller may send; null: no list. */
  readonly allowedTags: readonly string[] | null;
  readonly onUnpermittedTag: UnpermittedTag | null;
  /** `router_settings.enable_tag_filtering`; null: not set. */
  readonly enableTagFiltering: boolean | null;
}

/** Budgets and limits: stored and shown; whoever enforces them reads them from here. Money in nano-dollars (safe integers). */
export interface Limits {
  readonly maxBudgetNano: number | null;
  readonly softBudgetNano: number | null;
  /** `30d`, `1mo` ... as given. */
  readonly budgetDuration: string | null;
  readonly tpmLimit: number | null;
  readonly rpmLimit: number | null;
  readonly maxParallelRequests: number | null;
}

interface Stamped {
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly createdBy: string;
  readonly updatedAt: number;
  readonly updatedBy: string;
}

export interface KeyRecord extends TagGrant, Limits, Stamped {
  /** Lower-case hex SHA-256 of the key: its id everywhere (`token`). */
  readonly token: string;
  /** `sk-...abcd`. */
  readonly keyName: string;
  /** Unique among living keys: all that are stored and not `replacedBy` another (an expired key holds its alias until it is deleted). */
  readonly alias: string | null;
  readonly teamId: string | null;
  readonly userId: string | null;
  readonly projectId: string | null;
  /** Group names, wildcards, access groups, `all-team-models`; empty: all that the team has. */
  readonly models: readonly string[];
  readonly aliases: JsonObject;
  /** Milliseconds since 1970; null: never. */
  readonly expiresAt: number | null;
  readonly blocked: boolean;
  readonly serviceAccount: boolean;
  readonly allowedRoutes: readonly string[];
  readonly permissions: JsonObject;
  /** Without `tags`: those stand in their own field and are shown in both places. */
  readonly metadata: JsonObject;
  /** LiteLLM's fields that are kept and shown, and not acted on. */
  readonly extra: JsonObject;
  /** Set on the old key by a regeneration with a grace period. */
  readonly replacedBy: string | null;
}

export interface TeamMember {
  readonly userId: string;
  readonly role: TeamRole;
  readonly maxBudgetNano: number | null;
}

export interface TeamRecord extends TagGrant, Limits, Stamped {
  readonly teamId: string;
  readonly alias: string | null;
  readonly models: readonly string[];
  readonly modelAliases: JsonObject;
  readonly members: readonly TeamMember[];
  /** Management routes that members (not only admins) may use: `/key/generate` ... */
  readonly memberPermissions: readonly string[];
  readonly blocked: boolean;
  readonly metadata: JsonObject;
  readonly extra: JsonObject;
}

export interface ProjectRecord extends TagGrant, Limits, Stamped {
  readonly projectId: string;
  readonly alias: string | null;
  readonly teamId: string;
  readonly models: readonly string[];
  readonly blocked: boolean;
  readonly metadata: JsonObject;
  readonly extra: JsonObject;
}

export interface UserRecord extends Limits, Stamped {
  readonly userId: string;
  readonly email: string | null;
  readonly alias: string | null;
  readonly role: UserRole;
  readonly models: readonly string[];
  readonly blocked: boolean;
  readonly metadata: JsonObject;
  readonly extra: JsonObject;
}

/** A row of the tag registry: description, ownership, budget. A tag needs no row to route. */
export interface TagRecord extends Limits, Stamped {
  readonly name: string;
  readonly description: string | null;
  readonly models: readonly string[];
  readonly extra: JsonObject;
}

/** A deployment kept in the database. Credentials are sealed before they reach the store. */
export interface ModelRecord extends Stamped {
  readonly id: string;
  readonly modelName: string;
  /** `litellm_params` without credentials. */
  readonly params: JsonObject;
  /** Sealed JSON of the credentials (`v1:...`); null: none. */
  readonly sealedCredentials: string | null;
  readonly modelInfo: JsonObject;
}

export interface AuditEntry {
  readonly id: string;
  readonly at: number;
  /** Who: `master`, or a user or key id. */
  readonly actor: string;
  readonly action: 'created' | 'updated' | 'deleted' | 'blocked' | 'unblocked' | 'regenerated' | 'denied';
  readonly objectType: ObjectType;
  readonly objectId: string;
  /** Without secrets. */
  readonly before: JsonObject | null;
  readonly after: JsonObject | null;
}

export type ObjectType = 'key' | 'team' | 'project' | 'user' | 'tag' | 'model';

/** One page of a list. `cursor` continues behind its last entry; null: there is no more. */
export interface Page<T> {
  readonly entries: readonly T[];
  readonly total: number;
  readonly cursor: string | null;
}

export interface ListQuery {
  /** Entries a page, 1 to 500. */
  readonly size: number;
  /** Continues behind an earlier page. Wins over `page`. */
  readonly cursor?: string;
  /** 1-based, as LiteLLM pages. */
  readonly page?: number;
  readonly sortBy?: 'created_at' | 'updated_at' | 'alias';
  readonly sortOrder?: 'asc' | 'desc';
}

/**
 * Only keys that match all given fields. `visibleTo` narrows to what a non-admin may see, in the query itself.
 * `search`: part of the alias, the id or the key name; ASCII letters match in either case.
 */
export interface KeyFilter {
  readonly teamId?: string;
  readonly userId?: string;
  readonly projectId?: string;
  readonly alias?: string;
  readonly token?: string;
  readonly search?: string;
  readonly visibleTo?: Visibility;
}

/** `userId`: teams that it is a member of. `search`: part of the alias or the id. */
export interface TeamFilter {
  readonly userId?: string;
  readonly alias?: string;
  readonly search?: string;
  readonly visibleTo?: Visibility;
}

export interface ProjectFilter {
  readonly teamId?: string;
  readonly visibleTo?: Visibility;
}

/** `search`: part of the e-mail address, the alias or the id. */
export interface UserFilter {
  readonly role?: UserRole;
  readonly email?: string;
  readonly search?: string;
  readonly visibleTo?: Visibility;
}

/** `since` and `until`: milliseconds since 1970, both inclusive. */
export interface AuditFilter {
  readonly objectType?: ObjectType;
  readonly objectId?: string;
  readonly actor?: string;
  readonly since?: number;
  readonly until?: number;
}

/** What a non-admin sees: its own, and that of the teams it administers (or is a member of, for teams). */
export interface Visibility {
  readonly userId: string | null;
  readonly teamIds: readonly string[];
}

/** A key with everything that binds a call of it, read in one go. */
export interface KeyContext {
  readonly key: KeyRecord;
  readonly team: TeamRecord | null;
  readonly project: ProjectRecord | null;
  readonly user: UserRecord | null;
}

/**
 * What changed, for caches elsewhere: `key:<token>`, `team:<id>`, `project:<id>`, `user:<id>`, `tag:<name>`, `models`.
 * `all`: anything may have changed (a very large change, or changes that this process could not follow): forget everything.
 */
export type ChangeNotice = `${'key' | 'team' | 'project' | 'user' | 'tag'}:${string}` | 'models' | 'all';

/** The store is away, or did not answer in time. Known keys go on; everything else is a 503. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

/** A cursor that no list made, or that belongs to a list in another order. */
export class BadCursor extends Error {
  override readonly name = 'BadCursor';
}

/** A value that no database keeps as it is: text with a NUL or half a surrogate pair, an id, alias or address beyond 1,000 bytes, an integer beyond 2^53. */
export class UnstorableValue extends Error {
  override readonly name = 'UnstorableValue';
  /** `keys.alias`, `teams.maxBudgetNano` ... */
  readonly field: string;

  constructor(field: string, message: string) {
    super(message);
    this.field = field;
  }
}

/** A unique name is taken, or a row that the change builds on is gone. */
export class StoreConflict extends Error {
  override readonly name = 'StoreConflict';
  /** `key.alias`, `key.token`, `team.id`, `project.id`, `user.id`, `tag.name`, `model.id`: taken. `key.team`, `key.project`, `project.team`: gone. `version`: see `expect`. */
  readonly field: string;

  constructor(field: string, message: string) {
    super(message);
    this.field = field;
  }
}

/** A change, applied whole or not at all, with its audit entries and notices in the same transaction. */
export interface AccountChange {
  readonly put?: Partial<{
    keys: readonly KeyRecord[];
    teams: readonly TeamRecord[];
    projects: readonly ProjectRecord[];
    users: readonly UserRecord[];
    tags: readonly TagRecord[];
    models: readonly ModelRecord[];
  }>;
  /**
   * Ids; one that does not exist is passed over. Deleting a team deletes its keys and projects; deleting a project its keys;
   * deleting a user its personal keys (those without a team) and its seats in teams. Removals come before puts.
   */
  readonly remove?: Partial<Record<ObjectType, readonly string[]>>;
  /** True: a put of an id that exists is a StoreConflict. */
  readonly createOnly?: boolean;
  /** Rows that must still be as they were read (`updatedAt` by id), else a StoreConflict of field `version`. */
  readonly expect?: readonly { readonly type: ObjectType; readonly id: string; readonly updatedAt: number }[];
  readonly audit: readonly AuditEntry[];
}

/** Keys, teams, users and the rest. Implemented over SQLite and PostgreSQL; one contract suite runs on both. */
export interface AccountStore {
  /** Undefined: no such key. Rejects with StoreUnavailable. Never logs or stores anything but the hash. */
  findKey(token: string): Promise<KeyContext | undefined>;
  getTeam(teamId: string): Promise<TeamRecord | undefined>;
  getProject(projectId: string): Promise<ProjectRecord | undefined>;
  getUser(userId: string): Promise<UserRecord | undefined>;
  getTag(name: string): Promise<TagRecord | undefined>;
  getModel(id: string): Promise<ModelRecord | undefined>;
  findKeyByAlias(alias: string): Promise<KeyRecord | undefined>;
  teamsOfUser(userId: string): Promise<readonly TeamRecord[]>;
  listKeys(filter: KeyFilter, query: ListQuery): Promise<Page<KeyRecord>>;
  listTeams(filter: TeamFilter, query: ListQuery): Promise<Page<TeamRecord>>;
  listProjects(filter: ProjectFilter, query: ListQuery): Promise<Page<ProjectRecord>>;
  listUsers(filter: UserFilter, query: ListQuery): Promise<Page<UserRecord>>;
  listTags(query: ListQuery): Promise<Page<TagRecord>>;
  listModels(): Promise<readonly ModelRecord[]>;
  listAudit(filter: AuditFilter, query: ListQuery): Promise<Page<AuditEntry>>;
  /**
   * Applies the change and returns the tokens of all keys that it removed, by name or by cascade, sorted. Rejects with
   * StoreConflict, UnstorableValue (nothing was changed) or StoreUnavailable (a connection that broke during the commit leaves it open whether it was).
   */
  apply(change: AccountChange): Promise<{ readonly removedKeys: readonly string[] }>;
  /** Calls back for every change that this or another process commits, at most about a second late. Returns the way to stop. */
  watch(onChange: (notices: readonly ChangeNotice[]) => void): () => void;
  ping(): Promise<void>;
  close(): Promise<void>;
}
