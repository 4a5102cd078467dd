import type { OpenModel } from '../build/model.ts';
import type { AccountStore, JsonObject, KeyRecord, ProjectRecord } from '../contract.ts';
import type { Sealer } from '../seal.ts';
import { keyKind, modelKind, projectKind, tagKind, teamKind, userKind, type Kind } from './kinds.ts';
import { inLanes } from './in-lanes.ts';
import { aliasIn, mapKey, mapOldKey, shownToken } from './map-key.ts';
import { mapModel } from './map-model.ts';
import { mapProject } from './map-project.ts';
import { mapTag } from './map-tag.ts';
import { mapTeam } from './map-team.ts';
import { mapUser } from './map-user.ts';
import type { MapContext, Mapped } from './mapped.ts';
import { ReportBuilder, type ImportReport } from './report.ts';
import { textIn } from './row.ts';
import { deletionsOf, settle, type Row, type SettleParts } from './settle.ts';
import {
  TABLES_LEFT_BEHIND,
  type LeftBehindTable,
  type LitellmSource,
  type LitellmTable,
  type OpenLitellmText,
} from './source.ts';

export interface ImportParts {
  readonly source: LitellmSource;
  readonly store: AccountStore;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly newId: () => string;
  /** `router_settings.tag_routing_prefix`; empty: none. */
  readonly prefix: string;
  /** Opens what LiteLLM sealed; undefined: its salt key was not given. */
  readonly open: OpenLitellmText | undefined;
  /** Seals under the salt key of this gateway; undefined: there is none. */
  readonly sealer: Sealer | undefined;
}

export interface ImportOptions {
  /** True: nothing is written, and the report says what would be. */
  readonly dryRun: boolean;
  /** True: what is there and differs is changed to what LiteLLM has. */
  readonly overwrite: boolean;
}

/**
 * Copies users, teams, projects, tags, stored deployments and keys out of LiteLLM's database. Deletes nothing, and brings back
 * nothing that was deleted here; done twice, the second time changes nothing. Some hundred records at a time are stored whole
 * or not at all: after a failure it is to be run again. Rejects with LitellmUnreadable and as the store does.
 */
export async function importLitellm(parts: ImportParts, options: ImportOptions): Promise<ImportReport> {
  const report = new ReportBuilder();
  const { source, store, now, newId, prefix } = parts;
  const budgets = await rowsById(source, 'LiteLLM_BudgetTable', 'budget_id');
  const context: MapContext = { now: now(), prefix, budgets };
  const wasDeleted = await deletionsOf(store);
  const run: Run = { ...parts, context, wasDeleted, settling: { store, report, now, newId, wasDeleted, ...options } };
  const emails = await importUsers(run);
  const teams = await importTeams(run, emails);
  const projects = await importProjects(run, teams);
  await importRows(run, { table: 'LiteLLM_TagTable', kind: tagKind(store), idOf: column('tag_name'), map: mapTag });
  await importModels(run);
  await importKeys(run, { teams, projects });
  return report.build(await leftBehind(source));
}

interface Run extends ImportParts {
  readonly context: MapContext;
  readonly wasDeleted: SettleParts['wasDeleted'];
  readonly settling: SettleParts;
}

interface Plan<C extends object> {
  readonly table: LitellmTable;
  readonly kind: Kind<C>;
  /** A row's id for the report. */
  readonly idOf: (row: JsonObject) => string;
  readonly map: (row: JsonObject, context: MapContext) => Mapped<C> | Promise<Mapped<C>>;
  /** Looks up for a whole page what `map` needs. */
  readonly prepare?: (page: readonly JsonObject[]) => Promise<void>;
  readonly onThere?: (records: readonly C[]) => void;
}

async function importRows<C extends object>(run: Run, plan: Plan<C>): Promise<void> {
  const { table, kind, idOf, map, prepare, onThere } = plan;
  for await (const page of run.source.pages(table)) {
    await prepare?.(page);
    const rows: Row<C>[] = [];
    for (const row of page) rows.push({ id: idOf(row), mapped: await map(row, run.context) });
    const there = await settle(kind, rows, run.settling);
    onThere?.(there);
  }
}

