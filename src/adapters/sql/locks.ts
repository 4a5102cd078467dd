import { sql, type Transaction } from 'kysely';
import type { SqlKind } from './engine.ts';
import type { Database } from './tables.ts';

/** `WAYM`: the first half of every advisory lock's number, so that it meets nobody else's in a database that is shared. */
const LOCK_CLASS = 0x57_41_59_4d;
const LOCK_NUMBERS = { migration: 1, writer: 2 } as const;

/**
 * Makes the transaction the only one of its sort until it ends. SQLite's transactions are that from their beginning
 * (`begin immediate`).
 */
export async function lockFor(
  purpose: keyof typeof LOCK_NUMBERS,
  trx: Transaction<Database>,
  kind: SqlKind,
): Promise<void> {
  if (kind === 'sqlite') return;
  await sql`select pg_advisory_xact_lock(${LOCK_CLASS}, ${LOCK_NUMBERS[purpose]})`.execute(trx);
}
