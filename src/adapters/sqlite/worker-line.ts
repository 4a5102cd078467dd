import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { StoreUnavailable } from '../../accounts/contract.ts';
import type { DatabaseSettings, StatementResult } from './database.ts';
import type { SqliteLine } from './dialect.ts';
import { toStoreError } from './failures.ts';
import type { WorkerReply, WorkerRequest } from './worker-protocol.ts';

interface Waiting {
  resolve(result: StatementResult): void;
  reject(error: Error): void;
}

/** A connection on a worker thread. Breaks when the thread ends unbidden; what waited is rejected with StoreUnavailable. */
export class WorkerLine implements SqliteLine {
  readonly #path: string;
  readonly #worker: Worker;
  readonly #ended: Promise<void>;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #isBroken = false;

  constructor(settings: DatabaseSettings) {
    this.#path = settings.path;
    this.#worker = new Worker(workerFile(), { workerData: settings, execArgv: [], name: 'waymark-sqlite' });
    this.#worker.on('message', (reply: WorkerReply) => this.#settle(reply));
    this.#worker.on('error', () => this.#break());
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#ended = promise;
    this.#worker.on('exit', () => {
      this.#break();
      resolve();
    });
    // Only while a statement runs does the thread keep the program alive.
    this.#worker.unref();
  }

  get isBroken(): boolean {
    return this.#isBroken;
  }

  async run(sql: string, parameters: readonly unknown[]): Promise<StatementResult> {
    if (this.#isBroken) throw this.#gone();
    const id = (this.#lastId += 1);
    const { promise, resolve, reject } = Promise.withResolvers<StatementResult>();
    this.#waiting.set(id, { resolve, reject });
    this.#worker.ref();
    this.#post({ type: 'run', id, sql, parameters });
    return await promise;
  }

  async close(): Promise<void> {
    if (!this.#isBroken) {
      this.#worker.ref();
      this.#post({ type: 'close' });
    }
    await this.#ended;
  }

  #post(request: WorkerRequest): void {
    this.#worker.postMessage(request);
  }

  #settle(reply: WorkerReply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (this.#waiting.size === 0) this.#worker.unref();
    if ('result' in reply) waiting?.resolve(reply.result);
    else waiting?.reject(toStoreError(reply.failure, this.#path));
  }

  #break(): void {
    this.#isBroken = true;
    for (const waiting of this.#waiting.values()) waiting.reject(this.#gone());
    this.#waiting.clear();
  }

  #gone(): StoreUnavailable {
    return new StoreUnavailable(`The thread that keeps ${this.#path} open has ended.`);
  }
}

/** Beside this file when run from the sources; beside main.mjs, perhaps one folder up, when bundled. */
function workerFile(): URL {
  if (import.meta.url.endsWith('.ts')) return new URL('sqlite-worker.ts', import.meta.url);
  const beside = new URL('sqlite-worker.mjs', import.meta.url);
  return existsSync(beside) ? beside : new URL('../sqlite-worker.mjs', import.meta.url);
}
