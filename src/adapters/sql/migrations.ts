import { sql, type Compilable, type ColumnDefinitionBuilder, type CreateTableBuilder, type Kysely } from 'kysely';
import type { SqlKind } from './engine.ts';
import type { Database } from './tables.ts';

/** One step of the schema. Steps are only ever added, never changed: a database knows which it has. */
export interface Migration {
  readonly number: number;
  readonly name: string;
  statements(db: Kysely<Database>, kind: SqlKind): readonly Compilable[];
}

type Table = CreateTableBuilder<string, string>;
type Build = (column: ColumnDefinitionBuilder) => ColumnDefinitionBuilder;

/** Spells column types for one database. Text compares by bytes on both: an order that depends on the server's locale would break cursors. */
class Columns {
  readonly #kind: SqlKind;

  constructor(kind: SqlKind) {
    this.#kind = kind;
  }

  text(table: Table, ...names: readonly string[]): Table {
    return this.#add(table, names, (column) => column.notNull());
  }

  optionalText(table: Table, ...names: readonly string[]): Table {
    return this.#add(table, names, (column) => column);
  }

  integer(table: Table, ...names: readonly string[]): Table {
    return names.reduce((t, name) => t.addColumn(name, this.#integerType(), (column) => column.notNull()), table);
  }

  optionalInteger(table: Table, ...names: readonly string[]): Table {
    return names.reduce((t, name) => t.addColumn(name, this.#integerType()), table);
  }

  boolean(table: Table, ...names: readonly string[]): Table {
    return names.reduce((t, name) => t.addColumn(name, this.#booleanType(), (column) => column.notNull()), table);
  }

  id(table: Table, name: string): Table {
    return this.#add(table, [name], (column) => column.notNull().primaryKey());
  }

  numberId(table: Table, name: string): Table {
    return table.addColumn(name, this.#integerType(), (column) => column.notNull().primaryKey());
  }

  grant(table: Table): Table {
    const withText = this.optionalText(this.text(table, 'tags'), 'allowed_tags', 'on_unpermitted_tag');
    return withText.addColumn('enable_tag_filtering', this.#booleanType());
  }

  limits(table: Table): Table {
    const names = ['max_budget_nano', 'soft_budget_nano', 'tpm_limit', 'rpm_limit', 'max_parallel_requests'];
    return this.optionalText(this.optionalInteger(table, ...names), 'budget_duration');
  }

  stamps(table: Table): Table {
    return this.text(this.integer(table, 'created_at', 'updated_at'), 'created_by', 'updated_by');
  }

  #integerType() {
    return this.#kind === 'postgres' ? 'bigint' : 'integer';
  }

  #booleanType() {
    return this.#kind === 'postgres' ? 'boolean' : 'integer';
  }

  #add(table: Table, names: readonly string[], build: Build): Table {
    const type = this.#kind === 'postgres' ? sql`text collate "C"` : 'text';
    return names.reduce((t, name) => t.addColumn(name, type, build), table);
  }
}

function keysTable(db: Kysely<Database>, c: Columns): Table {
  let table: Table = c.id(db.schema.createTable('waymark_keys'), 'token');
  table = c.text(table, 'key_name', 'sort_name', 'models', 'aliases', 'allowed_routes', 'permissions');
  table = c.text(table, 'metadata', 'extra');
  table = c.optionalText(table, 'alias', 'team_id', 'user_id', 'project_id', 'replaced_by');
  table = c.boolean(c.optionalInteger(table, 'expires_at'), 'blocked', 'service_account');
  return c
    .stamps(c.limits(c.grant(table)))
    .addForeignKeyConstraint('waymark_keys_team', ['team_id'], 'waymark_teams', ['team_id'], deferred)
    .addForeignKeyConstraint('waymark_keys_project', ['project_id'], 'waymark_projects', ['project_id'], deferred);
}

/** Checked at the commit: a change replaces rows by deleting and inserting them. */
function deferred<T extends { deferrable(): T; initiallyDeferred(): T }>(constraint: T): T {
  return constraint.deferrable().initiallyDeferred();
}

function teamsTable(db: Kysely<Database>, c: Columns): Table {
  let table: Table = c.optionalText(c.id(db.schema.createTable('waymark_teams'), 'team_id'), 'alias');
  table = c.text(table, 'sort_name', 'models', 'model_aliases', 'members', 'member_permissions', 'metadata', 'extra');
  return c.stamps(c.limits(c.grant(c.boolean(table, 'blocked'))));
}

function projectsTable(db: Kysely<Database>, c: Columns): Table {
  let table: Table = c.optionalText(c.id(db.schema.createTable('waymark_projects'), 'project_id'), 'alias');
  table = c.text(table, 'team_id', 'sort_name', 'models', 'metadata', 'extra');
  return c
    .stamps(c.limits(c.grant(c.boolean(table, 'blocked'))))
    .addForeignKeyConstraint('waymark_projects_team', ['team_id'], 'waymark_teams', ['team_id'], deferred);
}

function usersTable(db: Kysely<Database>, c: Columns): Table {
  let table: Table = c.optionalText(c.id(db.schema.createTable('waymark_users'), 'user_id'), 'alias', 'email');
  table = c.text(table, 'role', 'sort_name', 'models', 'metadata', 'extra');
  return c.stamps(c.limits(c.boolean(table, 'blocked')));
}

function otherTables(db: Kysely<Database>, c: Columns): readonly Table[] {
  const tags = c.optionalText(c.id(db.schema.createTable('waymark_tags'), 'name'), 'description');
  const models = c.text(c.id(db.schema.createTable('waymark_models'), 'id'), 'model_name', 'params', 'model_info');
  const members = c.text(db.schema.createTable('waymark_team_members'), 'user_id', 'team_id');
  const audit = c.text(
    c.id(db.schema.createTable('waymark_audit'), 'id'),
    'actor',
    'action',
    'object_type',
    'object_id',
  );
  const counts = c.integer(c.id(db.schema.createTable('waymark_counts'), 'type'), 'count');
  const changes = c.numberId(db.schema.createTable('waymark_changes'), 'id');
  return [
    c.stamps(c.limits(c.text(tags, 'sort_name', 'models', 'extra'))),
    c.stamps(c.optionalText(models, 'sealed_credentials')),
    members.addPrimaryKeyConstraint('waymark_team_members_pkey', ['user_id', 'team_id']),
    c.optionalText(c.integer(audit, 'at'), 'before', 'after'),
    counts,
    c.text(c.integer(changes, 'at'), 'notices'),
  ];
}

/** Every order that a list has, each ending in the id: a page starts where the last one ended, however deep it lies. */
const INDEXES: readonly (readonly [table: string, columns: readonly string[]])[] = [
  ['waymark_keys', ['created_at', 'token']],
  ['waymark_keys', ['updated_at', 'token']],
  ['waymark_keys', ['sort_name', 'token']],
  ['waymark_keys', ['team_id', 'created_at', 'token']],
  ['waymark_keys', ['user_id', 'created_at', 'token']],
  ['waymark_keys', ['project_id', 'created_at', 'token']],
  ['waymark_teams', ['created_at', 'team_id']],
  ['waymark_teams', ['updated_at', 'team_id']],
  ['waymark_teams', ['sort_name', 'team_id']],
  ['waymark_team_members', ['team_id', 'user_id']],
  ['waymark_projects', ['created_at', 'project_id']],
  ['waymark_projects', ['team_id', 'created_at', 'project_id']],
  ['waymark_users', ['created_at', 'user_id']],
  ['waymark_users', ['updated_at', 'user_id']],
  ['waymark_users', ['sort_name', 'user_id']],
  ['waymark_users', ['email', 'user_id']],
  ['waymark_tags', ['created_at', 'name']],
  ['waymark_audit', ['at', 'id']],
  ['waymark_audit', ['object_type', 'object_id', 'at', 'id']],
  ['waymark_audit', ['actor', 'at', 'id']],
];

const accounts: Migration = {
  number: 1,
  name: 'accounts',
  statements(db, kind) {
    const c = new Columns(kind);
    const tables = [
      teamsTable(db, c),
      projectsTable(db, c),
      keysTable(db, c),
      usersTable(db, c),
      ...otherTables(db, c),
    ];
    const indexes = INDEXES.map(([table, columns]) =>
      db.schema
        .createIndex(`${table}_by_${columns[0]}${columns.length > 2 ? `_${columns[1]}` : ''}`)
        .on(table)
        .columns([...columns]),
    );
    const livingAlias = db.schema
      .createIndex('waymark_keys_alias')
      .unique()
      .on('waymark_keys')
      .column('alias')
      .where(sql.ref('alias'), 'is not', null)
      .where(sql.ref('replaced_by'), 'is', null);
    return [...tables, ...indexes, livingAlias];
  },
};

export const MIGRATIONS: readonly Migration[] = [accounts];
