import { isSecretName } from '../build/model.ts';
import type { AuditEntry, Json, JsonObject, ObjectType } from '../contract.ts';
import { actorOf } from '../subject.ts';
import type { AccountsParts, Ask } from './ask.ts';

/** One thing that changes. Absent `before`: it is made; absent `after`: it goes. */
export interface Changed {
  readonly type: ObjectType;
  readonly id: string;
  readonly before?: object;
  readonly after?: object;
  /** More than made, changed or gone. */
  readonly action?: AuditEntry['action'];
}

/** The entry of the audit log: of a change only the fields that change, of anything never a secret. */
export function auditEntry(
  changed: Changed,
  ask: { readonly caller: Pick<Ask['caller'], 'subject'> },
  parts: Pick<AccountsParts, 'newId' | 'now'>,
): AuditEntry {
  const { before, after } = changed;
  const changes = before !== undefined && after !== undefined;
  return {
    id: parts.newId(),
    at: parts.now(),
    actor: actorOf(ask.caller.subject),
    action: changed.action ?? actionOf(changed),
    objectType: changed.type,
    objectId: changed.id,
    before: before === undefined ? null : shown(before, changes ? after : undefined),
    after: after === undefined ? null : shown(after, changes ? before : undefined),
  };
}

function actionOf({ before, after }: Changed): AuditEntry['action'] {
  if (before === undefined) return 'created';
  return after === undefined ? 'deleted' : 'updated';
}

const HIDDEN = '(not shown)';
/** Stamps tell nothing that the entry itself does not. */
const LEFT_OUT = new Set(['updatedAt', 'updatedBy', 'sealedCredentials']);

/** The fields of a record that differ from `other`'s, all where there is none. */
function shown(record: object, other: object | undefined): JsonObject {
  const others = new Map(Object.entries(other ?? {}).map(([name, value]) => [name, JSON.stringify(value)]));
  const fields = Object.entries(record as JsonObject).filter(
    ([name, value]) => !LEFT_OUT.has(name) && (other === undefined || others.get(name) !== JSON.stringify(value)),
  );
  return Object.fromEntries(fields.map(([name, value]) => [name, withoutSecrets(value)]));
}

/** Notes may hold credentials of other systems, as LiteLLM's callbacks are set up with: they are not written down again. */
function withoutSecrets(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(withoutSecrets);
  return Object.fromEntries(
    Object.entries(value as JsonObject).map(([name, each]) => [
      name,
      isSecretName(name) ? HIDDEN : withoutSecrets(each),
    ]),
  );
}
