import type { Socket } from 'node:net';

import { UpstreamFailure, type StreamedBody } from '../../../providers/contract.ts';
import { classifyFailure } from '../classify-failure.ts';
import { AnswerParser, type AnswerSink } from './answer-parser.ts';
import type { AwaitedAnswer, Carrier } from './awaited-answer.ts';
import { BodyPump } from './body-pump.ts';
import { dial, type LineEvents } from './dial.ts';
import type { ParsedHead } from './parse-head.ts';
import { requestBytes } from './request-bytes.ts';
import type { Sweep, Swept } from './sweep.ts';
import type { Target } from './target.ts';

/** What a connection tells the pool that it belongs to. */
export interface ConnectionOwner {
  /** It is free. `idleSeconds`: how long the upstream says that it keeps it. */
  released(connection: Connection, idleSeconds: number | undefined): void;
  /** It is gone. `whileIdle`: the upstream closed it while it was free. */
  gone(connection: Connection, whileIdle: boolean): void;
  /** It was used before and ended without a byte of this answer. True: the request goes on another one. */
  takesBack(answer: AwaitedAnswer): boolean;
}

/**
 * One connection: one request at a time, the next only once the answer is complete to the byte. Whatever is odd about an answer
 * or its end ends the connection: bytes of one answer must never be taken for those of the next.
 */
export class Connection implements AnswerSink, Carrier, LineEvents, Swept {
  /** The tick at which it is closed if it is still free. The pool sets it. */
  idleUntil = Infinity;
  readonly #target: Target;
  readonly #owner: ConnectionOwner;
  readonly #sweep: Sweep;
  readonly #parser = new AnswerParser(this);
  readonly #line: Socket;
  /** Set once it is open. */
  #socket: Socket | undefined;
  #answer: AwaitedAnswer | undefined;
  /** Sends the streamed body of the request, where it has one. */
  #pump: BodyPump | undefined;
  #openBy: number;
  #answers = 0;
  #heard = false;
  #held = false;
  #over = false;

  constructor(
    target: Target,
    { owner, sweep, connectSeconds }: { owner: ConnectionOwner; sweep: Sweep; connectSeconds: number },
  ) {
    this.#target = target;
    this.#owner = owner;
    this.#sweep = sweep;
    this.#openBy = sweep.after(connectSeconds);
    this.#line = dial(target, this);
    sweep.add(this);
  }

  /** Sends a request. Only while it is free or new. */
  carry(answer: AwaitedAnswer): void {
    this.#answer = answer;
    this.idleUntil = Infinity;
    answer.carriedBy(this);
    if (this.#socket !== undefined) this.#write(this.#socket, answer);
  }

  opened(socket: Socket): void {
    if (this.#over) return;
    this.#socket = socket;
    this.#openBy = Infinity;
    socket.on('session', (session: Buffer) => (this.#target.sessions.latest = session));
    if (this.#answer !== undefined) this.#write(socket, this.#answer);
  }

  read(buffer: Buffer, length: number): void {
    if (this.#over) return;
    const answer = this.#answer;
    // Nobody has asked for these.
    if (answer === undefined) {
      this.#close(false);
      return;
    }
    this.#heard = true;
    try {
      const used = this.#parser.feed(buffer, length);
      // Whoever reads the answer may have abandoned it meanwhile.
      if (this.#parser.done && this.#answer === answer) this.#complete(answer, used === length);
    } catch (error) {
      this.#fail(classifyFailure(error));
    }
  }

  onHead(head: ParsedHead): void {
    // Refused: the rest of the body is not wanted (RFC 9112, 9.5).
    if (head.status >= 300) this.#pump?.stop();
    this.#answer?.onHead(head);
  }

  onPiece(piece: Uint8Array): void {
    this.#answer?.onPiece(piece);
  }

  ended(): void {
    const answer = this.#answer;
    if (answer === undefined) this.#close(true);
    else if (this.#parser.end()) this.#complete(answer, false);
    else this.closed();
  }

  failed(error: unknown): void {
    if (this.#over) return;
    const failure = classifyFailure(error);
    if (this.#socket !== undefined || failure.kind !== 'reset') this.#fail(failure);
    // What broke off before it was open was never a connection.
    else this.#fail(new UpstreamFailure('connect', failure.message, { cause: error }));
  }

  closed(): void {
    if (this.#over) return;
    const open = this.#socket !== undefined;
    const when = this.#parser.head === undefined ? 'before it answered' : 'in the middle of its answer';
    this.#fail(new UpstreamFailure(open ? 'reset' : 'connect', `the upstream closed the connection ${when}`));
  }

  pause(): void {
    this.#held = true;
    this.#socket?.pause();
  }

  resume(): void {
    this.#held = false;
    this.#socket?.resume();
  }

  abandon(): void {
    this.#answer = undefined;
    this.#close(false);
  }

  onTick(now: number): void {
    if (now >= this.#openBy) this.#fail(new UpstreamFailure('connect_timeout', 'the connection was not open in time'));
    else if (this.#answer !== undefined) this.#answer.onTick(now);
    else if (now >= this.idleUntil) this.#close(false);
  }

  #write(socket: Socket, answer: AwaitedAnswer): void {
    this.#heard = false;
    this.#parser.reset();
    try {
      const { body: streamed } = answer.request;
      const [head, body] = requestBytes(answer.request, this.#target.way);
      if (body === undefined) socket.write(head);
      else {
        socket.cork();
        socket.write(head);
        socket.write(body);
        socket.uncork();
      }
      if (streamed === null || streamed instanceof Uint8Array) answer.onSent();
      else this.#pumpBody(socket, { streamed, answer });
    } catch (error) {
      this.#fail(classifyFailure(error));
    }
  }

  #pumpBody(socket: Socket, { streamed, answer }: { streamed: StreamedBody; answer: AwaitedAnswer }): void {
    this.#pump = new BodyPump(socket, streamed, {
      waitsFor: (what) => answer.onWait(what),
      sent: () => answer.onSent(),
      failed: (error) => {
        if (this.#answer !== answer) return;
        this.abandon();
        answer.fail(error);
      },
    });
    this.#pump.start();
  }

  /** The answer is complete. `clean`: nothing follows it. */
  #complete(answer: AwaitedAnswer, clean: boolean): void {
    const { head } = this.#parser;
    const socket = this.#socket;
    const sent = this.#pump?.whole !== false;
    this.#answer = undefined;
    this.#pump?.stop();
    this.#pump = undefined;
    this.#answers += 1;
    // An answer that came before its request had gone out whole leaves the rest of that request on the connection.
    if (sent && clean && head?.keepAlive === true && socket !== undefined && socket.writableLength === 0) {
      if (this.#held) this.resume();
      this.#owner.released(this, head.keepAliveSeconds);
    } else this.#close(false);
    answer.onEnd();
  }

  #fail(failure: UpstreamFailure): void {
    const answer = this.#answer;
    this.#answer = undefined;
    const idle = answer === undefined;
    this.#close(idle);
    if (answer === undefined) return;
    if (this.#answers > 0 && !this.#heard && failure.kind === 'reset' && this.#owner.takesBack(answer)) return;
    answer.fail(failure);
  }

  #close(byUpstreamWhileIdle: boolean): void {
    if (this.#over) return;
    this.#over = true;
    this.#pump?.stop();
    this.#sweep.delete(this);
    this.#line.destroy();
    this.#socket?.destroy();
    this.#owner.gone(this, byUpstreamWhileIdle);
  }
}
