import { randomUUID } from 'node:crypto';
import { lstat, mkdir, open, readdir, unlink, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Read at once. Bytes. */
const READ_BYTES = 128 * 1024;
/** `<process>-<uuid>`: only such files are swept. */
const OURS = /^(\d+)-[0-9a-f-]{36}$/;

/** The folder for this user below the temporary folder. */
export function defaultSpoolFolder(): string {
  return join(tmpdir(), `waymark-spool-${process.getuid?.() ?? 'user'}`);
}

/**
 * Temporary files in a folder of our own (0700, the files 0600). A file loses its name as soon as it is open, so that nothing is
 * left whatever ends the process; where the system does not allow that, it goes when it is closed, or is swept at the next start.
 */
export class SpoolFolder {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Rejects with the system's error, or with an Error where the folder belongs to somebody else. */
  async open(): Promise<SpoolFile> {
    await this.#prepare();
    const path = join(this.#folder, `${process.pid}-${randomUUID()}`);
    const handle = await open(path, 'wx+', 0o600);
    const named = await unlink(path).then(
      () => false,
      () => true,
    );
    return new SpoolFile(handle, named ? path : undefined);
  }

  /** Removes what processes that are gone have left. Never rejects. */
  async sweep(): Promise<void> {
    const names = await readdir(this.#folder).catch(() => []);
    const left = names.filter((name) => {
      const [, owner] = OURS.exec(name) ?? [];
      return owner !== undefined && !isAlive(Number(owner));
    });
    await Promise.allSettled(left.map((name) => unlink(join(this.#folder, name))));
  }

  /** Anybody may make folders below the temporary one, also under the name of ours. */
  async #prepare(): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const found = await lstat(this.#folder);
    // Windows has neither, and a temporary folder for each user.
    const uid = process.getuid?.();
    if (!found.isDirectory() || (uid !== undefined && (found.uid !== uid || (found.mode & 0o077) !== 0)))
      throw new Error(`${this.#folder} is not a folder that only this user can use`);
  }
}

/** One temporary file: written first, then read, then closed. */
export class SpoolFile {
  readonly #handle: FileHandle;
  /** Undefined: it has no name any more. */
  readonly #path: string | undefined;
  #size = 0;
  #closed = false;

  constructor(handle: FileHandle, path: string | undefined) {
    this.#handle = handle;
    this.#path = path;
  }

  async append(bytes: Uint8Array): Promise<void> {
    let written = 0;
    while (written < bytes.byteLength) {
      const left = bytes.byteLength - written;
      const { bytesWritten } = await this.#handle.write(bytes, written, left, this.#size);
      written += bytesWritten;
      this.#size += bytesWritten;
    }
  }

  /** All of it from the beginning, in pieces that the receiver may keep. */
  async *chunks(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < this.#size;) {
      const room = Buffer.allocUnsafeSlow(Math.min(READ_BYTES, this.#size - at));
      const { bytesRead } = await this.#handle.read(room, 0, room.byteLength, at);
      if (bytesRead === 0) throw new Error('the spooled file is shorter than it was');
      at += bytesRead;
      yield room.subarray(0, bytesRead);
    }
  }

  /** Removes it. Safe to call more than once; never rejects. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#handle.close().catch(() => undefined);
    if (this.#path !== undefined) await unlink(this.#path).catch(() => undefined);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of somebody else's lives too.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
