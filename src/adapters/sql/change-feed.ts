import type { ChangeNotice } from '../../accounts/contract.ts';
import type { ChangeRow } from './change-table.ts';

type Watcher = (notices: readonly ChangeNotice[]) => void;

/** Where the feed reads. Both reject with StoreUnavailable. */
export interface ChangeSource {
  /** The change `from` itself, if it is still there, and those after it: at most `limit`. */
  read(from: number, limit: number): Promise<readonly ChangeRow[]>;
  last(): Promise<number>;
}

const CHANGES_A_READ = 500;

/**
 * Follows the change table for this program's caches. It reads on a timer whatever else wakes it: a NOTIFY that a proxy or a
 * dead connection swallows would otherwise leave a blocked key alive. What this program changes itself it hears at once.
 */
export class ChangeFeed {
  readonly #source: ChangeSource;
  readonly #everyMs: number;
  readonly #watchers = new Set<Watcher>();
  /** Own changes, told already, that the reading has not come by yet. */
  readonly #told = new Set<number>();
  #position: number;
  #timer: NodeJS.Timeout | undefined;
  #reading: Promise<void> | undefined;
  #isWoken = false;
  #isClosed = false;

  /** `position`: the number of the last change before anything was read from the store. */
  constructor(source: ChangeSource, position: number, everyMs: number) {
    this.#source = source;
    this.#position = position;
    this.#everyMs = everyMs;
    this.#schedule();
  }

  watch(watcher: Watcher): () => void {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  /** A change that this program committed. */
  tellOwn(changeId: number, notices: readonly ChangeNotice[]): void {
    // A reading between the commit and this call has told it already.
    if (changeId <= this.#position) return;
    this.#told.add(changeId);
    this.#tell(notices);
  }

  /** Reads now: somebody says that there is something new. */
  wake(): void {
    this.#isWoken = true;
    if (this.#reading === undefined && !this.#isClosed) this.#start();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#watchers.clear();
    await this.#reading;
  }

  #schedule(): void {
    this.#timer = setTimeout(() => this.wake(), this.#everyMs);
    this.#timer.unref();
  }

  #start(): void {
    clearTimeout(this.#timer);
    this.#reading = this.#readAll().finally(() => {
      this.#reading = undefined;
      if (!this.#isClosed) this.#schedule();
    });
  }

  async #readAll(): Promise<void> {
    try {
      while (this.#isWoken && !this.#isClosed) {
        this.#isWoken = false;
        await this.#readOnce();
      }
    } catch {
      // The database is away. The next reading goes on from the same position; the store's callers see the failure themselves.
    }
  }

  async #readOnce(): Promise<void> {
    const rows = await this.#source.read(this.#position, CHANGES_A_READ);
    // The change that was read last is the anchor. Without it some after it may be gone too: pruned, or an older backup restored.
    const isBroken = this.#position > 0 && rows[0]?.id !== this.#position;
    if (isBroken || (this.#position === 0 && rows.length > 0 && rows[0]?.id !== 1)) {
      this.#position = await this.#source.last();
      this.#told.clear();
      this.#tell(['all']);
      return;
    }
    for (const { id, notices } of rows) {
      if (id <= this.#position) continue;
      this.#position = id;
      if (!this.#told.delete(id)) this.#tell(notices);
    }
    if (rows.length === CHANGES_A_READ) this.#isWoken = true;
  }

  #tell(notices: readonly ChangeNotice[]): void {
    for (const watcher of this.#watchers) watcher(notices);
  }
}
