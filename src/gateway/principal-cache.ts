import { hash } from 'node:crypto';

import { StoreUnavailable, type AccountStore, type ChangeNotice, type KeyContext } from '../accounts/contract.ts';
import { keyRefusal, principalOf, type KeyRefusal } from '../accounts/principal-of.ts';
import type { Principal, PrincipalSource } from '../accounts/principal.ts';
import { BoundedMap } from '../core/base/bounded-map.ts';
import { Gate } from './gate.ts';
import { keyRefused, storeAway, storeBusy } from './key-errors.ts';

export interface PrincipalCacheOptions {
  readonly store: Pick<AccountStore, 'findKey' | 'watch'>;
  /** Milliseconds since 1970: keys expire by it. */
  readonly wallNow: () => number;
  /** Milliseconds of a monotonic clock: entries age by it. */
  readonly now: () => number;
  /** A key in use is read again behind its calls after so many seconds; 60 unless given. */
  readonly refreshSeconds?: number | undefined;
  /** A known key goes on for so many seconds after it was last read while the database is away; 600 unless given. */
  readonly staleSeconds?: number | undefined;
  /** Known keys that are remembered. */
  readonly keys?: number;
  /** Look-ups at once, and those that may wait for one. */
  readonly lookUps?: { readonly atOnce: number; readonly waiting: number };
}

/** What is remembered of a key: no more than calls need, whatever its team holds. */
interface Entry {
  readonly principal: Principal;
  /** Why it is refused, expiry aside: that is looked at for every call. */
  readonly refusal: KeyRefusal | undefined;
  readonly scopes: ReadonlySet<ChangeNotice>;
  /** Of all that makes the principal: while it stays, the principal stays the same object. */
  readonly content: string;
  readonly readAt: number;
  /** Not to be read again before. */
  retryAt: number;
}

interface LookUp {
  readonly result: Promise<Entry | undefined>;
  /** What changed while the database was asked. */
  readonly notices: Set<ChangeNotice>;
}

const KEYS = 32_768;
const UNKNOWN_KEYS = 16_384;
/** Seconds for which an unknown key stays unknown unasked. One that is made meanwhile is known at once by its notice. */
const UNKNOWN_SECONDS = 10;
const LOOK_UPS = { atOnce: 8, waiting: 1024 };
/** Seconds until a read that failed behind the calls is tried again. */
const RETRY_SECONDS = 2;
/** Reads of one key that a change may overtake before the call is told to come again. */
const MOST_READS = 4;

/**
 * The keys in use, so that a call costs no look-up. An entry never outlives a change that concerns it: changes drop it, and a
 * look-up that a change has overtaken is made again. Keys that do not exist are remembered apart, so that inventing keys
 * drives no real one out, and asks the database only as fast as the gate lets it.
 */
export class PrincipalCache implements PrincipalSource {
  readonly #options: PrincipalCacheOptions;
  readonly #refreshMs: number;
  readonly #staleMs: number;
  readonly #gate: Gate;
  readonly #entries: BoundedMap<string, Entry>;
  /** Token to the time until which it is taken for unknown. */
  readonly #unknown = new BoundedMap<string, number>(UNKNOWN_KEYS);
  readonly #lookUps = new Map<string, LookUp>();
  readonly #stopWatching: () => void;

  constructor(options: PrincipalCacheOptions) {
    this.#options = options;
    this.#staleMs = (options.staleSeconds ?? 600) * 1000;
    this.#refreshMs = Math.min((options.refreshSeconds ?? 60) * 1000, this.#staleMs);
    this.#gate = new Gate(options.lookUps ?? LOOK_UPS);
    this.#entries = new BoundedMap(options.keys ?? KEYS);
    this.#stopWatching = options.store.watch((notices) => this.#forget(notices));
  }

