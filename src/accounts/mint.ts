import { tokenOf } from './principal-of.ts';

/** A key, just made. `key` is shown once and kept nowhere. */
export interface MintedKey {
  readonly key: string;
  readonly token: string;
  readonly keyName: string;
}

/** Bytes of randomness in a key. */
export const KEY_BYTES = 32;
/** Fewest characters of a key that somebody brings along. */
export const SHORTEST_KEY = 16;

/** A new key: `sk-` and 32 random bytes in base64url. `randomBytes` must be a cryptographic source. */
export function mintKey(randomBytes: (size: number) => Uint8Array): MintedKey {
  return describeKey(`sk-${Buffer.from(randomBytes(KEY_BYTES)).toString('base64url')}`);
}

/** What is stored and shown of a key. */
export function describeKey(key: string): MintedKey {
  return { key, token: tokenOf(key), keyName: `sk-...${key.slice(-4)}` };
}

/** What is wrong with a key that somebody brings along, as a sentence; undefined: nothing. */
export function customKeyProblem(key: string): string | undefined {
  if (!key.startsWith('sk-')) return 'A key starts with sk-.';
  if (key.length < SHORTEST_KEY) return `A key has at least ${SHORTEST_KEY} characters: shorter ones can be guessed.`;
  return /^[\x21-\x7e]+$/.test(key) ? undefined : 'A key has only visible ASCII characters: it travels in a header.';
}
