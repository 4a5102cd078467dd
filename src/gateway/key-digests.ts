import { hash } from 'node:crypto';
import { BoundedMap } from '../core/base/bounded-map.ts';

/** Keys of which the digest is remembered. */
const KEYS = 4096;
/** No key is longer; what is must not fill the memory. Characters. */
const LONGEST = 256;

/**
 * SHA-256 of presented keys. Hashing is a quarter of what the steps cost a call, so digests of keys that were found good are
 * remembered, by the whole key: never by a part of it, which two keys may share. Bounded, and in memory only.
 */
export class KeyDigests {
  readonly #known = new BoundedMap<string, string>(KEYS);

  /** Lower-case hex, of the bytes as they were sent. `key`: its bytes read as Latin-1. */
  of(key: string): string {
    return this.#known.get(key) ?? hash('sha256', Buffer.from(key, 'latin1'), 'hex');
  }

  /** Only of a key that is good: invented ones must drive nothing out. */
  remember(key: string, digest: string): void {
    if (key.length <= LONGEST && this.#known.get(key) === undefined) this.#known.set(key, digest);
  }
}
