import type { StatementResult } from './database.ts';
import type { SqliteFailure } from './failures.ts';

/** To the worker. Statements are run in the order in which they come. `close`: finish, close the file and end. */
export type WorkerRequest =
  | { readonly type: 'run'; readonly id: number; readonly sql: string; readonly parameters: readonly unknown[] }
  | { readonly type: 'close' };

/** From the worker: one for every `run`. */
export type WorkerReply =
  | { readonly id: number; readonly result: StatementResult }
  | { readonly id: number; readonly failure: SqliteFailure };
