import { newUser } from '../build/user.ts';
import type { JsonObject, UserRecord } from '../contract.ts';
import { userNew } from '../fields/user-bodies.ts';
import { buildContextOf, leftColumns, limitFieldsOf, metadataNotes, readAs, trimmed } from './mapped.ts';
import type { MapContext, Mapped } from './mapped.ts';
import { fieldsOf, objectIn, stampsOf, textIn, textsOf } from './row.ts';

const FIELDS = ['models', 'metadata', 'policies', 'allowed_cache_controls', 'model_max_budget'];
const TEXTS = ['user_id', 'organization_id', 'sso_user_id'];
const LEFT = ['object_permission_id'];

/** Roles that exist here under the same name; of the others each gets the one that may do least beside it. */
const ROLES = new Set(['proxy_admin', 'proxy_admin_viewer', 'internal_user', 'internal_user_viewer']);
const NEAREST_ROLES: ReadonlyMap<string, string> = new Map([['org_admin', 'internal_user']]);
const LEAST_ROLE = 'internal_user_viewer';

export function mapUser(row: JsonObject, context: MapContext): Mapped<UserRecord> {
  const role = roleOf(textIn(row, 'user_role'));
  const body = {
    ...limitFieldsOf(row, context.budgets),
    ...textsOf(row, TEXTS),
    ...trimmed(row, ['user_email', 'user_alias']),
    ...fieldsOf(row, FIELDS),
    ...role.field,
    // A user that the identity provider has switched off (SCIM).
    ...(objectIn(row, 'metadata')['scim_active'] === false ? { blocked: true } : {}),
  };
  const password =
    textIn(row, 'password') === undefined ? [] : ['The password is not carried over: nobody logs in here.'];
  return readAs({
    shape: userNew,
    body,
    build: (given) => {
      const user = newUser(given, textIn(row, 'user_id') ?? '', buildContextOf(context));
      return { ok: true, record: { ...user, ...stampsOf(row, context.now) } };
    },
    notes: [...role.notes, ...password, ...metadataNotes(objectIn(row, 'metadata')), ...leftColumns(row, LEFT)],
  });
}

function roleOf(role: string | undefined): { readonly field: JsonObject; readonly notes: readonly string[] } {
  if (role === undefined) return { field: {}, notes: [] };
  if (ROLES.has(role)) return { field: { user_role: role }, notes: [] };
  const nearest = NEAREST_ROLES.get(role) ?? LEAST_ROLE;
  return { field: { user_role: nearest }, notes: [`A role that does not exist here becomes ${nearest}.`] };
}
