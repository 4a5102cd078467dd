import {
  closeSync,
  fstatSync,
  openSync,
  readFileSync,
  statSync,
  watch,
  type BigIntStats,
  type FSWatcher,
} from 'node:fs';
import { stat } from 'node:fs/promises';

import { foldersBehind } from './folders-behind.ts';

export interface FileWatchOptions {
  /** Called once files differ from what was read of them, and have stopped changing. Must not throw. */
  readonly onChange: () => void;
  /** How long files must be still before they are read: a file that is written in place is half there meanwhile. Milliseconds. */
  readonly settleMs?: number;
  /** How often files are looked at where no folder tells of changes (network drives). Milliseconds. */
  readonly pollMs?: number;
}

const SETTLE_MS = 50;
const POLL_MS = 5_000;
/** Files that never stop changing are read all the same after so many looks. */
const LOOKS_AT_MOST = 10;
/** Stands for a file of which nobody knows what was read. */
const UNKNOWN = 'unknown';

interface WatchedFolder {
  readonly watcher: FSWatcher;
  readonly inode: bigint;
}

/**
 * Follows files by the folders that they, and the links on the way to them, lie in: writing in place, renaming onto a file and
 * swapping a link (as Kubernetes does for a ConfigMap) all show there. A change is what differs in the file's state (device,
 * inode, size, times) from when it was read, so that nothing is missed between reading and watching.
 */
export class FileWatch {
  readonly #onChange: () => void;
  readonly #settleMs: number;
  readonly #poll: NodeJS.Timeout;
  readonly #folders = new Map<string, WatchedFolder>();
  #read = new Map<string, string>();
  #settling: NodeJS.Timeout | undefined;
  #lastSeen: string | undefined;
  #looks = 0;
  #looking = false;
  #closed = false;

  constructor({ onChange, settleMs = SETTLE_MS, pollMs = POLL_MS }: FileWatchOptions) {
    this.#onChange = onChange;
    this.#settleMs = settleMs;
    this.#poll = setInterval(() => {
      this.#watchFolders();
      void this.#look();
    }, pollMs).unref();
  }

  /** Folders that are watched now. */
  get folders(): readonly string[] {
    return [...this.#folders.keys()];
  }

  /** Follows files that were read by other means after `since` (milliseconds of the epoch); what changed later counts as a change. */
  adopt(files: readonly string[], since: number): void {
    this.#read = new Map(files.map((file) => [file, stateSince(file, since)]));
    this.#watchFolders();
    this.#lookSoon();
  }

  /** Follows from now on the files that `work` reads with the function it is given, those that are not there too. */
  reading<T>(work: (readText: (path: string) => string) => T): T {
    const read = new Map<string, string>();
    const result = work((path) => readNoting(path, read));
    this.#read = read;
    this.#watchFolders();
    return result;
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#poll);
    clearTimeout(this.#settling);
    for (const { watcher } of this.#folders.values()) watcher.close();
    this.#folders.clear();
  }

  #lookSoon(): void {
    if (this.#closed) return;
    this.#settling ??= setTimeout(() => {
      this.#settling = undefined;
      void this.#look();
    }, this.#settleMs).unref();
  }

  /** A change counts once two looks have seen the same. */
  async #look(): Promise<void> {
    if (this.#looking) {
      this.#lookSoon();
      return;
    }
    this.#looking = true;
    const before = this.#read;
    const states = await Promise.all(Array.from(before.keys(), stateOf));
    this.#looking = false;
    // Read again meanwhile: these states are compared with the wrong ones.
    if (this.#closed || before !== this.#read) return;
    const seen = states.join('\n');
    if (seen === [...before.values()].join('\n')) {
      this.#settled();
    } else if (seen === this.#lastSeen || this.#looks >= LOOKS_AT_MOST) {
      this.#settled();
      this.#onChange();
    } else {
      this.#lastSeen = seen;
      this.#looks += 1;
      this.#lookSoon();
    }
  }

  #settled(): void {
    this.#lastSeen = undefined;
    this.#looks = 0;
  }

  /** A folder that was replaced by another of its name is watched anew. New watchers start before old ones end. */
  #watchFolders(): void {
    if (this.#closed) return;
    const wanted = new Set([...this.#read.keys()].flatMap(foldersBehind));
    for (const folder of wanted) this.#watchFolder(folder);
    for (const [folder, { watcher }] of this.#folders) {
      if (wanted.has(folder)) continue;
      watcher.close();
      this.#folders.delete(folder);
    }
  }

  #watchFolder(folder: string): void {
    const known = this.#folders.get(folder);
    try {
      const inode = statSync(folder, { bigint: true }).ino;
      if (known?.inode === inode) return;
      const watcher = watch(folder, { persistent: false }, () => this.#lookSoon());
      watcher.on('error', () => this.#forget(folder, watcher));
      this.#folders.set(folder, { watcher, inode });
    } catch {
      // Gone, or no watchers left to have: the slow look finds what changes.
      this.#folders.delete(folder);
    }
    known?.watcher.close();
  }

  #forget(folder: string, watcher: FSWatcher): void {
    watcher.close();
    if (this.#folders.get(folder)?.watcher === watcher) this.#folders.delete(folder);
  }
}

function readNoting(path: string, read: Map<string, string>): string {
  try {
    const file = openSync(path, 'r');
    try {
      // Before the reading: what is written meanwhile must count as a change.
      read.set(path, asText(fstatSync(file, { bigint: true })));
      return readFileSync(file, 'utf8');
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (!read.has(path)) read.set(path, failureOf(error));
    throw error;
  }
}

async function stateOf(path: string): Promise<string> {
  try {
    return asText(await stat(path, { bigint: true }));
  } catch (error) {
    return failureOf(error);
  }
}

function stateSince(path: string, since: number): string {
  try {
    const stats = statSync(path, { bigint: true });
    return Number(stats.ctimeMs) < since ? asText(stats) : UNKNOWN;
  } catch {
    return UNKNOWN;
  }
}

function asText({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
}

function failureOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? UNKNOWN;
}
