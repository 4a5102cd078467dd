import type {
  AuditEntry,
  KeyRecord,
  Limits,
  ModelRecord,
  ProjectRecord,
  TagGrant,
  TagRecord,
  TeamRecord,
  UserRecord,
} from '../../accounts/contract.ts';
import { recordTable, type ColumnKind, type Row } from './columns.ts';

type Kinds<R> = Readonly<Record<keyof R & string, ColumnKind>>;
/** A type alias of the stamps that every record but an audit entry carries. */
type Stamps = Pick<KeyRecord, 'createdAt' | 'createdBy' | 'updatedAt' | 'updatedBy'>;

const GRANT: Kinds<TagGrant> = {
  tags: 'json',
  allowedTags: 'json',
  onUnpermittedTag: 'text',
  enableTagFiltering: 'boolean',
};
const LIMITS: Kinds<Limits> = {
  maxBudgetNano: 'integer',
  softBudgetNano: 'integer',
  budgetDuration: 'text',
  tpmLimit: 'integer',
  rpmLimit: 'integer',
  maxParallelRequests: 'integer',
};
const STAMPS: Kinds<Stamps> = { createdAt: 'integer', createdBy: 'text', updatedAt: 'integer', updatedBy: 'text' };

/** Lists sort and page by a column without nulls: a keyset over nulls would need another predicate on each database. */
function sortName(name: string | null): Row {
  return { sort_name: name ?? '' };
}

export const KEYS = recordTable<KeyRecord>(
  { table: 'waymark_keys', type: 'key', id: 'token' },
  {
    token: 'name',
    keyName: 'text',
    alias: 'name',
    teamId: 'name',
    userId: 'name',
    projectId: 'name',
    models: 'json',
    aliases: 'json',
    expiresAt: 'integer',
    blocked: 'boolean',
    serviceAccount: 'boolean',
    allowedRoutes: 'json',
    permissions: 'json',
    metadata: 'json',
    extra: 'json',
    replacedBy: 'text',
    ...GRANT,
    ...LIMITS,
    ...STAMPS,
  },
  (key) => sortName(key.alias),
);

export const TEAMS = recordTable<TeamRecord>(
  { table: 'waymark_teams', type: 'team', id: 'teamId' },
  {
    teamId: 'name',
    alias: 'name',
    models: 'json',
    modelAliases: 'json',
    members: 'json',
    memberPermissions: 'json',
    blocked: 'boolean',
    metadata: 'json',
    extra: 'json',
    ...GRANT,
    ...LIMITS,
    ...STAMPS,
  },
  (team) => sortName(team.alias),
);

export const PROJECTS = recordTable<ProjectRecord>(
  { table: 'waymark_projects', type: 'project', id: 'projectId' },
  {
    projectId: 'name',
    alias: 'name',
    teamId: 'name',
    models: 'json',
    blocked: 'boolean',
    metadata: 'json',
    extra: 'json',
    ...GRANT,
    ...LIMITS,
    ...STAMPS,
  },
  (project) => sortName(project.alias),
);

export const USERS = recordTable<UserRecord>(
  { table: 'waymark_users', type: 'user', id: 'userId' },
  {
    userId: 'name',
    email: 'name',
    alias: 'name',
    role: 'text',
    models: 'json',
    blocked: 'boolean',
    metadata: 'json',
    extra: 'json',
    ...LIMITS,
    ...STAMPS,
  },
  (user) => sortName(user.alias),
);

export const TAGS = recordTable<TagRecord>(
  { table: 'waymark_tags', type: 'tag', id: 'name' },
  { name: 'name', description: 'text', models: 'json', extra: 'json', ...LIMITS, ...STAMPS },
  (tag) => sortName(tag.name),
);

export const MODELS = recordTable<ModelRecord>(
  { table: 'waymark_models', type: 'model', id: 'id' },
  { id: 'name', modelName: 'text', params: 'json', sealedCredentials: 'text', modelInfo: 'json', ...STAMPS },
);

export const AUDIT = recordTable<AuditEntry>(
  { table: 'waymark_audit', type: 'audit', id: 'id' },
  {
    id: 'name',
    at: 'integer',
    actor: 'name',
    action: 'text',
    objectType: 'name',
    objectId: 'name',
    before: 'json',
    after: 'json',
  },
);

export const RECORD_TABLES = [KEYS, TEAMS, PROJECTS, USERS, TAGS, MODELS, AUDIT] as const;

export const MEMBERS_TABLE = 'waymark_team_members';
export const COUNTS_TABLE = 'waymark_counts';
export const CHANGES_TABLE = 'waymark_changes';
export const MIGRATIONS_TABLE = 'waymark_migrations';
/** On PostgreSQL all tables lie here, beside whatever else the database holds. */
export const POSTGRES_SCHEMA = 'waymark';

/**
 * The tables as Kysely sees them. Rows are typed by the codec of columns.ts, which knows every column from the record's type;
 * a test holds its columns to those that the migrations make.
 */
export type Database = Record<string, Row>;
