// A thread that runs statements on its own connection, so that a long list or a slow disk holds up no call.
// An entry of its own in the build: the program starts it by its file.
import { parentPort, workerData } from 'node:worker_threads';
import { Database, type DatabaseSettings } from './database.ts';
import { describeFailure } from './failures.ts';
import type { WorkerReply, WorkerRequest } from './worker-protocol.ts';

/** Opened by the first statement, so that a file that cannot be opened is an answer and not a crash. */
let database: Database | undefined;

function answer({ id, sql, parameters }: Extract<WorkerRequest, { type: 'run' }>): WorkerReply {
  try {
    database ??= new Database(workerData as DatabaseSettings);
    return { id, result: database.run(sql, parameters) };
  } catch (error) {
    return { id, failure: describeFailure(error) };
  }
}

parentPort?.on('message', (request: WorkerRequest) => {
  if (request.type === 'run') {
    parentPort?.postMessage(answer(request));
    return;
  }
  database?.close();
  parentPort?.close();
});
