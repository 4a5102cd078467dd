import { connect, type Socket } from 'node:net';
import { AnswerReader, type ReadAnswer } from './answer-reader.ts';
import { cpuMicroseconds } from './cpu.ts';

/** One slice of load against one target. */
export interface LoadOrder {
  readonly port: number;
  readonly connections: number;
  /** The whole request, head and body. */
  readonly request: string;
  /** What every body must end with, so that a broken answer never counts. */
  readonly bodyEnd: string;
  /** Not measured, at the beginning. */
  readonly warmUpMs: number;
  readonly measureMs: number;
  /** Processes whose CPU time is read at both ends of the measured part. */
  readonly watch: readonly number[];
}

/** What was measured. Times in microseconds. */
export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  /** From sending a request to the end of its answer, each. */
  readonly latencies: readonly number[];
  /** From sending a request to the first byte of its answer's body, each. */
  readonly firstBytes: readonly number[];
  /** CPU time of each watched process in the measured part, in the order of `watch`. */
  readonly cpu: readonly number[];
  /** CPU time of the generator itself. */
  readonly ownCpu: number;
}

/** Keeps `connections` requests under way until the time is over. Rejects at the first answer that is not as expected. */
export async function runLoad(order: LoadOrder): Promise<LoadResult> {
  const run = new LoadRun(order);
  try {
    await run.open();
    await run.wait(order.warmUpMs);
    return await run.measure();
  } finally {
    run.close();
  }
}

class LoadRun {
  readonly #order: LoadOrder;
  readonly #bytes: Buffer;
  readonly #bodyEnd: Buffer;
  readonly #sockets: Socket[] = [];
  readonly #failed = Promise.withResolvers<never>();
  #latencies: number[] = [];
  #firstBytes: number[] = [];
  #closing = false;

  constructor(order: LoadOrder) {
    this.#order = order;
    // A failure between two waits must not count as unhandled: the next wait brings it up.
    this.#failed.promise.catch(() => undefined);
    this.#bytes = Buffer.from(order.request, 'utf8');
    this.#bodyEnd = Buffer.from(order.bodyEnd, 'utf8');
  }

  async open(): Promise<void> {
    await Promise.race([
      this.#failed.promise,
      Promise.all(Array.from({ length: this.#order.connections }, async () => this.#connect())),
    ]);
  }

  async wait(milliseconds: number): Promise<void> {
    const over = Promise.withResolvers<void>();
    const timer = setTimeout(() => over.resolve(), milliseconds);
    try {
      await Promise.race([this.#failed.promise, over.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  async measure(): Promise<LoadResult> {
    const { watch, measureMs } = this.#order;
    this.#latencies = [];
    this.#firstBytes = [];
    const before = { at: performance.now(), cpu: watch.map(cpuMicroseconds), own: process.cpuUsage() };
    await this.wait(measureMs);
    const seconds = (performance.now() - before.at) / 1000;
    const cpu = watch.map((pid, index) => cpuMicroseconds(pid) - (before.cpu[index] ?? 0));
    const own = process.cpuUsage(before.own);
    const latencies = this.#latencies;
    return {
      requests: latencies.length,
      seconds,
      latencies,
      firstBytes: this.#firstBytes,
      cpu,
      ownCpu: own.user + own.system,
    };
  }

  close(): void {
    this.#closing = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  async #connect(): Promise<void> {
    const socket = connect({ port: this.#order.port, host: '127.0.0.1', noDelay: true });
    this.#sockets.push(socket);
    let sentAt = 0;
    const send = (): void => {
      sentAt = performance.now();
      socket.write(this.#bytes);
    };
    const reader = new AnswerReader({
      onBody: () => this.#firstBytes.push((performance.now() - sentAt) * 1000),
      onAnswer: (answer) => {
        if (!this.#isGood(answer)) return;
        this.#latencies.push((performance.now() - sentAt) * 1000);
        send();
      },
    });
    socket.on('data', (piece: Buffer) => {
      try {
        reader.feed(piece);
      } catch (error) {
        this.#fail(error);
      }
    });
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('The target closed a connection.')));
    await new Promise<void>((resolve) => {
      socket.once('connect', resolve);
    });
    send();
  }

  #isGood(answer: ReadAnswer): boolean {
    const end = answer.tail.subarray(-this.#bodyEnd.byteLength);
    if (answer.status === 200 && end.equals(this.#bodyEnd)) return true;
    this.#fail(
      new Error(`An answer with status ${answer.status} that ends with ${JSON.stringify(answer.tail.toString())}.`),
    );
    return false;
  }

  #fail(error: unknown): void {
    if (this.#closing) return;
    this.#failed.reject(error instanceof Error ? error : new Error(String(error)));
  }
}
