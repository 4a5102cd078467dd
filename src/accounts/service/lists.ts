import { can } from '../can.ts';
import type {
  AuditEntry,
  AuditFilter,
  KeyFilter,
  KeyRecord,
  ListQuery,
  Page,
  ProjectFilter,
  ProjectRecord,
  TagRecord,
  TeamFilter,
  TeamRecord,
  UserFilter,
  UserRecord,
  Visibility,
} from '../contract.ts';
import type { Subject } from '../subject.ts';
import type { AccountsParts, Ask } from './ask.ts';
import { permitAtAll } from './scopes.ts';

/** Who sees everything of a kind; for all others the query itself is narrowed. */
function seesAll(subject: Subject): boolean {
  return can(subject, 'audit.read');
}

/** Keys: its own, and those of the teams that it administers. */
function keysInSight(subject: Subject): { visibleTo?: Visibility } {
  if (subject.kind === 'master' || seesAll(subject)) return {};
  const administered = [...subject.teams].filter(([, { role }]) => role === 'admin').map(([id]) => id);
  return { visibleTo: { userId: subject.userId, teamIds: administered } };
}

/** Teams and projects: those that it is a member of, and the key's own. */
function teamsInSight(subject: Subject): { visibleTo?: Visibility } {
  if (subject.kind === 'master' || seesAll(subject)) return {};
  const own = subject.teamId === null ? [] : [subject.teamId];
  return { visibleTo: { userId: subject.userId, teamIds: [...new Set([...subject.teams.keys(), ...own])] } };
}

/** One list: what is looked for, and which page of it. */
export interface Wanted<F> {
  readonly filter: F;
  readonly query: ListQuery;
}

export async function listKeys(
  { filter, query }: Wanted<KeyFilter>,
  ask: Ask,
  parts: AccountsParts,
): Promise<Page<KeyRecord>> {
  return await parts.store.listKeys({ ...filter, ...keysInSight(ask.caller.subject) }, query);
}

export async function listTeams(
  { filter, query }: Wanted<TeamFilter>,
  ask: Ask,
  parts: AccountsParts,
): Promise<Page<TeamRecord>> {
  return await parts.store.listTeams({ ...filter, ...teamsInSight(ask.caller.subject) }, query);
}

export async function listProjects(
  { filter, query }: Wanted<ProjectFilter>,
  ask: Ask,
  parts: AccountsParts,
): Promise<Page<ProjectRecord>> {
  return await parts.store.listProjects({ ...filter, ...teamsInSight(ask.caller.subject) }, query);
}

export async function listUsers(
  { filter, query }: Wanted<UserFilter>,
  ask: Ask,
  parts: AccountsParts,
): Promise<Page<UserRecord>> {
  permitAtAll(ask);
  return await parts.store.listUsers(filter, query);
}

export async function listTags(query: ListQuery, ask: Ask, parts: AccountsParts): Promise<Page<TagRecord>> {
  permitAtAll(ask);
  return await parts.store.listTags(query);
}

export async function listAudit(
  { filter, query }: Wanted<AuditFilter>,
  ask: Ask,
  parts: AccountsParts,
): Promise<Page<AuditEntry>> {
  permitAtAll(ask);
  return await parts.store.listAudit(filter, query);
}

/** Every entry from the newest on, a page at a time: an export holds no more than that in memory. */
export async function* allAudit(
  filter: AuditFilter,
  ask: Ask,
  parts: AccountsParts,
): AsyncGenerator<readonly AuditEntry[]> {
  let cursor: string | null = null;
  do {
    const at: ListQuery = cursor === null ? { size: 500 } : { size: 500, cursor };
    const page = await listAudit({ filter, query: at }, ask, parts);
    yield page.entries;
    cursor = page.cursor;
  } while (cursor !== null);
}
