import { pino, type DestinationStream, type Logger } from 'pino';

/** The record of a finished call, as far as the log is concerned. */
interface CallLine {
  readonly outcome: string;
  readonly internal: string | undefined;
}

type Level = 'debug' | 'info' | 'warn' | 'silent';

/** Where lines go. */
interface LogDestination extends DestinationStream {
  flush?(): void;
}

/** Lines wait for this many bytes, or this many milliseconds: one write for each call would cost more than its line. */
const BUFFER_BYTES = 8 * 1024;
const FLUSH_MS = 100;

/** Writes one JSON line for every call, and for what happens beside them. Prompts, answers and keys never get here. */
export class PinoLog {
  readonly detailed: boolean;
  readonly #logger: Logger;
  readonly #calls: boolean;
  #flushing: NodeJS.Timeout | undefined;

  readonly #destination: LogDestination;

  /** Without a destination the lines go to standard output, buffered; `flush` writes what waits. */
  constructor(level: Level, destination: LogDestination = standardOutput()) {
    this.detailed = level === 'debug';
    const options = { level, base: null, timestamp: pino.stdTimeFunctions.epochTime };
    this.#destination = destination;
    this.#logger = pino(options, destination);
    this.#calls = this.#logger.isLevelEnabled('info');
  }

  call(record: CallLine): void {
    if (record.outcome === 'gateway_failed') this.#logger.error(record, 'call');
    else if (record.outcome === 'upstream_failed') this.#logger.warn(record, 'call');
    else if (this.#calls) this.#logger.info(record, 'call');
    this.#flushSoon();
  }

  detail(message: string, fields: Readonly<Record<string, unknown>>): void {
    this.#logger.debug(fields, message);
    this.#flushSoon();
  }

  failure(message: string, fields: Readonly<Record<string, unknown>>): void {
    this.#logger.error(fields, message);
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

function flushNow(log: PinoLog): void {
  log.flush();
}

function standardOutput(): LogDestination {
  return pino.destination({ dest: 1, sync: false, minLength: BUFFER_BYTES });
}