function column(name: string): (row: JsonObject) => string {
  return (row) => textIn(row, name) ?? '';
}

/** Answers the ids of all users by e-mail address. */
async function importUsers(run: Run): Promise<ReadonlyMap<string, string>> {
  const emails = new Map<string, string>();
  const kind = userKind(run.store);
  await importRows(run, {
    table: 'LiteLLM_UserTable',
    kind,
    idOf: column('user_id'),
    map: mapUser,
    onThere: (users) => {
      for (const { email, userId } of users) if (email !== null) emails.set(email, userId);
    },
  });
  return emails;
}

/** Answers the ids of all teams that are there now. */
async function importTeams(run: Run, emails: ReadonlyMap<string, string>): Promise<ReadonlySet<string>> {
  const aliases = new Map<number, JsonObject>();
  await eachRow(run.source, 'LiteLLM_ModelTable', (row) => void aliases.set(Number(row['id']), row));
  const seats = new Map<string, Map<string, JsonObject>>();
  await eachRow(run.source, 'LiteLLM_TeamMembership', (row) => {
    const team = textIn(row, 'team_id') ?? '';
    seats.set(team, (seats.get(team) ?? new Map<string, JsonObject>()).set(textIn(row, 'user_id') ?? '', row));
  });
  const there = new Set<string>();
  await importRows(run, {
    table: 'LiteLLM_TeamTable',
    kind: teamKind(run.store),
    idOf: column('team_id'),
    map: (row, context) => mapTeam(row, { ...context, emails, seats, aliases }),
    onThere: (teams) => teams.forEach(({ teamId }) => there.add(teamId)),
  });
  return there;
}

/** Answers the projects that are there now, by id. */
async function importProjects(run: Run, teams: ReadonlySet<string>): Promise<ReadonlyMap<string, ProjectRecord>> {
  const there = new Map<string, ProjectRecord>();
  await importRows(run, {
    table: 'LiteLLM_ProjectTable',
    kind: projectKind(run.store),
    idOf: column('project_id'),
    map: (row, context) => {
      const mapped = mapProject(row, context);
      if (mapped.kind !== 'record' || teams.has(mapped.record.teamId)) return mapped;
      return { kind: 'refused', reason: `Its team ${mapped.record.teamId} is not here.` };
    },
    onThere: (projects) => projects.forEach((project) => there.set(project.projectId, project)),
  });
  return there;
}

async function importModels(run: Run): Promise<void> {
  const credentials = await rowsById(run.source, 'LiteLLM_CredentialsTable', 'credential_name');
  const { open, sealer, store } = run;
  await importRows<OpenModel>(run, {
    table: 'LiteLLM_ProxyModelTable',
    kind: modelKind(store, sealer),
    idOf: column('model_id'),
    map: (row, context) => {
      const mapped = mapModel(row, { ...context, open, credentials });
      if (mapped.kind !== 'record' || sealer !== undefined) return mapped;
      return withoutCredentials(mapped.record, mapped.notes);
    },
  });
}

const NO_SALT_KEY = 'is not carried over: there is no salt key here to seal it with. Set WAYMARK_SALT_KEY.';

function withoutCredentials({ record, credentials }: OpenModel, notes: readonly string[]): Mapped<OpenModel> {
  const left = Object.keys(credentials).map((name) => `litellm_params.${name} ${NO_SALT_KEY}`);
  return { kind: 'record', record: { record, credentials: {} }, notes: [...notes, ...left] };
}

interface Scopes {
  readonly teams: ReadonlySet<string>;
  readonly projects: ReadonlyMap<string, ProjectRecord>;
}

