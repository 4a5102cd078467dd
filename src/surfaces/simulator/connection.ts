import type { Socket } from 'node:net';
import { AnswerBook } from './answer-book.ts';
import type { SimulatorSettings } from './options.ts';
import { planRequest, type Plan } from './plan.ts';
import { play, type Ending } from './player.ts';
import { MalformedRequest } from './request-head.ts';
import { RequestParser, type WireRequest } from './request-parser.ts';
import { idOf } from './template.ts';
import type { Tally } from './tally.ts';

/** What every connection of a simulator shares. */
export interface Stage {
  readonly settings: SimulatorSettings;
  readonly book: AnswerBook;
  readonly tally: Tally;
}

const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';
/** Anything that is no model call is answered at once and has no number. */
const AT_ONCE: Plan = { timeToFirstTokenMs: 0, answerTokens: 0, errorStatus: undefined, cutAt: undefined };

/** Serves one connection: one request after the other, in order, until either side ends it. */
export class Connection {
  readonly #socket: Socket;
  readonly #stage: Stage;
  readonly #parser = new RequestParser();
  /** An answer is under way. */
  #busy = false;
  #serving = false;
  #resumeTimer: NodeJS.Timeout | undefined;

  constructor(socket: Socket, stage: Stage) {
    this.#socket = socket;
    this.#stage = stage;
  }

  /** Listens to the socket from now on. */
  serve(): void {
    const socket = this.#socket;
    socket.setNoDelay(true);
    socket.on('data', (piece: Buffer) => this.#take(piece));
    socket.on('error', () => {
      // The client went away: `close` follows.
    });
    socket.on('close', () => clearTimeout(this.#resumeTimer));
  }

  #take(piece: Buffer): void {
    this.#stage.tally.bytesReceived += piece.byteLength;
    this.#slowDown(piece.byteLength);
    this.#parser.feed(piece);
    this.#serve();
  }

  /** Holds the client back as a server does that reads slowly. */
  #slowDown(bytes: number): void {
    const pace = this.#stage.settings.readBytesPerSecond;
    if (pace === 0) return;
    this.#socket.pause();
    this.#resumeTimer = setTimeout(() => this.#socket.resume(), (bytes * 1000) / pace);
  }

  /** Answers what has come whole. An answer that ends at once comes back to this loop, not deeper into it. */
  #serve(): void {
    if (this.#serving) return;
    this.#serving = true;
    try {
      while (!this.#busy) {
        const request = this.#parser.next();
        if (this.#parser.takeContinue()) this.#socket.write(CONTINUE);
        if (request === undefined) return;
        this.#answer(request);
      }
    } catch (error) {
      if (!(error instanceof MalformedRequest)) throw error;
      this.#socket.end(`HTTP/1.1 ${error.status} Error\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
    } finally {
      this.#serving = false;
    }
  }

  #answer(request: WireRequest): void {
    const { settings, book, tally } = this.#stage;
    const operation = AnswerBook.operationOf(request);
    if (operation !== undefined) tally.modelCalls += 1;
    tally.requests += 1;
    const plan = operation === undefined ? AT_ONCE : planRequest(settings, tally.modelCalls);
    const id = idOf(settings.seed, tally.modelCalls);
    const prepared = operation === undefined ? book.other(request) : book.answer(operation, request, { plan, id });
    tally.answered(prepared.template.status);
    this.#busy = true;
    play({
      socket: this.#socket,
      prepared,
      plan,
      id,
      tokensPerSecond: settings.tokensPerSecond,
      onEnd: (ending) => this.#ended(ending, request.keepAlive),
    });
  }

  #ended(ending: Ending, keepAlive: boolean): void {
    this.#busy = false;
    if (ending === 'left') this.#stage.tally.abandoned += 1;
    else if (ending === 'cut') this.#cut();
    else if (keepAlive) this.#serve();
    else this.#socket.end();
  }

  #cut(): void {
    this.#stage.tally.cutStreams += 1;
    // What was sent still arrives, then the connection ends without the stream's own end.
    this.#socket.destroySoon();
  }
}
