import { createHash } from 'node:crypto';

import type { Principal, PrincipalSource } from '../../src/accounts/principal.ts';
import { ConfigRefused, startGateway, type GatewayOptions, type RunningGateway } from '../../src/compose.ts';
import type { GatewayConfig } from '../../src/config/contract.ts';
import { readConfig } from '../../src/config/read-config.ts';
import type { Problem } from '../../src/core/base/problem.ts';
import { seededRandom } from '../../src/core/base/random.ts';
import { Cooling } from '../../src/gateway/health.ts';
import type { CallRecord, GatewayLog } from '../../src/gateway/ports.ts';

/** The master key of every harness whose config sets none. */
export const MASTER_KEY = 'sk-harness-0123456789abcdef';

export interface HarnessOptions extends Partial<Omit<GatewayOptions, 'config' | 'cooling' | 'log'>> {
  /** Leaves `general_settings.master_key` as the config has it, instead of setting MASTER_KEY. */
  readonly keepMasterKey?: boolean;
}

/** A gateway in this process, with its insides at hand. */
export interface Harness {
  readonly url: string;
  readonly port: number;
  readonly gateway: RunningGateway;
  readonly masterKey: string;
  readonly cooling: Cooling;
  /** What reading and preparing the config found. */
  readonly problems: readonly Problem[];
  /** Finished calls, in the order in which they were settled. */
  readonly calls: readonly CallRecord[];
  /** What failed outside any call, as logged. */
  readonly failures: readonly Readonly<Record<string, unknown>>[];
  /** What happened outside any call without failing, as logged. */
  readonly notices: readonly Readonly<Record<string, unknown>>[];
  /** Makes a key known; without a given key, a fresh one. Returns the key. */
  addKey(principal: Principal, key?: string): string;
  /** Resolves with call number `count` (from 1) once it is settled. */
  settled(count: number): Promise<CallRecord>;
  /** POST with the master key, unless `key` says otherwise (null: no key). */
  post(path: string, body: unknown, init?: PostInit): Promise<Response>;
  get(path: string, init?: PostInit): Promise<Response>;
  /** POST /v1/chat/completions with one message. */
  chat(fields: Record<string, unknown>, init?: PostInit): Promise<Response>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface PostInit {
  readonly key?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Starts a gateway on a free port of loopback. `config`: YAML text, or an object that stands for it. */
export async function startHarness(config: string | object, options: HarnessOptions = {}): Promise<Harness> {
  const env = options.env ?? {};
  const text = typeof config === 'string' ? config : JSON.stringify(config);
  const sources = { readText: () => text, env };
  const reading = readConfig('config.yaml', sources);
  if (reading.config === undefined) throw new ConfigRefused(reading.problems);
  const harness = new GatewayHarness(withMasterKey(reading.config, options), reading.problems);
  await harness.start({ ...options, env });
  return harness;
}

function withMasterKey(config: GatewayConfig, options: HarnessOptions): GatewayConfig {
  if (options.keepMasterKey === true || config.server.masterKey !== undefined) return config;
  return { ...config, server: { ...config.server, masterKey: MASTER_KEY } };
}

class GatewayHarness implements Harness, PrincipalSource, GatewayLog {
  readonly cooling = new Cooling();
  readonly detailed = false;
  readonly failures: Readonly<Record<string, unknown>>[] = [];
  readonly notices: Readonly<Record<string, unknown>>[] = [];
  readonly #config: GatewayConfig;
  readonly #found: readonly Problem[];
  readonly #keys = new Map<string, Principal>();
  readonly #calls: CallRecord[] = [];
  readonly #waiting: { count: number; resolve: (record: CallRecord) => void }[] = [];
  #gateway: RunningGateway | undefined;

  constructor(config: GatewayConfig, found: readonly Problem[]) {
    this.#config = config;
    this.#found = found;
  }

  get gateway(): RunningGateway {
    if (this.#gateway === undefined) throw new Error('The harness has not been started.');
    return this.#gateway;
  }

  get masterKey(): string {
    return this.#config.server.masterKey ?? '';
  }

  get url(): string {
    return this.gateway.url;
  }

  get port(): number {
    return this.gateway.port;
  }

  get problems(): readonly Problem[] {
    return [...this.#found, ...this.gateway.problems];
  }

  get calls(): readonly CallRecord[] {
    return this.#calls;
  }

  async start(options: HarnessOptions): Promise<void> {
    this.#gateway = await startGateway({
      host: '127.0.0.1',
      port: 0,
      product: { version: '0.0.0-test', litellmVersion: '1.106.2' },
      random: seededRandom(1),
      // A gateway with a store has its keys there.
      ...(options.accounts === undefined && options.database === undefined ? { principals: this } : {}),
      ...options,
      config: this.#config,
      cooling: this.cooling,
      log: this,
    });
  }

  async find(keyDigest: string): Promise<Principal | undefined> {
    return this.#keys.get(keyDigest);
  }

  call(record: CallRecord): void {
    this.#calls.push(record);
    for (const waiter of this.#waiting) if (waiter.count === this.#calls.length) waiter.resolve(record);
  }

  detail(): void {
    // Nobody reads the details of a test's calls.
  }

  notice(message: string, fields: Readonly<Record<string, unknown>>): void {
    this.notices.push({ message, ...fields });
  }

  failure(message: string, fields: Readonly<Record<string, unknown>>): void {
    this.failures.push({ message, ...fields });
  }

  flush(): void {
    // Nothing waits.
  }

  addKey(principal: Principal, key = `sk-test-${this.#keys.size + 1}`): string {
    this.#keys.set(createHash('sha256').update(key).digest('hex'), principal);
    return key;
  }

  async settled(count: number): Promise<CallRecord> {
    const there = this.#calls[count - 1];
    if (there !== undefined) return there;
    return new Promise((resolve) => {
      this.#waiting.push({ count, resolve });
    });
  }

  post(path: string, body: unknown, init: PostInit = {}): Promise<Response> {
    return this.#fetch(path, init, {
      method: 'POST',
      body: typeof body === 'string' || body instanceof Uint8Array ? (body as string) : JSON.stringify(body),
    });
  }

  get(path: string, init: PostInit = {}): Promise<Response> {
    return this.#fetch(path, init, { method: 'GET' });
  }

  chat(fields: Record<string, unknown>, init: PostInit = {}): Promise<Response> {
    return this.post('/v1/chat/completions', { messages: [{ role: 'user', content: 'hi' }], ...fields }, init);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.gateway.close(0);
  }

  #fetch(path: string, init: PostInit, request: RequestInit): Promise<Response> {
    const key = init.key === undefined ? (this.#config.server.masterKey ?? null) : init.key;
    const headers = {
      ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
      ...init.headers,
    };
    return fetch(this.url + path, {
      ...request,
      headers,
      ...(init.signal === undefined ? {} : { signal: init.signal }),
    });
  }
}
