import cluster, { type Worker } from 'node:cluster';

/** Set in the environment of a worker: its number, from 1. */
const WORKER_NUMBER = 'WAYMARK_WORKER_NUMBER';
/** Set in the environment of a worker: a secret that all of them share, for what one signs and another reads. */
const WORKERS_SECRET = 'WAYMARK_WORKERS_SECRET';

/** What a worker sends once it serves. */
interface ReadyMessage<Started> {
  readonly waymark: 'ready';
  readonly started: Started;
}

/** What becomes of a worker. */
interface Events<Started> {
  ready(started: Started): void;
  ended(end: { readonly status: number | null; readonly signal: string | null }): void;
}

export interface ClusterOptions {
  /** The program's first file. */
  readonly entry: string;
  /** Its arguments. */
  readonly argv: readonly string[];
  readonly secret: string;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

/**
 * Starts this program again and again as workers of `node:cluster`. This process takes the connections and hands them out in
 * turn: where every worker takes them itself, the kernel gives most to the one that woke last, and connections live long.
 * Workers end with this process, however it ends: `node:cluster` sees to that.
 */
export class ClusterWorkers<Started> {
  readonly #options: ClusterOptions;

  constructor(options: ClusterOptions) {
    this.#options = options;
    cluster.schedulingPolicy = cluster.SCHED_RR;
    // Through this process, so that lines of several workers are never mixed: a pipe is written whole lines at a time.
    cluster.setupPrimary({ exec: options.entry, args: [...options.argv], silent: true });
  }

  start(number: number, events: Events<Started>): { signal(name: 'SIGTERM' | 'SIGHUP' | 'SIGKILL'): void } {
    const worker = cluster.fork({ [WORKER_NUMBER]: String(number), [WORKERS_SECRET]: this.#options.secret });
    passLines(worker.process.stdout, this.#options.stdout);
    passLines(worker.process.stderr, this.#options.stderr);
    worker.on('message', (message: unknown) => {
      if (isReady<Started>(message)) events.ready(message.started);
    });
    onceEnded(worker, events.ended.bind(events));
    return { signal: (name) => void worker.process.kill(name) };
  }
}

/** After the last of its output, so that what it said stands before what is said of it. */
function onceEnded(worker: Worker, listener: Events<unknown>['ended']): void {
  let over = false;
  const end = (status: number | null, signal: string | null): void => {
    if (over) return;
    over = true;
    listener({ status, signal });
  };
  worker.process.once('close', end);
  worker.process.once('error', () => end(1, null));
}

function isReady<Started>(message: unknown): message is ReadyMessage<Started> {
  return typeof message === 'object' && message !== null && 'waymark' in message && message.waymark === 'ready';
}

const LINE_FEED = 0x0a;

/** Writes what comes, whole lines at a time. */
function passLines(from: NodeJS.ReadableStream | null, to: { write(text: string): unknown }): void {
  let rest: Buffer[] = [];
  from?.on('data', (piece: Buffer) => {
    const end = piece.lastIndexOf(LINE_FEED);
    if (end < 0) {
      rest.push(piece);
      return;
    }
    to.write(Buffer.concat([...rest, piece.subarray(0, end + 1)]).toString('utf8'));
    rest = end + 1 < piece.byteLength ? [piece.subarray(end + 1)] : [];
  });
  from?.on('end', () => {
    if (rest.length > 0) to.write(`${Buffer.concat(rest).toString('utf8')}\n`);
  });
}
