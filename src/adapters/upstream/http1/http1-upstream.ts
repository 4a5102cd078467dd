import type { AbortHook, Upstream, UpstreamAnswer, UpstreamRequest } from '../../../providers/contract.ts';
import { classifyFailure } from '../classify-failure.ts';
import { AwaitedAnswer } from './awaited-answer.ts';
import { OriginPool } from './origin-pool.ts';
import { ProxyRules } from './proxy-rules.ts';
import { Sweep } from './sweep.ts';

export interface Http1UpstreamOptions {
  /** Where `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` are read. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Bounds the opening of a connection, its TLS handshake included. 10 unless given. */
  readonly connectSeconds?: number;
}

/** The `Upstream` port on HTTP/1.1 of our own: `node:net` and `node:tls`, and nothing in between. */
export class Http1Upstream implements Upstream {
  readonly #pools = new Map<string, OriginPool>();
  readonly #sweep = new Sweep();
  readonly #proxies: ProxyRules;
  readonly #connectSeconds: number;

  constructor(options: Http1UpstreamOptions) {
    this.#proxies = new ProxyRules(options.env);
    this.#connectSeconds = options.connectSeconds ?? 10;
  }

  send(request: UpstreamRequest, abort: AbortHook): Promise<UpstreamAnswer> {
    const answer = new AwaitedAnswer(request, this.#sweep);
    abort.onAbort(() => answer.cancel());
    if (!answer.over) {
      try {
        this.#pool(request.origin).send(answer);
      } catch (error) {
        answer.fail(classifyFailure(error));
      }
    }
    return answer.answered;
  }

  async close(): Promise<void> {
    for (const pool of this.#pools.values()) pool.close();
    this.#pools.clear();
    this.#sweep.stop();
  }

  #pool(origin: string): OriginPool {
    let pool = this.#pools.get(origin);
    if (pool === undefined) {
      const settings = { sweep: this.#sweep, connectSeconds: this.#connectSeconds };
      pool = new OriginPool(this.#proxies.targetFor(origin), settings);
      this.#pools.set(origin, pool);
    }
    return pool;
  }
}
