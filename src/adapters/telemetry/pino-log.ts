import { pino, type DestinationStream, type Logger } from 'pino';

/** The record of a finished call, as far as the log is concerned. */
interface CallLine {
  readonly outcome: string;
  readonly internal: string | undefined;
}

/** Writes one JSON line for every call, and for what happens beside them. Prompts, answers and keys never get here. */
export class PinoLog {
  readonly detailed: boolean;
  readonly #logger: Logger;

  constructor(level: 'debug' | 'info' | 'warn' | 'silent', destination?: DestinationStream) {
    this.detailed = level === 'debug';
    const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
    this.#logger = destination === undefined ? pino(options) : pino(options, destination);
  }

  call(record: CallLine): void {
    if (record.outcome === 'gateway_failed') this.#logger.error(record, 'call');
    else if (record.outcome === 'upstream_failed') this.#logger.warn(record, 'call');
    else this.#logger.info(record, 'call');
  }

  detail(message: string, fields: Readonly<Record<string, unknown>>): void {
    this.#logger.debug(fields, message);
  }

  failure(message: string, fields: Readonly<Record<string, unknown>>): void {
    this.#logger.error(fields, message);
  }
}
