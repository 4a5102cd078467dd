import { StoreConflict, StoreUnavailable } from '../../accounts/contract.ts';

/** An error of SQLite as it travels from a worker. */
export interface SqliteFailure {
  readonly message: string;
  /** SQLite's extended result code; undefined: not an error of SQLite. */
  readonly code: number | undefined;
}

export function describeFailure(error: unknown): SqliteFailure {
  const { errcode } = error as { readonly errcode?: unknown };
  return {
    message: error instanceof Error ? error.message : String(error),
    code: typeof errcode === 'number' ? errcode : undefined,
  };
}

/** Primary result codes (the low byte) that mean: not now, or not with this file. https://www.sqlite.org/rescode.html */
const UNAVAILABLE = new Map([
  [5, 'another program holds the write lock'],
  [6, 'another program holds the write lock'],
  [7, 'out of memory'],
  [8, 'it may not be written to'],
  [10, 'the disk reports an error'],
  [11, 'the file is damaged'],
  [13, 'the disk is full'],
  [14, 'the file cannot be opened'],
  [26, 'the file is not a SQLite database'],
]);
const CONSTRAINT = 19;

/** Never carries the values of a row: SQLite names columns only. */
export function toStoreError({ message, code }: SqliteFailure, path: string): Error {
  const primary = (code ?? 0) & 0xff;
  const reason = UNAVAILABLE.get(primary);
  if (reason !== undefined) return new StoreUnavailable(`The database ${path} does not answer: ${reason}.`);
  if (primary === CONSTRAINT) {
    const column = /constraint failed: ([\w.]+)/i.exec(message)?.[1] ?? 'reference';
    return new StoreConflict(column, `The database refused the change: ${message}.`);
  }
  return new Error(`SQLite: ${message}`);
}
