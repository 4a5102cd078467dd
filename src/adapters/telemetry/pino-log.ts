import { pino, type DestinationStream, type Logger, type LevelWithSilent } from 'pino';

/** The record of a finished call, as far as the log is concerned. */
interface CallLine {
  readonly outcome: string;
}

/** Where lines go. */
interface LogDestination extends DestinationStream {
  flush?(): void;
}

/** Lines wait for this many bytes, or this many milliseconds: one write for each call would cost more than its line. */
const BUFFER_BYTES = 64 * 1024;
const FLUSH_MS = 100;

/** Pino's numbers for the levels. */
const INFO = 30;
const WARN = 40;
const ERROR = 50;

export interface PinoLogOptions {
  /** Where lines go; standard output unless given. */
  readonly destination?: LogDestination;
  /** Which of several processes this is. */
  readonly worker?: number | undefined;
}

/** Writes one JSON line for every call, and for what happens beside them. Prompts, answers and keys never get here. */
export class PinoLog {
  readonly detailed: boolean;
  readonly #logger: Logger;
  readonly #destination: LogDestination;
  readonly #lowest: number;
  /** Behind the first fields of a line, where one of several processes writes it. */
  readonly #worker: string;
  #flushing: NodeJS.Timeout | undefined;

  /** Without a destination the lines go to standard output, buffered; `flush` writes what waits. */
  constructor(level: LevelWithSilent, { destination = standardOutput(), worker }: PinoLogOptions = {}) {
    this.#worker = worker === undefined ? '' : `"worker":${worker},`;
    this.detailed = level === 'debug';
    this.#destination = destination;
    this.#logger = pino(
      { level, base: worker === undefined ? null : { worker }, timestamp: pino.stdTimeFunctions.epochTime },
      destination,
    );
    this.#lowest = pino.levels.values[level] ?? Infinity;
  }

  /** In pino's form, but in one go: its own way to an object's line takes four times as long, once for every call. */
  call(record: CallLine): void {
    const level = levelOf(record.outcome);
    if (level < this.#lowest) return;
    this.#destination.write(
      `{"level":${level},"time":${Date.now()},${this.#worker}"msg":"call",${JSON.stringify(record).slice(1)}\n`,
    );
    this.#flushSoon();
  }

  detail(message: string, fields: Readonly<Record<string, unknown>>): void {
    this.#logger.debug(fields, message);
    this.#flushSoon();
  }

  notice(message: string, fields: Readonly<Record<string, unknown>>): void {
    this.#logger.info(fields, message);
    this.#flushSoon();
  }

  failure(message: string, fields: Readonly<Record<string, unknown>>): void {
    this.#logger.error(fields, message);
    this.#flushSoon();
  }

  /** Whole lines that another process has made. */
  pass(lines: string): void {
    this.#destination.write(lines);
    this.#flushSoon();
  }

  /** Writes what waits, at once. */
  flush(): void {
    clearTimeout(this.#flushing);
    this.#flushing = undefined;
    // Not through the logger: its flush also waits for the disk.
    this.#destination.flush?.();
  }

  #flushSoon(): void {
    this.#flushing ??= setTimeout(flushNow, FLUSH_MS, this).unref();
  }
}

function levelOf(outcome: string): number {
  if (outcome === 'gateway_failed') return ERROR;
  return outcome === 'upstream_failed' ? WARN : INFO;
}

function flushNow(log: PinoLog): void {
  log.flush();
}

function standardOutput(): LogDestination {
  const output = pino.destination({ dest: 1, sync: false, minLength: BUFFER_BYTES, maxWrite: 2 * BUFFER_BYTES });
  // A flush does nothing while a write goes on, and does not say so: what came behind that write would wait for the next line, which
  // may be long in coming. Hence once more when it is done.
  let again = false;
  output.on('drain', () => {
    if (!again) return;
    again = false;
    output.flush();
  });
  return {
    write: (lines) => void output.write(lines),
    flush: () => {
      again = true;
      output.flush();
    },
  };
}
