import type { ChildProcess } from 'node:child_process';
import cluster, { type Worker } from 'node:cluster';

/** Set in the environment of a worker: its number, from 1. */
const WORKER_NUMBER = 'WAYMARK_WORKER_NUMBER';
/** Set in the environment of a worker: a secret that all of them share, for what one signs and another reads. */
const WORKERS_SECRET = 'WAYMARK_WORKERS_SECRET';
/** Set in the environment of a worker that is to ask for the config that the others serve. */
const WORKER_CONFIG = 'WAYMARK_WORKER_CONFIG';

/** The files of a config: path and text. */
export type ConfigTexts = readonly (readonly [path: string, text: string])[];

/** What a worker sends: that it serves, what it serves from, or that it wants to hear what the others serve from. */
export type WorkerMessage<Started> =
  | { readonly waymark: 'ready'; readonly started: Started }
  | ConfigMessage
  | { readonly waymark: 'config?' };

/** What workers serve from, in both directions. */
export interface ConfigMessage {
  readonly waymark: 'config';
  readonly texts: ConfigTexts;
}

/** What becomes of a worker. */
interface Events<Started> {
  ready(started: Started): void;
  ended(end: { readonly status: number | null; readonly signal: string | null }): void;
}

interface StartedProcess {
  readonly pid: number | undefined;
  signal(name: 'SIGTERM' | 'SIGHUP' | 'SIGKILL'): void;
}

export interface ClusterOptions {
  /** The program's first file. */
  readonly entry: string;
  /** Its arguments. */
  readonly argv: readonly string[];
  readonly secret: string;
  /** Whole lines that workers print. */
  readonly onOutput: (lines: string) => void;
  readonly onErrors: (lines: string) => void;
}

/**
 * Starts this program again and again as workers of `node:cluster`. This process takes the connections and hands them out in
 * turn: where every worker takes them itself, the kernel gives most to the one that woke last, and connections live long.
 * Workers end with this process, however it ends: `node:cluster` sees to that.
 */
export class ClusterWorkers<Started> {
  readonly #options: ClusterOptions;
  readonly #processes = new Set<ChildProcess>();
  /** What the workers serve from. One that starts begins with it: the files may hold by now what cannot be served from. */
  #texts: ConfigTexts | undefined;

  constructor(options: ClusterOptions) {
    this.#options = options;
    cluster.schedulingPolicy = cluster.SCHED_RR;
    // Through this process, so that lines of several workers are never mixed: a pipe is written whole lines at a time.
    cluster.setupPrimary({ exec: options.entry, args: [...options.argv], silent: true });
    // One that hangs does not see that it is alone.
    process.once('exit', () => {
      for (const each of this.#processes) each.kill('SIGKILL');
    });
  }

  start(number: number, events: Events<Started>): StartedProcess {
    const { secret, onOutput, onErrors } = this.#options;
    const worker = cluster.fork({
      [WORKER_NUMBER]: String(number),
      [WORKERS_SECRET]: secret,
      ...(this.#texts === undefined ? {} : { [WORKER_CONFIG]: 'ask' }),
    });
    this.#processes.add(worker.process);
    passLines(worker.process.stdout, onOutput);
    passLines(worker.process.stderr, onErrors);
    worker.on('message', (message: unknown) => this.#heard(message as WorkerMessage<Started>, worker, events));
    closeWhatWasHandedToTheDead(worker.process);
    onceEnded(worker, (status, signal) => {
      this.#processes.delete(worker.process);
      events.ended({ status, signal });
    });
    return { pid: worker.process.pid, signal: (name) => void worker.process.kill(name) };
  }

  #heard(message: WorkerMessage<Started>, worker: Worker, events: Events<Started>): void {
    if (message.waymark === 'ready') events.ready(message.started);
    else if (message.waymark === 'config') this.#texts = message.texts;
    else if (message.waymark === 'config?' && this.#texts !== undefined && worker.isConnected()) {
      const answer: ConfigMessage = { waymark: 'config', texts: this.#texts };
      // One that is gone meanwhile needs no answer.
      worker.send(answer, undefined, () => undefined);
    }
  }
}

/** After the last of its output, so that what it said stands before what is said of it. */
function onceEnded(worker: Worker, listener: (status: number | null, signal: string | null) => void): void {
  let over = false;
  const end = (status: number | null, signal: string | null): void => {
    if (over) return;
    over = true;
    listener(status, signal);
  };
  worker.process.once('close', end);
  worker.process.once('error', () => end(1, null));
}

/**
 * Closes the connection that a worker had been handed and had not taken when it died. `node:cluster` hands a worker one at a time,
 * waits for its word, and forgets the connection where that never comes: its client would wait for ever.
 */
function closeWhatWasHandedToTheDead(child: ChildProcess): void {
  const send = child.send.bind(child) as (...args: unknown[]) => boolean;
  let last: { close(): void } | undefined;
  child.send = (...args: unknown[]): boolean => {
    if (isHandle(args[1])) last = args[1];
    return send(...args);
  };
  child.once('exit', (status) => {
    // One that ended well has said of each what became of it. Closing what is closed already does nothing.
    if (status !== 0) last?.close();
  });
}

function isHandle(value: unknown): value is { close(): void } {
  return typeof value === 'object' && value !== null && 'close' in value && typeof value.close === 'function';
}

const LINE_FEED = 0x0a;

/** Hands on what comes, whole lines at a time. */
function passLines(from: NodeJS.ReadableStream | null, onLines: (lines: string) => void): void {
  let rest: Buffer[] = [];
  from?.on('data', (piece: Buffer) => {
    const end = piece.lastIndexOf(LINE_FEED);
    if (end < 0) {
      rest.push(piece);
      return;
    }
    onLines(Buffer.concat([...rest, piece.subarray(0, end + 1)]).toString('utf8'));
    rest = end + 1 < piece.byteLength ? [piece.subarray(end + 1)] : [];
  });
  from?.on('end', () => {
    if (rest.length > 0) onLines(`${Buffer.concat(rest).toString('utf8')}\n`);
  });
}
