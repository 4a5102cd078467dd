import { EnvHttpProxyAgent, Pool, type Dispatcher } from 'undici';

import type { AbortHook, Upstream, UpstreamAnswer, UpstreamRequest } from '../../providers/contract.ts';
import { AnswerInProgress } from './answer-in-progress.ts';
import { readProxySettings } from './proxy-settings.ts';

export interface UndiciUpstreamOptions {
  /** Where `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` are read. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Bounds the opening of a connection, its TLS handshake included. 10 unless given. */
  readonly connectSeconds?: number;
}

/** What every connection has in common. HTTP/1.1 only: one call per connection, so that an abort ends one call. */
const CONNECTION = {
  allowH2: false,
  pipelining: 1,
  // Below the idle limit of the servers we know, so that we are the side that closes.
  keepAliveTimeout: 4_000,
  maxHeaderSize: 64 * 1024,
  // Time limits are the attempt's own.
  headersTimeout: 0,
  bodyTimeout: 0,
} as const;

/** The `Upstream` port on undici: one pool per origin, kept while the process lives (idle connections close by themselves). */
export class UndiciUpstream implements Upstream {
  readonly #pools = new Map<string, Pool>();
  readonly #proxy: Dispatcher | undefined;
  readonly #connectMs: number;

  constructor(options: UndiciUpstreamOptions) {
    this.#connectMs = (options.connectSeconds ?? 10) * 1000;
    const proxy = readProxySettings(options.env);
    if (proxy === undefined) return;
    const timeout = { timeout: this.#connectMs };
    // An empty text, not undefined, keeps undici from reading the process's own environment.
    this.#proxy = new EnvHttpProxyAgent({
      ...CONNECTION,
      httpProxy: proxy.httpProxy ?? '',
      httpsProxy: proxy.httpsProxy ?? '',
      noProxy: proxy.noProxy,
      connect: timeout,
      connectTimeout: this.#connectMs,
    });
  }

  send(request: UpstreamRequest, abort: AbortHook): Promise<UpstreamAnswer> {
    const answer = new AnswerInProgress(request);
    abort.onAbort(() => answer.cancel());
    try {
      this.#dispatcher(request.origin).dispatch(
        {
          origin: request.origin,
          path: request.path,
          method: request.method,
          headers: request.headers as string[],
          body: request.body,
        },
        answer,
      );
    } catch (error) {
      answer.onResponseError(undefined, error);
    }
    return answer.head;
  }

  async close(): Promise<void> {
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.all([...pools.map((pool) => pool.destroy()), this.#proxy?.destroy()]);
  }

  #dispatcher(origin: string): Dispatcher {
    if (this.#proxy !== undefined) return this.#proxy;
    let pool = this.#pools.get(origin);
    if (pool === undefined) {
      pool = new Pool(origin, { ...CONNECTION, connect: { timeout: this.#connectMs } });
      this.#pools.set(origin, pool);
    }
    return pool;
  }
}
