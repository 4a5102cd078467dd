import { randomUUID } from 'node:crypto';

import { NO_KEYS } from '../../src/accounts/principal.ts';
import { readConfig } from '../../src/config/read-config.ts';
import { findCallEndpoint } from '../../src/gateway/endpoint.ts';
import type { Exchange, HeaderView } from '../../src/gateway/exchange.ts';
import { Cooling } from '../../src/gateway/health.ts';
import { Pipeline } from '../../src/gateway/pipeline.ts';
import { prepareSnapshot, type Snapshot } from '../../src/gateway/snapshot.ts';
import { makeStamp } from '../../src/gateway/stamp.ts';
import { Admission } from '../../src/gateway/steps/admit.ts';
import type { Upstream, UpstreamAnswer, UpstreamBody } from '../../src/providers/contract.ts';
import { targetOf } from '../../src/providers/registry.ts';
import { hostFacts } from '../load/host.ts';
import { gatewayConfig, requestFor, type UpstreamKind } from '../load/scenarios.ts';
import { quantile } from '../statistics.ts';

// What the eight steps themselves cost, with no socket, no HTTP and no log: the part of a call's CPU time that is Waymark's own
// doing. The lower quartile is shown beside the median: what disturbs a batch only ever makes it dearer.

const KEY = 'sk-bench-0123456789abcdef';
const BATCH = 500;
const BATCHES = 80;

function snapshotOf(): Snapshot {
  const text = gatewayConfig({ json: 9, burst: 9, paced: 9 }, KEY);
  const { config } = readConfig('bench.yaml', { readText: () => text, env: {} });
  if (config === undefined) throw new Error("The bench's config could not be read.");
  const cooling = new Cooling();
  const { snapshot } = prepareSnapshot({
    config,
    targetOf: (one) => targetOf(one, {}),
    cooling,
    responseSecret: 'bench',
    insecure: false,
  });
  if (snapshot === undefined) throw new Error("The bench's config could not be prepared.");
  return snapshot;
}

/** An exchange that keeps nothing but whether its head has gone out. */
class NoExchange implements Exchange {
  readonly method = 'POST';
  readonly path = '/v1/chat/completions';
  readonly query = '';
  readonly remoteAddress = '127.0.0.1';
  readonly aborted = false;
  readonly headers: HeaderView;
  committed = false;
  status = 0;
  readonly #body: Buffer;

  constructor(headers: ReadonlyMap<string, string>, body: Buffer) {
    this.headers = { get: (name) => headers.get(name) };
    this.#body = body;
  }

  async readBody(): Promise<Uint8Array> {
    return this.#body;
  }

  async *bodyChunks(): AsyncGenerator<Uint8Array> {
    yield this.#body;
  }

  answer(status: number): void {
    this.head(status);
  }

  head(status: number): void {
    this.committed = true;
    this.status = status;
  }

  write(): boolean {
    return true;
  }

  onAbort(): void {
    // Nobody leaves.
  }

  onDrain(): void {
    // Nothing waits.
  }

  end(): void {
    // Nothing is kept.
  }

  destroy(): void {
    throw new Error('A call of the bench broke off.');
  }
}

/** An upstream that answers at once, in these pieces. */
function upstreamOf(type: string, pieces: readonly Buffer[]): Upstream {
  const body: UpstreamBody = {
    bytes: async () => Buffer.concat(pieces),
    pipe: async (onChunk) => {
      for (const piece of pieces) onChunk(piece);
    },
    resume: () => undefined,
    cancel: () => undefined,
  };
  const headers = ['content-type', type, 'x-request-id', 'req_0', 'date', 'Thu, 01 Jan 2026 00:00:00 GMT'];
  const answer: UpstreamAnswer = { status: 200, headers, body };
  return { send: async () => answer, close: async () => undefined };
}

/** A request of the load bench, taken apart again. */
function callOf(kind: UpstreamKind): { headers: ReadonlyMap<string, string>; body: Buffer } {
  const [head = '', body = ''] = requestFor(kind, { port: 4000, key: KEY }).split('\r\n\r\n');
  const lines = head.split('\r\n').slice(1);
  const pairs = lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)] as const);
  return { headers: new Map(pairs), body: Buffer.from(body) };
}

async function measure(kind: UpstreamKind, upstream: Upstream): Promise<string> {
  const snapshot = snapshotOf();
  const log = { detailed: false, call: () => undefined, detail: () => undefined };
  const spools = { open: () => Promise.reject(new Error('No form is measured here.')) };
  const ports = { upstream, spools, principals: NO_KEYS, log, random: Math.random, now: () => performance.now() };
  const pipeline = new Pipeline(ports, new Admission());
  const endpoint = findCallEndpoint('/v1/chat/completions');
  if (endpoint === undefined) throw new Error('The endpoint is gone.');
  const { headers, body } = callOf(kind);
  const product = { version: '0.0.0', litellmVersion: '0.0.0' };
  let good = 0;
  const once = async (): Promise<void> => {
    const exchange = new NoExchange(headers, body);
    await pipeline.run({ exchange, stamp: makeStamp(randomUUID(), snapshot.version, product), snapshot, endpoint });
    if (exchange.status === 200) good += 1;
  };
  const times: number[] = [];
  for (let batch = -20; batch < BATCHES; batch += 1) {
    const before = process.threadCpuUsage();
    for (let index = 0; index < BATCH; index += 1) await once();
    const used = process.threadCpuUsage(before);
    if (batch >= 0) times.push((used.user + used.system) / BATCH);
  }
  if (good !== BATCH * (BATCHES + 20)) throw new Error('Not every call was answered with 200.');
  return `${quantile(times, 0.25).toFixed(1)} us (median ${quantile(times, 0.5).toFixed(1)})`;
}

const host = hostFacts();
const json = Buffer.from(JSON.stringify({ id: 'x', choices: [{ message: { content: 'word '.repeat(180) } }] }));
const event = (content: string): Buffer =>
  Buffer.from(
    `data: {"id":"chatcmpl-000000010000000000000001","object":"chat.completion.chunk","created":1767225600,"model":"m","choices":[{"index":0,"delta":{"content":"${content}"},"logprobs":null,"finish_reason":null}]}\n\n`,
  );
const events = [...Array.from({ length: 49 }, (_, index) => event(` word${index}`)), Buffer.from('data: [DONE]\n\n')];
console.log(`${host.date}, ${host.cpu}, Node ${host.node}. CPU microseconds a call, without sockets.\n`);
console.log(`JSON, 1 KB each way: ${await measure('json', upstreamOf('application/json', [json]))}`);
console.log(`stream, 50 events one by one: ${await measure('burst', upstreamOf('text/event-stream', events))}`);
console.log(
  `stream, 50 events at once: ${await measure('burst', upstreamOf('text/event-stream', [Buffer.concat(events)]))}`,
);
