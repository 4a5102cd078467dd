import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** Streams that are opened and then left alone. */
export interface HoldOrder {
  readonly port: number;
  readonly streams: number;
  readonly request: string;
}

/** Opened at the same time, at most: a queue of connections has an end. */
const AT_ONCE = 50;
const FIRST_BYTE_MS = 60_000;

/** Open streams, each of which has begun to answer. */
export class HeldStreams {
  readonly #sockets: Socket[] = [];

  get count(): number {
    return this.#sockets.filter((socket) => !socket.destroyed).length;
  }

  /** Resolves when every stream has brought a piece of its body. Rejects where one does not. */
  async open(order: HoldOrder): Promise<void> {
    let waiting = order.streams;
    const lane = async (): Promise<void> => {
      for (; waiting > 0; await this.#openOne(order)) waiting -= 1;
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
  }

  close(): void {
    for (const socket of this.#sockets.splice(0)) socket.destroy();
  }

  async #openOne({ port, request }: HoldOrder): Promise<void> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#sockets.push(socket);
    socket.on('error', () => socket.destroy());
    const begun = new Promise<boolean>((resolve) => {
      let text = '';
      socket.on('connect', () => socket.write(request));
      socket.on('data', (piece: Buffer) => {
        if (text.includes('data: ')) return;
        text += piece.toString('latin1');
        if (text.includes('data: ')) resolve(text.startsWith('HTTP/1.1 200'));
      });
      socket.on('close', () => resolve(false));
    });
    const late = delay(FIRST_BYTE_MS, false, { ref: false });
    if (!(await Promise.race([begun, late]))) throw new Error('A stream that was to be held did not begin.');
  }
}
