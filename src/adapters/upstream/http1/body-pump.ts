import type { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';

import type { StreamedBody } from '../../../providers/contract.ts';

/** Who hears how a streamed body gets on. */
export interface PumpEvents {
  /** `source`: the next piece has not come yet; `upstream`: it takes nothing; undefined: neither is waited for. */
  waitsFor(what: 'source' | 'upstream' | undefined): void;
  /** The last byte is on its way. */
  sent(): void;
  /** The source failed, or does not hold what it promised. The rest will never come. */
  failed(error: Error): void;
}

const END_OF_CHUNKS = '0\r\n\r\n';

/** Sends a streamed body, piece by piece, as fast as the upstream takes it and the source gives it. */
export class BodyPump {
  /** True once the whole body is on its way: only then may another request follow on the connection. */
  whole = false;
  readonly #socket: Socket;
  readonly #body: StreamedBody;
  readonly #events: PumpEvents;
  #stopped = false;
  #sent = 0;
  #goOn: (() => void) | undefined;

  constructor(socket: Socket, body: StreamedBody, events: PumpEvents) {
    this.#socket = socket;
    this.#body = body;
    this.#events = events;
  }

  start(): void {
    const pieces = this.#body.chunks[Symbol.asyncIterator]();
    const onDrain = (): void => this.#goOn?.();
    this.#socket.on('drain', onDrain);
    void this.#run(pieces)
      .catch((thrown: unknown) => this.#fail(thrown))
      .finally(() => {
        this.#socket.off('drain', onDrain);
        // Not waited for: the source may be waiting for a client that says nothing.
        pieces.return?.()?.catch(() => undefined);
      });
  }

  /** Sends nothing more. The connection has to be closed then. */
  stop(): void {
    this.#stopped = true;
    this.#goOn?.();
  }

  async #run(pieces: AsyncIterator<Uint8Array>): Promise<void> {
    for (;;) {
      const piece = await this.#next(pieces);
      if (piece === undefined) break;
      // What the upstream has said meanwhile is read first: writing to a connection that it has closed would lose its answer.
      await setImmediate();
      if (this.#stopped) return;
      if (!this.#write(piece)) await this.#drained();
      if (this.#stopped) return;
    }
    if (this.#stopped) return;
    const { length } = this.#body;
    if (length === undefined) this.#socket.write(END_OF_CHUNKS);
    else if (this.#sent < length) throw new Error(`the body ended after ${this.#sent} of ${length} bytes`);
    this.whole = true;
    this.#events.sent();
  }

  /** The next piece that is not empty; undefined at the end, or once nobody wants it. */
  async #next(pieces: AsyncIterator<Uint8Array>): Promise<Uint8Array | undefined> {
    this.#events.waitsFor('source');
    for (;;) {
      const stopped = new Promise<undefined>((resolve) => {
        this.#goOn = () => (this.#stopped ? resolve(undefined) : undefined);
      });
      const next = await Promise.race([pieces.next(), stopped]);
      this.#goOn = undefined;
      if (this.#stopped || next === undefined || next.done === true) return undefined;
      if (next.value.byteLength === 0) continue;
      this.#events.waitsFor(undefined);
      return next.value;
    }
  }

  #write(piece: Uint8Array): boolean {
    const { length } = this.#body;
    this.#sent += piece.byteLength;
    if (length !== undefined) {
      if (this.#sent > length) throw new Error(`the body is longer than the ${length} bytes that it should have`);
      return this.#socket.write(piece);
    }
    this.#socket.cork();
    this.#socket.write(`${piece.byteLength.toString(16)}\r\n`);
    this.#socket.write(piece);
    const taken = this.#socket.write('\r\n');
    this.#socket.uncork();
    return taken;
  }

  async #drained(): Promise<void> {
    this.#events.waitsFor('upstream');
    await new Promise<void>((resolve) => {
      this.#goOn = resolve;
    });
    this.#goOn = undefined;
    this.#events.waitsFor(undefined);
  }

  #fail(thrown: unknown): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#events.failed(
      thrown instanceof Error ? thrown : new Error('the source of the body failed', { cause: thrown }),
    );
  }
}
