import { UpstreamFailure } from '../../../providers/contract.ts';
import type { AwaitedAnswer } from './awaited-answer.ts';
import { Connection, type ConnectionOwner } from './connection.ts';
import type { Sweep } from './sweep.ts';
import type { Target } from './target.ts';

/** How long a free connection is kept. Seconds. */
const IDLE_SECONDS = 60;
/** The same for an upstream that has closed one before us, as uvicorn does after five seconds, without saying so. Seconds. */
const SHORT_IDLE_SECONDS = 4;
/** A connection is closed this long before the upstream would. Seconds. */
const MARGIN_SECONDS = 4;

/**
 * The connections to one origin; as many as there are calls. The one that was used last is used next, so that the others can end.
 *
 * A request on a connection that the upstream is just closing is lost, and a POST must not be sent twice: the upstream may have
 * read it. So we try to be the side that closes. A GET or DELETE does go once more, on a new connection, where nothing of an answer
 * has come (RFC 9110, 9.2.2).
 */
export class OriginPool implements ConnectionOwner {
  readonly #target: Target;
  readonly #sweep: Sweep;
  readonly #connectSeconds: number;
  readonly #all = new Set<Connection>();
  readonly #free: Connection[] = [];
  #idleSeconds = IDLE_SECONDS;
  #closed = false;

  constructor(target: Target, { sweep, connectSeconds }: { sweep: Sweep; connectSeconds: number }) {
    this.#target = target;
    this.#sweep = sweep;
    this.#connectSeconds = connectSeconds;
  }

  send(answer: AwaitedAnswer): void {
    (this.#free.pop() ?? this.#open(answer.request.timeouts.connectSeconds)).carry(answer);
  }

  released(connection: Connection, idleSeconds: number | undefined): void {
    const kept = idleSeconds === undefined ? this.#idleSeconds : Math.min(IDLE_SECONDS, idleSeconds - MARGIN_SECONDS);
    connection.idleUntil = this.#sweep.after(Math.max(0, kept));
    this.#free.push(connection);
  }

  gone(connection: Connection, whileIdle: boolean): void {
    this.#all.delete(connection);
    if (whileIdle) this.#idleSeconds = SHORT_IDLE_SECONDS;
    const index = this.#free.lastIndexOf(connection);
    if (index !== -1) this.#free.splice(index, 1);
  }

  takesBack(answer: AwaitedAnswer): boolean {
    if (this.#closed || answer.request.method === 'POST') return false;
    this.#open(answer.request.timeouts.connectSeconds).carry(answer);
    return true;
  }

  close(): void {
    this.#closed = true;
    for (const connection of this.#all) connection.failed(new UpstreamFailure('aborted', 'the gateway is closing'));
  }

  #open(connectSeconds: number): Connection {
    const connection = new Connection(this.#target, {
      owner: this,
      sweep: this.#sweep,
      connectSeconds: Math.min(connectSeconds, this.#connectSeconds),
    });
    this.#all.add(connection);
    return connection;
  }
}