  /**
   * Undefined: no such key. Rejects with a GatewayError: the key is blocked or expired (401), or the database does not
   * answer, or too many unknown keys are being looked up (503: whether the key is good is not known).
   */
  async find(keyDigest: string): Promise<Principal | undefined> {
    const now = this.#options.now();
    const entry = this.#entries.get(keyDigest);
    if (entry !== undefined && now - entry.readAt < this.#staleMs) {
      if (now - entry.readAt >= this.#refreshMs && now >= entry.retryAt) this.#refresh(keyDigest, entry);
      return this.#admit(entry);
    }
    if (now < (this.#unknown.get(keyDigest) ?? -Infinity)) return undefined;
    const found = await this.#lookUp(keyDigest);
    return found === undefined ? undefined : this.#admit(found);
  }

  close(): void {
    this.#stopWatching();
  }

  #admit({ principal, refusal }: Entry): Principal {
    const expiresAt = principal.account?.expiresAt ?? null;
    if (expiresAt !== null && expiresAt <= this.#options.wallNow()) throw keyRefused('expired');
    if (refusal !== undefined) throw keyRefused(refusal);
    return principal;
  }

  /** Reads a key again behind the call that it serves. While the database is away the entry stays, up to its limit. */
  #refresh(keyDigest: string, entry: Entry): void {
    entry.retryAt = this.#options.now() + RETRY_SECONDS * 1000;
    this.#lookUp(keyDigest).catch(() => undefined);
  }

  /** One look-up for all calls of a key. */
  #lookUp(keyDigest: string): Promise<Entry | undefined> {
    const running = this.#lookUps.get(keyDigest);
    if (running !== undefined) return running.result;
    const notices = new Set<ChangeNotice>();
    const result = this.#gate.enter(async () => this.#read(keyDigest, notices));
    if (result === undefined) return Promise.reject(storeBusy());
    const ending = result.finally(() => this.#lookUps.delete(keyDigest));
    this.#lookUps.set(keyDigest, { result: ending, notices });
    return ending;
  }

  /** Asks until no change has come in between. */
  async #read(keyDigest: string, notices: Set<ChangeNotice>): Promise<Entry | undefined> {
    for (let reads = 0; reads < MOST_READS; reads += 1) {
      notices.clear();
      const context = await this.#ask(keyDigest);
      const scopes = scopesOf(keyDigest, context);
      if (!overtaken(scopes, notices)) return this.#keep(keyDigest, context, scopes);
    }
    throw storeBusy();
  }

  async #ask(keyDigest: string): Promise<KeyContext | undefined> {
    try {
      return await this.#options.store.findKey(keyDigest);
    } catch (thrown) {
      throw thrown instanceof StoreUnavailable ? storeAway(thrown.message) : thrown;
    }
  }

  #keep(keyDigest: string, context: KeyContext | undefined, scopes: ReadonlySet<ChangeNotice>): Entry | undefined {
    const now = this.#options.now();
    if (context === undefined) {
      this.#entries.delete(keyDigest);
      this.#unknown.set(keyDigest, now + UNKNOWN_SECONDS * 1000);
      return undefined;
    }
    const principal = principalOf(context);
    const content = contentOf(principal);
    const before = this.#entries.get(keyDigest);
    const entry: Entry = {
      principal: before?.content === content ? before.principal : principal,
      // Expiry is no part of it: nothing has expired at the beginning of time.
      refusal: keyRefusal(context, -Infinity),
      scopes,
      content,
      readAt: now,
      retryAt: now,
    };
    this.#unknown.delete(keyDigest);
    this.#entries.set(keyDigest, entry);
    return entry;
  }

  #forget(notices: readonly ChangeNotice[]): void {
    for (const lookUp of this.#lookUps.values()) for (const notice of notices) lookUp.notices.add(notice);
    if (notices.includes('all')) {
      this.#entries.clear();
      this.#unknown.clear();
      return;
    }
    for (const notice of notices) {
      if (!notice.startsWith('key:')) continue;
      this.#entries.delete(notice.slice('key:'.length));
      this.#unknown.delete(notice.slice('key:'.length));
    }
    // Changes of teams are rare, and calls are not: a walk here costs less than an index that every call keeps in order.
    const wider = notices.filter((notice) => /^(?:team|project|user):/.test(notice));
    if (wider.length === 0) return;
    for (const [keyDigest, { scopes }] of this.#entries.entries()) {
      if (wider.some((notice) => scopes.has(notice))) this.#entries.delete(keyDigest);
    }
  }
}

/** The notices that concern a key: its own, and those of all that it names, whether there or not. */
function scopesOf(keyDigest: string, context: KeyContext | undefined): ReadonlySet<ChangeNotice> {
  const scopes = new Set<ChangeNotice>([`key:${keyDigest}`]);
  if (context === undefined) return scopes;
  const { teamId, projectId, userId } = context.key;
  if (teamId !== null) scopes.add(`team:${teamId}`);
  if (projectId !== null) scopes.add(`project:${projectId}`);
  if (userId !== null) scopes.add(`user:${userId}`);
  return scopes;
}

function overtaken(scopes: ReadonlySet<ChangeNotice>, notices: ReadonlySet<ChangeNotice>): boolean {
  return notices.has('all') || !scopes.isDisjointFrom(notices);
}

/** Stands for all that a principal says. */
function contentOf({ policy, account }: Principal): string {
  const { models, aliases, ...plain } = account ?? { models: { lists: [] }, aliases: new Map() };
  return hash('sha256', JSON.stringify([policy, plain, models.lists, [...aliases]]));
}
