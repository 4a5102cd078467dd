import pg from 'pg';
import { StoreConflict, StoreUnavailable } from '../../accounts/contract.ts';

/**
 * SQLSTATEs that mean: not now, or not with these settings. By class or whole code.
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const UNAVAILABLE = [
  '08', // the connection failed
  '28', // who we are was not accepted
  '3D', // no such database
  '40', // a deadlock or a serialisation failure
  '53', // too many clients, a full disk, no memory
  '57', // shut down, starting up, cancelled by a time limit
  '58', // the operating system failed
  '25006', // a standby that only reads
  '42501', // a right is missing
  '55P03', // a lock was not to be had in time
];
/** Unique and foreign keys; a schema that somebody else made first. */
const CONFLICTS = new Set(['23505', '23503', '42P06']);

/**
 * Names a failure of pg in the store's words. Messages of PostgreSQL name tables and constraints; the values of a row stand
 * in its `detail` only, which is left out. What is not a failure of the database comes back unchanged.
 */
export function toStoreError(error: unknown): unknown {
  if (error instanceof StoreUnavailable || error instanceof StoreConflict) return error;
  if (error instanceof TypeError || error instanceof RangeError || !(error instanceof Error)) return error;
  if (!(error instanceof pg.DatabaseError)) {
    // Refused, reset, timed out, ended while it ran: pg gives these no class of their own.
    return new StoreUnavailable(`The PostgreSQL database does not answer: ${describe(error)}.`);
  }
  const code = error.code ?? '';
  if (UNAVAILABLE.some((prefix) => code.startsWith(prefix))) {
    return new StoreUnavailable(`The PostgreSQL database is not available: ${error.message} (${code}).`);
  }
  if (CONFLICTS.has(code)) {
    return new StoreConflict(error.constraint ?? 'reference', `The database refused the change: ${error.message}.`);
  }
  return error;
}

/** An AggregateError of several addresses tried has no message of its own. */
function describe(error: Error): string {
  const { code } = error as { readonly code?: unknown };
  return error.message === '' && typeof code === 'string' ? code : error.message;
}
