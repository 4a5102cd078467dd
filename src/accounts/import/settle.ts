import type { AccountStore, AuditEntry, ObjectType } from '../contract.ts';
import { auditEntry, type Changed } from '../service/audit.ts';
import { MASTER_SUBJECT } from '../subject.ts';
import { differences } from './differences.ts';
import { inLanes } from './in-lanes.ts';
import type { Found, Kind } from './kinds.ts';
import { IMPORTER, type Mapped } from './mapped.ts';
import type { ReportBuilder } from './report.ts';

export interface SettleParts {
  readonly store: AccountStore;
  readonly report: ReportBuilder;
  readonly now: () => number;
  readonly newId: () => string;
  /** True: the record was here once and was deleted, or was regenerated. */
  readonly wasDeleted: (type: ObjectType, id: string) => Promise<boolean>;
  /** True: nothing is written. */
  readonly dryRun: boolean;
  /** True: what differs is changed to what LiteLLM has. */
  readonly overwrite: boolean;
}

/** One row with what became of it. */
export interface Row<C> {
  /** As LiteLLM has it. */
  readonly id: string;
  readonly mapped: Mapped<C>;
}

interface Replacement<C> {
  readonly candidate: C;
  readonly existing: Found<C>;
}

/**
 * Compares some rows with what is there and stores what is to be stored, whole or not at all. Answers the records that are
 * there now, or would be. Rejects as the store's `apply` does.
 */
export async function settle<C extends object>(
  kind: Kind<C>,
  rows: readonly Row<C>[],
  parts: SettleParts,
): Promise<readonly C[]> {
  const fresh: C[] = [];
  const replaced: Replacement<C>[] = [];
  const there: C[] = [];
  const candidates = rows.flatMap((row) => takeRecord(kind.type, row, parts.report) ?? []);
  const found = await inLanes(candidates, async (candidate) => await kind.find(kind.idOf(candidate)));
  for (const [index, candidate] of candidates.entries()) {
    const existing = found[index];
    if (existing === undefined) {
      if (await refuseDeleted(kind, candidate, parts)) continue;
      parts.report.count(kind.type, 'created');
      fresh.push(candidate);
      there.push(candidate);
    } else {
      const replacement = compare(kind, { candidate, existing }, parts);
      if (replacement !== undefined) replaced.push(replacement);
      there.push((replacement ?? existing).candidate);
    }
  }
  if (!parts.dryRun) await store(kind, { fresh, replaced }, parts);
  return there;
}

/** Undefined: there is nothing to store, and the report says why. */
function takeRecord<C>(type: ObjectType, { id, mapped }: Row<C>, report: ReportBuilder): C | undefined {
  if (mapped.kind === 'record') {
    for (const note of new Set(mapped.notes)) report.note(type, note, id);
    return mapped.record;
  }
  if (mapped.kind === 'refused') {
    report.refuse({ type, id, name: null, message: mapped.reason });
    return undefined;
  }
  report.count(type, 'left');
  report.note(type, mapped.reason, id);
  return undefined;
}

/** Undefined: what is there stays. */
function compare<C extends object>(
  kind: Kind<C>,
  { candidate, existing }: Replacement<C>,
  { report, overwrite }: SettleParts,
): Replacement<C> | undefined {
  const adopted = kind.adopt(candidate, existing.candidate);
  const differing = differencesOf(adopted, existing.candidate);
  if (differing.length === 0) {
    report.count(kind.type, 'unchanged');
    return undefined;
  }
  // A key that was regenerated here must not come back to life in place of the new one.
  if (overwrite && !differing.includes('replacedBy')) {
    report.count(kind.type, 'overwritten');
    return { candidate: adopted, existing };
  }
  const finding = { type: kind.type, id: kind.idOf(candidate), name: kind.nameOf(candidate) };
  report.conflict({ ...finding, message: `Is here already and differs in ${differing.join(', ')}.` });
  return undefined;
}

/** A stored deployment is a record with its credentials beside it: its fields are those of both. */
function differencesOf(a: object, b: object): readonly string[] {
  if (!('record' in a) || !('record' in b)) return differences(a, b);
  const [left, right] = [a, b] as { record: object; credentials: object }[];
  const inCredentials = differences(left?.credentials ?? {}, right?.credentials ?? {}).length > 0;
  return [...differences(left?.record ?? {}, right?.record ?? {}), ...(inCredentials ? ['credentials'] : [])];
}

const GONE: ReadonlySet<AuditEntry['action']> = new Set(['deleted', 'regenerated']);

/** What was deleted here stays deleted, though LiteLLM still has it: a revoked key must not come back with a second import. */
async function refuseDeleted<C>(kind: Kind<C>, candidate: C, { wasDeleted, report }: SettleParts): Promise<boolean> {
  const id = kind.idOf(candidate);
  if (!(await wasDeleted(kind.type, id))) return false;
  report.conflict({
    type: kind.type,
    id,
    name: kind.nameOf(candidate),
    message: 'Was deleted here, and stays deleted.',
  });
  return true;
}

/** Asks the audit log what was deleted. One that is empty now has nothing to say of what the import itself will write there. */
export async function deletionsOf(store: AccountStore): Promise<SettleParts['wasDeleted']> {
  const { total } = await store.listAudit({}, { size: 1 });
  if (total === 0) return async () => false;
  return async (type, id) => {
    const { entries } = await store.listAudit({ objectType: type, objectId: id }, { size: 500, sortOrder: 'desc' });
    return entries.some((entry) => GONE.has(entry.action));
  };
}

async function store<C extends object>(
  kind: Kind<C>,
  { fresh, replaced }: { readonly fresh: readonly C[]; readonly replaced: readonly Replacement<C>[] },
  parts: SettleParts,
): Promise<void> {
  if (fresh.length > 0) {
    const audit = fresh.map((after) =>
      entryOf({ type: kind.type, id: kind.idOf(after), after: visible(after) }, parts),
    );
    await parts.store.apply({ put: kind.put(fresh), createOnly: true, audit });
  }
  if (replaced.length === 0) return;
  const changes = replaced.map(({ candidate, existing }) => {
    const after = kind.restamp(candidate, existing.candidate, parts.now());
    return { id: kind.idOf(after), after, before: existing };
  });
  await parts.store.apply({
    put: kind.put(changes.map(({ after }) => after)),
    expect: changes.map(({ id, before }) => ({ type: kind.type, id, updatedAt: before.updatedAt })),
    audit: changes.map(({ id, before, after }) =>
      entryOf({ type: kind.type, id, before: visible(before.candidate), after: visible(after) }, parts),
    ),
  });
}

/** Without the credentials of a stored deployment. */
function visible(candidate: object): object {
  return 'record' in candidate ? (candidate.record as object) : candidate;
}

function entryOf(changed: Changed, parts: SettleParts): AuditEntry {
  return { ...auditEntry(changed, { caller: { subject: MASTER_SUBJECT } }, parts), actor: IMPORTER };
}
