import { expressionBuilder, sql, type Expression, type SqlBool } from 'kysely';
import type {
  AuditFilter,
  KeyFilter,
  ProjectFilter,
  TeamFilter,
  UserFilter,
  Visibility,
} from '../../accounts/contract.ts';
import { isStorableText } from './columns.ts';
import type { SortBy } from './cursor.ts';
import type { Where } from './page.ts';
import { MEMBERS_TABLE, type Database } from './tables.ts';

type Condition = Expression<SqlBool>;
export type Conditions = ((eb: Where) => readonly Condition[]) | undefined;

export const SORTS: ReadonlyMap<SortBy, string> = new Map([
  ['created_at', 'created_at'],
  ['updated_at', 'updated_at'],
  ['alias', 'sort_name'],
]);
export const AUDIT_SORTS: ReadonlyMap<SortBy, string> = new Map([['created_at', 'at']]);

const NOTHING = sql<SqlBool>`1 = 0`;

export function keyConditions(filter: KeyFilter): Conditions {
  const own = equalities([
    ['team_id', filter.teamId],
    ['user_id', filter.userId],
    ['project_id', filter.projectId],
    ['alias', filter.alias],
    ['token', filter.token],
  ]);
  if (filter.search !== undefined) own.push(contains(['alias', 'token', 'key_name'], filter.search));
  if (filter.visibleTo !== undefined) own.push(anyOf(ownOrTeam(filter.visibleTo, 'user_id')));
  return conditions(own);
}

export function teamConditions(filter: TeamFilter): Conditions {
  const own = equalities([['alias', filter.alias]]);
  if (filter.userId !== undefined) own.push(teamOfMember(filter.userId));
  if (filter.search !== undefined) own.push(contains(['alias', 'team_id'], filter.search));
  if (filter.visibleTo !== undefined) {
    const { userId, teamIds } = filter.visibleTo;
    own.push(anyOf([...oneOf('team_id', teamIds), ...(userId === null ? [] : [teamOfMember(userId)])]));
  }
  return conditions(own);
}

export function projectConditions(filter: ProjectFilter): Conditions {
  const own = equalities([['team_id', filter.teamId]]);
  if (filter.visibleTo !== undefined) own.push(anyOf(oneOf('team_id', filter.visibleTo.teamIds)));
  return conditions(own);
}

export function userConditions(filter: UserFilter): Conditions {
  const own = equalities([
    ['role', filter.role],
    ['email', filter.email],
  ]);
  if (filter.search !== undefined) own.push(contains(['email', 'alias', 'user_id'], filter.search));
  if (filter.visibleTo !== undefined) {
    const { userId, teamIds } = filter.visibleTo;
    own.push(anyOf([...(userId === null ? [] : [equal('user_id', userId)]), ...memberOf(teamIds)]));
  }
  return conditions(own);
}

export function auditConditions(filter: AuditFilter): Conditions {
  const own = equalities([
    ['object_type', filter.objectType],
    ['object_id', filter.objectId],
    ['actor', filter.actor],
  ]);
  const eb = expressionBuilder<Database, string>();
  if (filter.since !== undefined) own.push(eb('at', '>=', filter.since));
  if (filter.until !== undefined) own.push(eb('at', '<=', filter.until));
  return conditions(own);
}

function conditions(own: readonly Condition[]): Conditions {
  return own.length === 0 ? undefined : () => own;
}

function equalities(pairs: readonly (readonly [column: string, value: string | undefined])[]): Condition[] {
  return pairs.flatMap(([column, value]) => (value === undefined ? [] : [equal(column, value)]));
}

/** Text that cannot be stored cannot be found either; PostgreSQL would refuse to look. */
function equal(column: string, value: string): Condition {
  return isStorableText(value) ? expressionBuilder<Database, string>()(column, '=', value) : NOTHING;
}

function oneOf(column: string, values: readonly string[]): readonly Condition[] {
  const known = values.filter(isStorableText);
  return known.length === 0 ? [] : [expressionBuilder<Database, string>()(column, 'in', known)];
}

function anyOf(choices: readonly Condition[]): Condition {
  return choices.length === 0 ? NOTHING : expressionBuilder<Database, string>().or([...choices]);
}

function ownOrTeam({ userId, teamIds }: Visibility, userColumn: string): readonly Condition[] {
  return [...(userId === null ? [] : [equal(userColumn, userId)]), ...oneOf('team_id', teamIds)];
}

function teamOfMember(userId: string): Condition {
  const eb = expressionBuilder<Database, string>();
  return eb('team_id', 'in', eb.selectFrom(MEMBERS_TABLE).select('team_id').where(equal('user_id', userId)));
}

function memberOf(teamIds: readonly string[]): readonly Condition[] {
  const eb = expressionBuilder<Database, string>();
  return oneOf('team_id', teamIds).map((condition) =>
    eb('user_id', 'in', eb.selectFrom(MEMBERS_TABLE).select('user_id').where(condition)),
  );
}

/** The columns compare by bytes on both databases, so `lower` touches ASCII letters only, as here. */
function contains(columns: readonly string[], part: string): Condition {
  if (!isStorableText(part)) return NOTHING;
  const escaped = part.replaceAll(/[\\%_]/g, String.raw`\$&`);
  const pattern = `%${escaped.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())}%`;
  return anyOf(columns.map((column) => sql<SqlBool>`lower(${sql.ref(column)}) like ${pattern} escape ${'\\'}`));
}
