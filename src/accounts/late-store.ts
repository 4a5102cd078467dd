import { StoreUnavailable, type AccountChange, type AccountStore, type ChangeNotice } from './contract.ts';

type Rest<K extends keyof AccountStore> = AccountStore[K] extends (...args: infer A) => unknown ? A : never;
type Answer<K extends keyof AccountStore> = AccountStore[K] extends (...args: never[]) => infer R ? Awaited<R> : never;

export interface OpenedStore {
  readonly store: AccountStore;
  /** What is left to do once the store has been closed. */
  readonly dispose?: () => Promise<void>;
}

/** How long a store that could not be opened is let be. Milliseconds. */
const RETRY_MS = 1000;

/**
 * A store that is opened after the gateway listens, or when the database comes back: until then everything rejects with
 * StoreUnavailable, and whoever asks has it tried again.
 */
export class LateStore implements AccountStore {
  readonly #open: () => Promise<OpenedStore>;
  readonly #now: () => number;
  readonly #listeners = new Map<(notices: readonly ChangeNotice[]) => void, (() => void) | undefined>();
  #store: AccountStore | undefined;
  #dispose: (() => Promise<void>) | undefined;
  #opening: Promise<OpenedStore> | undefined;
  #failed: { readonly error: StoreUnavailable; readonly at: number } | undefined;
  #closed = false;
  #retry: NodeJS.Timeout | undefined;

  /** `now`: milliseconds of a monotonic clock. */
  constructor(open: () => Promise<OpenedStore>, now: () => number) {
    this.#open = open;
    this.#now = now;
  }

  /** Rejects with what `open` rejects with; after a StoreUnavailable it is tried again until it is open. */
  async start(): Promise<void> {
    try {
      await this.#tryToOpen();
    } catch (error) {
      if (error instanceof StoreUnavailable) this.#tryLater();
      throw error;
    }
  }

  #tryLater(): void {
    if (this.#closed || this.#store !== undefined) return;
    this.#retry = setTimeout(() => void this.#ready().catch(() => this.#tryLater()), RETRY_MS);
    this.#retry.unref();
  }

  async #tryToOpen(): Promise<AccountStore> {
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
    });
    const { store, dispose } = await this.#opening.catch((error: unknown) => {
      this.#failed = { error: asUnavailable(error), at: this.#now() };
      throw error;
    });
    if (this.#closed) {
      await store.close();
      await dispose?.();
      throw new StoreUnavailable('The store has been closed.');
    }
    if (this.#store === undefined) {
      this.#store = store;
      this.#dispose = dispose;
      for (const listener of this.#listeners.keys()) this.#listeners.set(listener, store.watch(listener));
      // Whoever wanted to follow it from the start has missed what it holds.
      if (this.#failed !== undefined) for (const listener of this.#listeners.keys()) listener(['all']);
    }
    return store;
  }

  async #ready(): Promise<AccountStore> {
    if (this.#store !== undefined) return this.#store;
    if (this.#closed) throw new StoreUnavailable('The store has been closed.');
    if (this.#failed !== undefined && this.#now() - this.#failed.at < RETRY_MS) throw this.#failed.error;
    try {
      return await this.#tryToOpen();
    } catch (error) {
      throw asUnavailable(error);
    }
  }

  async findKey(...args: Rest<'findKey'>): Promise<Answer<'findKey'>> {
    return await (this.#store ?? (await this.#ready())).findKey(...args);
  }

  async getTeam(...args: Rest<'getTeam'>): Promise<Answer<'getTeam'>> {
    return await (await this.#ready()).getTeam(...args);
  }

  async getProject(...args: Rest<'getProject'>): Promise<Answer<'getProject'>> {
    return await (await this.#ready()).getProject(...args);
  }

  async getUser(...args: Rest<'getUser'>): Promise<Answer<'getUser'>> {
    return await (await this.#ready()).getUser(...args);
  }

  async getTag(...args: Rest<'getTag'>): Promise<Answer<'getTag'>> {
    return await (await this.#ready()).getTag(...args);
  }

  async getModel(...args: Rest<'getModel'>): Promise<Answer<'getModel'>> {
    return await (await this.#ready()).getModel(...args);
  }

  async findKeyByAlias(...args: Rest<'findKeyByAlias'>): Promise<Answer<'findKeyByAlias'>> {
    return await (await this.#ready()).findKeyByAlias(...args);
  }

  async teamsOfUser(...args: Rest<'teamsOfUser'>): Promise<Answer<'teamsOfUser'>> {
    return await (await this.#ready()).teamsOfUser(...args);
  }

  async listKeys(...args: Rest<'listKeys'>): Promise<Answer<'listKeys'>> {
    return await (await this.#ready()).listKeys(...args);
  }

  async listTeams(...args: Rest<'listTeams'>): Promise<Answer<'listTeams'>> {
    return await (await this.#ready()).listTeams(...args);
  }

  async listProjects(...args: Rest<'listProjects'>): Promise<Answer<'listProjects'>> {
    return await (await this.#ready()).listProjects(...args);
  }

  async listUsers(...args: Rest<'listUsers'>): Promise<Answer<'listUsers'>> {
    return await (await this.#ready()).listUsers(...args);
  }

  async listTags(...args: Rest<'listTags'>): Promise<Answer<'listTags'>> {
    return await (await this.#ready()).listTags(...args);
  }

  async listModels(): Promise<Answer<'listModels'>> {
    return await (await this.#ready()).listModels();
  }

  async listAudit(...args: Rest<'listAudit'>): Promise<Answer<'listAudit'>> {
    return await (await this.#ready()).listAudit(...args);
  }

  async apply(change: AccountChange): Promise<Answer<'apply'>> {
    return await (await this.#ready()).apply(change);
  }

  watch(onChange: (notices: readonly ChangeNotice[]) => void): () => void {
    this.#listeners.set(onChange, this.#store?.watch(onChange));
    return () => {
      this.#listeners.get(onChange)?.();
      this.#listeners.delete(onChange);
    };
  }

  async ping(): Promise<void> {
    await (await this.#ready()).ping();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    await this.#opening?.catch(() => undefined);
    await this.#store?.close();
    this.#store = undefined;
    await this.#dispose?.();
  }
}

function asUnavailable(cause: unknown): StoreUnavailable {
  if (cause instanceof StoreUnavailable) return cause;
  return new StoreUnavailable(cause instanceof Error ? cause.message : String(cause), { cause });
}
