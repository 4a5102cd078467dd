import type { ConfigMessage, ConfigTexts, WorkerMessage } from '../adapters/system/cluster-workers.ts';
import type { StartedWorker, WorkerSelf } from '../surfaces/cli/actions.ts';

/** Config files that change many times a second are told of once in so many milliseconds. */
const TELL_MS = 200;

/** What a process is told that is one of several that serve. */
export interface Worker extends WorkerSelf {
  /** What all of them sign with. */
  readonly secret: string;
  /** It starts from what the others serve from: the files are still to be read. */
  readonly startsFromKept: boolean;
  /** Tells the process that started it what is served from now. */
  keep(texts: ReadonlyMap<string, string>): void;
}

/** Undefined where this process is no worker. What it was told is taken out of the environment: nothing else starts workers. */
export async function workerOfEnvironment(): Promise<Worker | undefined> {
  const { WAYMARK_WORKER_NUMBER: number, WAYMARK_WORKERS_SECRET: secret, WAYMARK_WORKER_CONFIG: config } = process.env;
  delete process.env['WAYMARK_WORKER_NUMBER'];
  delete process.env['WAYMARK_WORKERS_SECRET'];
  delete process.env['WAYMARK_WORKER_CONFIG'];
  if (number === undefined || secret === undefined || process.send === undefined) return undefined;
  const kept = config === undefined ? undefined : new Map(await askForConfig());
  const read = new Map<string, string>();
  return {
    number: Number(number),
    secret,
    startsFromKept: kept !== undefined,
    reader: (fromDisk) => (kept === undefined ? noting(fromDisk, read) : (path) => textOf(path, kept)),
    ready(started) {
      if (kept === undefined) tell({ waymark: 'config', texts: [...read] });
      tell({ waymark: 'ready', started });
    },
    keep: teller(),
  };
}

function tell(message: WorkerMessage<StartedWorker>): void {
  // Where nobody hears it, this process is about to end too.
  process.send?.(message, undefined, undefined, () => undefined);
}

async function askForConfig(): Promise<ConfigTexts> {
  return await new Promise((resolve) => {
    const heard = (message: ConfigMessage): void => {
      if (message.waymark !== 'config') return;
      process.off('message', heard);
      resolve(message.texts);
    };
    process.on('message', heard);
    tell({ waymark: 'config?' });
  });
}

function noting(fromDisk: (path: string) => string, read: Map<string, string>): (path: string) => string {
  return (path) => {
    const text = fromDisk(path);
    read.set(path, text);
    return text;
  };
}

function textOf(path: string, kept: ReadonlyMap<string, string>): string {
  const text = kept.get(path);
  if (text === undefined) throw new Error('no such file');
  return text;
}

function teller(): Worker['keep'] {
  let latest: ReadonlyMap<string, string>;
  let waiting: NodeJS.Timeout | undefined;
  return (texts) => {
    latest = texts;
    waiting ??= setTimeout(() => {
      waiting = undefined;
      tell({ waymark: 'config', texts: [...latest] });
    }, TELL_MS).unref();
  };
}
