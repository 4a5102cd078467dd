import type { Socket } from 'node:net';
import type { Prepared } from './answer-book.ts';
import type { Plan } from './plan.ts';
import { stamp } from './template.ts';

/** How an answer ended. `cut`: on purpose; `left`: the client went first. */
export type Ending = 'whole' | 'cut' | 'left';

/** One answer to be played on a connection. */
export interface Performance {
  readonly socket: Socket;
  readonly prepared: Prepared;
  readonly plan: Plan;
  readonly id: string;
  /** 0: as fast as possible. */
  readonly tokensPerSecond: number;
  /** Called once, at once where nothing is to be waited for. */
  readonly onEnd: (ending: Ending) => void;
}

/** Sends an answer at its pace. */
export function play(performance: Performance): void {
  const { socket, prepared, plan } = performance;
  const cut = prepared.streamed && plan.cutAt !== undefined;
  const paced = performance.tokensPerSecond > 0 && prepared.template.tokens > 0;
  if (plan.timeToFirstTokenMs === 0 && !paced && !cut) {
    socket.write(stamp(prepared.template, performance.id));
    performance.onEnd('whole');
    return;
  }
  new Player(performance, { cut, paced }).start();
}

class Player {
  readonly #performance: Performance;
  readonly #bytes: Buffer;
  /** When each piece is due, in milliseconds after the first token. */
  readonly #msPerPiece: number;
  readonly #pieces: readonly number[];
  readonly #cut: boolean;
  readonly #onClose = (): void => this.#end('left');
  #timer: NodeJS.Timeout | undefined;
  #sent = 0;
  #began = 0;

  constructor(performance: Performance, kind: { cut: boolean; paced: boolean }) {
    const { template, streamed } = performance.prepared;
    this.#performance = performance;
    this.#bytes = stamp(template, performance.id);
    this.#cut = kind.cut;
    this.#msPerPiece = kind.paced ? 1000 / performance.tokensPerSecond : 0;
    const kept = kind.cut ? Math.floor((performance.plan.cutAt ?? 0) * (template.pieceEnds.length - 1)) + 1 : undefined;
    this.#pieces = streamed ? template.pieceEnds.slice(0, kept) : template.pieceEnds;
  }

  start(): void {
    const { socket, plan, prepared } = this.#performance;
    socket.once('close', this.#onClose);
    // An answer that is no stream comes when its last token would have.
    const wait = plan.timeToFirstTokenMs + (prepared.streamed ? 0 : this.#msPerPiece * prepared.template.tokens);
    if (wait === 0) this.#open();
    else this.#timer = setTimeout(() => this.#open(), wait);
  }

  #open(): void {
    this.#began = performance.now();
    this.#step();
  }

  /** Sends every piece that is due, then waits for the next one or for a reader that holds back. */
  #step(): void {
    const { socket } = this.#performance;
    const elapsed = performance.now() - this.#began;
    const due = this.#msPerPiece === 0 ? this.#pieces.length : Math.floor(elapsed / this.#msPerPiece) + 1;
    const upTo = Math.min(this.#pieces.length, Math.max(due, this.#sent + 1));
    const from = this.#pieces[this.#sent - 1] ?? 0;
    const fits = socket.write(this.#bytes.subarray(from, this.#pieces[upTo - 1]));
    this.#sent = upTo;
    if (upTo === this.#pieces.length) this.#end(this.#cut ? 'cut' : 'whole');
    else if (!fits) socket.once('drain', () => this.#step());
    else this.#timer = setTimeout(() => this.#step(), Math.max(1, upTo * this.#msPerPiece - elapsed));
  }

  #end(ending: Ending): void {
    clearTimeout(this.#timer);
    this.#performance.socket.removeListener('close', this.#onClose);
    this.#performance.onEnd(ending);
  }
}
