import { newKey } from '../build/key.ts';
import type { JsonObject, KeyRecord } from '../contract.ts';
import { keyGenerate } from '../fields/key-bodies.ts';
import { SESSION_REASON, SESSION_TEAM } from './map-team.ts';
import { buildContextOf, grantFieldsOf, leftColumns, limitFieldsOf, readAs, trimmed } from './mapped.ts';
import type { MapContext, Mapped } from './mapped.ts';
import { fieldsOf, listIn, momentIn, momentText, objectIn, stampsOf, textIn, textsOf } from './row.ts';

const FIELDS = ['models', 'aliases', 'config', 'permissions', 'blocked', 'allowed_routes', 'model_max_budget'].concat([
  'budget_limits',
  'policies',
  'access_group_ids',
  'allowed_cache_controls',
  'auto_rotate',
]);
const TEXTS = ['user_id', 'team_id', 'project_id', 'agent_id', 'budget_id', 'organization_id', 'rotation_interval'];
const LEFT = ['object_permission_id', 'tpd_limit', 'budget_fallbacks'];

const HASH = /^[0-9a-f]{64}$/;

/** The hash of a key, for a report. What is no hash may be the key itself, and is not shown. */
export function shownToken(row: JsonObject): string {
  const token = textIn(row, 'token') ?? '';
  return HASH.test(token) ? token : (textIn(row, 'key_alias') ?? '(not shown)');
}

/** The alias that a key will ask for. */
export function aliasIn(row: JsonObject): string | undefined {
  return textIn(row, 'key_alias')?.trim();
}

/** A key by its hash: whoever has it goes on with it. */
export function mapKey(row: JsonObject, context: MapContext): Mapped<KeyRecord> {
  if (row['team_id'] === SESSION_TEAM) return { kind: 'left', reason: SESSION_REASON };
  const token = textIn(row, 'token') ?? '';
  if (!HASH.test(token)) return { kind: 'refused', reason: 'It is stored under something else than its SHA-256.' };
  const grant = grantFieldsOf(row);
  const expires = momentText(row['expires'] ?? null);
  return readAs({
    shape: keyGenerate,
    body: {
      ...limitFieldsOf(row, context.budgets),
      ...textsOf(row, TEXTS),
      ...trimmed(row, ['key_alias']),
      ...fieldsOf(row, FIELDS),
      ...grant.fields,
      ...(expires === null ? {} : { expires }),
      // A short form of `allowed_routes`, which LiteLLM writes out as a rule.
      ...(listIn(row, 'allowed_routes').length === 0 ? textsOf(row, ['key_type']) : {}),
    },
    build: (given) => {
      const minted = { token, keyName: textIn(row, 'key_name') ?? 'sk-...' };
      const built = newKey(given, { minted, serviceAccount: isServiceAccount(row) }, buildContextOf(context));
      return built.ok ? { ok: true, record: { ...built.record, ...stampsOf(row, context.now) } } : built;
    },
    notes: [...grant.notes, ...leftColumns(row, LEFT)],
  });
}

function isServiceAccount(row: JsonObject): boolean {
  return textIn(row, 'user_id') === undefined && textIn(objectIn(row, 'metadata'), 'service_account_id') !== undefined;
}

/** A key that was regenerated and lives out its grace period beside `next`; undefined: it is over. */
export function mapOldKey(row: JsonObject, next: KeyRecord, now: number): KeyRecord | undefined {
  const token = textIn(row, 'token') ?? '';
  const end = momentIn(row, 'revoke_at') ?? now;
  if (!HASH.test(token) || end <= now) return undefined;
  const expiresAt = next.expiresAt === null ? end : Math.min(end, next.expiresAt);
  return { ...next, token, keyName: 'sk-...', expiresAt, replacedBy: next.token };
}