async function importKeys(run: Run, scopes: Scopes): Promise<void> {
  const oldKeys = new Map<string, JsonObject[]>();
  await eachRow(run.source, 'LiteLLM_DeprecatedVerificationToken', (row) => {
    const next = textIn(row, 'active_token_id') ?? '';
    oldKeys.set(next, [...(oldKeys.get(next) ?? []), row]);
  });
  const kind = keyKind(run.store);
  const aliasOwners = new Map<string, string>();
  const old: KeyRecord[] = [];
  await importRows(run, {
    table: 'LiteLLM_VerificationToken',
    kind,
    idOf: shownToken,
    prepare: async (page) => await findAliasOwners(page, aliasOwners, run.store),
    map: async (row, context) => {
      const mapped = mapKey(row, context);
      if (mapped.kind !== 'record') return mapped;
      const reason = await scopeReason(mapped.record, scopes, run.wasDeleted);
      return reason === undefined ? withFreeAlias(mapped, aliasOwners) : { kind: 'refused', reason };
    },
    onThere: (keys) => {
      for (const next of keys) {
        for (const row of oldKeys.get(next.token) ?? []) {
          const key = mapOldKey(row, next, run.context.now);
          if (key !== undefined) old.push(key);
        }
      }
    },
  });
  const rows = old.map((record) => ({ id: record.token, mapped: { kind: 'record', record, notes: [] } as const }));
  await settle(kind, rows, run.settling);
}

/** What binds a key must be here: a key that came without its team would be less bound than it was. */
async function scopeReason(key: KeyRecord, scopes: Scopes, wasDeleted: Run['wasDeleted']): Promise<string | undefined> {
  const { teamId, projectId, userId } = key;
  if (teamId !== null && !scopes.teams.has(teamId)) return `Its team ${teamId} is not here.`;
  const project = projectId === null ? undefined : scopes.projects.get(projectId);
  if (projectId !== null && project === undefined) return `Its project ${projectId} is not here.`;
  if (project !== undefined && project.teamId !== teamId) return `Its project ${projectId} belongs to another team.`;
  if (teamId !== null || userId === null || !(await wasDeleted('user', userId))) return undefined;
  return `Its user ${userId} was deleted here.`;
}

type MappedKey = Extract<Mapped<KeyRecord>, { kind: 'record' }>;

/** Whose the aliases of a page of keys are among the keys that are here. */
async function findAliasOwners(
  page: readonly JsonObject[],
  owners: Map<string, string>,
  store: AccountStore,
): Promise<void> {
  const aliases = page.flatMap((row) => aliasIn(row) ?? []).filter((alias) => !owners.has(alias));
  await inLanes(aliases, async (alias) => {
    const owner = await store.findKeyByAlias(alias);
    if (owner !== undefined) owners.set(alias, owner.token);
  });
}

/** LiteLLM's database allows one alias twice. The first key has it; a key without its alias is better than no key. */
function withFreeAlias(mapped: MappedKey, owners: Map<string, string>): MappedKey {
  const { alias, token } = mapped.record;
  if (alias === null) return mapped;
  const owner = owners.get(alias) ?? token;
  owners.set(alias, owner);
  if (owner === token) return mapped;
  const note = 'key_alias is that of another key and is not carried over.';
  return { ...mapped, record: { ...mapped.record, alias: null }, notes: [...mapped.notes, note] };
}

async function rowsById(
  source: LitellmSource,
  table: LitellmTable,
  column: string,
): Promise<ReadonlyMap<string, JsonObject>> {
  const rows = new Map<string, JsonObject>();
  await eachRow(source, table, (row) => void rows.set(textIn(row, column) ?? '', row));
  return rows;
}

async function eachRow(source: LitellmSource, table: LitellmTable, each: (row: JsonObject) => void): Promise<void> {
  for await (const page of source.pages(table)) page.forEach((row) => each(row));
}

async function leftBehind(source: LitellmSource): Promise<ImportReport['leftBehind']> {
  const tables = Object.entries(TABLES_LEFT_BEHIND) as [LeftBehindTable, string][];
  const counted: { table: LeftBehindTable; rows: number; what: string }[] = [];
  for (const [table, what] of tables) counted.push({ table, rows: await source.countRows(table), what });
  return counted.filter(({ rows }) => rows > 0);
}
