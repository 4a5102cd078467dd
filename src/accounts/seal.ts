import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';

/** A sealed text could not be opened: another salt key, another row, or a damaged text. Says nothing of its content. */
export class SealError extends Error {
  override readonly name = 'SealError';
}

/** Seals texts for one database. Everything is bound to the row it stands in: moved to another row it does not open. */
export interface Sealer {
  seal(text: string, rowId: string): string;
  /** Throws a SealError. */
  open(sealed: string, rowId: string): string;
}

const VERSION = 'v1';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** AES-256-GCM under a key derived from the salt key (HKDF-SHA-256). `randomBytes` must be a cryptographic source. */
export function makeSealer(saltKey: string, randomBytes: (size: number) => Uint8Array): Sealer {
  const key = Buffer.from(hkdfSync('sha256', saltKey, 'waymark credentials', VERSION, 32));
  return {
    seal: (text, rowId) => {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      cipher.setAAD(Buffer.from(rowId));
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return `${VERSION}:${Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url')}`;
    },
    open: (sealed, rowId) => openSealed(sealed, { key, rowId }),
  };
}

function openSealed(sealed: string, { key, rowId }: { key: Buffer; rowId: string }): string {
  const [version, encoded = ''] = sealed.split(':');
  const bytes = Buffer.from(encoded, 'base64url');
  if (version !== VERSION || bytes.length < NONCE_BYTES + TAG_BYTES) throw new SealError('The sealed text is damaged.');
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES));
    decipher.setAAD(Buffer.from(rowId));
    decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    const text = Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
    return text.toString('utf8');
  } catch (cause) {
    throw new SealError('The sealed text does not open with this salt key.', { cause });
  }
}
