import { InvalidArgumentError } from 'commander';
import type { CliActions, ServeRequest, ServingGateway } from '../actions.ts';
import { CliFailure, EXIT, type CliIo } from '../io.ts';
import { WorkerPool } from './worker-pool.ts';

/** More than any machine has cores for. */
const MOST_WORKERS = 512;
const WANTED = `Write a whole number from 1 to ${MOST_WORKERS}.`;

/** `--num-workers`. */
export function readWorkers(text: string): number {
  const count = wholeNumber(text);
  if (count === undefined) throw new InvalidArgumentError(WANTED);
  return count;
}

/** How many processes are to serve: the flag, else NUM_WORKERS as LiteLLM reads it, else one. */
export function workersWanted(flag: number | undefined, io: CliIo): number {
  const fromEnv = io.env['NUM_WORKERS'];
  if (flag !== undefined || fromEnv === undefined || fromEnv === '') return flag ?? 1;
  const count = wholeNumber(fromEnv);
  if (count === undefined) throw new CliFailure(`NUM_WORKERS is ${JSON.stringify(fromEnv)}.`, { hint: WANTED });
  return count;
}

/**
 * Serves with several processes. Resolves once the first of them listens; `status`: it could not, has said why, and the program
 * ends as it did.
 */
export async function serveWithWorkers(
  count: number,
  request: ServeRequest,
  cli: CliActions,
): Promise<ServingGateway | { readonly status: number }> {
  const { actions, log } = await cli.workers(request.logLevel);
  const pool = new WorkerPool(count, { actions, log, now: () => performance.now() });
  const first = await pool.startFirst();
  if ('status' in first) return first;
  pool.startOthers();
  const hangUp = cli.onHangUp(() => pool.readAgain());
  return {
    ...first.started,
    close: async (drainSeconds) => {
      hangUp();
      const endedBadly = await pool.stop(drainSeconds);
      log.flush();
      if (endedBadly === 0) return;
      throw new CliFailure(`${endedBadly} of ${count} workers did not end in time and were killed, or failed.`, {
        status: EXIT.failed,
      });
    },
  };
}

function wholeNumber(text: string): number | undefined {
  const count = /^\s*\d{1,4}\s*$/.test(text) ? Number(text) : 0;
  return count >= 1 && count <= MOST_WORKERS ? count : undefined;
}
