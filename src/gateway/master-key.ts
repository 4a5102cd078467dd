import { timingSafeEqual } from 'node:crypto';

/** Shorter master keys can be guessed. Characters. */
const SHORTEST = 16;

/** Keys that stand in tutorials: known to everybody, whatever their length. */
const WELL_KNOWN: ReadonlySet<string> = new Set([
  'sk-1234',
  'sk-12345',
  'sk-123456',
  'sk-12345678',
  'sk-1234567890',
  'sk-1234567890abcdef',
  'sk-litellm-master-key',
  'sk-master-key',
  'your-master-key',
  'sk-your-master-key',
  'change-me',
  'changeme',
]);

/** True where a master key protects nothing: absent, under 16 characters, or well known. */
export function isWeakMasterKey(key: string | undefined): boolean {
  return key === undefined || key.length < SHORTEST || WELL_KNOWN.has(key.toLowerCase());
}

/** Room for the keys that are compared; a longer master key makes its own. Bytes. */
const ROOM = 256;

/** Compares keys with the master key in a time that depends on neither: no early end, whatever their lengths. */
export class MasterKeyCheck {
  readonly #room: number;
  readonly #master: Buffer;
  readonly #sent: Buffer;

  constructor(masterKey: string) {
    const bytes = Buffer.from(masterKey, 'utf8').toString('latin1');
    this.#room = Math.max(ROOM, bytes.length);
    this.#master = Buffer.alloc(this.#room + 4);
    this.#sent = Buffer.alloc(this.#room + 4);
    fill(this.#master, bytes);
  }

  /** `key`: as it stood in the header, its bytes read as Latin-1. */
  matches(key: string): boolean {
    if (key.length > this.#room) return false;
    fill(this.#sent, key);
    return timingSafeEqual(this.#sent, this.#master);
  }
}

/** Length and bytes, the rest zero. */
function fill(buffer: Buffer, key: string): void {
  buffer.fill(0);
  buffer.writeUInt32LE(key.length, 0);
  buffer.write(key, 4, 'latin1');
}
