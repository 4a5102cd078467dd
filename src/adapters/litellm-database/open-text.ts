import { createDecipheriv, createHash } from 'node:crypto';
import nacl from 'tweetnacl';
import type { OpenLitellmText } from '../../accounts/import/source.ts';

const NEW_FORM = 'v2:gcm:';
const GCM_NONCE_BYTES = 12;
const GCM_TAG_BYTES = 16;

/**
 * Opens what LiteLLM sealed under its salt key (its master key where it has no salt key). The key is the SHA-256 of the salt
 * key's text. By default a text is base64url of nonce and NaCl secretbox; with `encryption_algorithm: aes-256-gcm` it is
 * `v2:gcm:` and base64url of nonce, text and tag. Held to texts that LiteLLM 1.110.2 itself sealed.
 */
export function litellmOpener(saltKey: string): OpenLitellmText {
  const key = createHash('sha256').update(saltKey, 'utf8').digest();
  return (text) => (text.startsWith(NEW_FORM) ? openGcm(text, key) : openSecretbox(text, key));
}

function openSecretbox(text: string, key: Uint8Array): string | undefined {
  // Reads both alphabets: early versions of LiteLLM wrote the standard one.
  const bytes = new Uint8Array(Buffer.from(text, 'base64'));
  const { nonceLength, overheadLength } = nacl.secretbox;
  if (bytes.length < nonceLength + overheadLength) return undefined;
  const opened = nacl.secretbox.open(bytes.subarray(nonceLength), bytes.subarray(0, nonceLength), new Uint8Array(key));
  return opened === null ? undefined : Buffer.from(opened).toString('utf8');
}

function openGcm(text: string, key: Uint8Array): string | undefined {
  const bytes = Buffer.from(text.slice(NEW_FORM.length), 'base64url');
  if (bytes.length < GCM_NONCE_BYTES + GCM_TAG_BYTES) return undefined;
  const end = bytes.length - GCM_TAG_BYTES;
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, GCM_NONCE_BYTES));
    decipher.setAuthTag(bytes.subarray(end));
    return Buffer.concat([decipher.update(bytes.subarray(GCM_NONCE_BYTES, end)), decipher.final()]).toString('utf8');
  } catch {
    // Another key, or a damaged text.
    return undefined;
  }
}
