import { hash } from 'node:crypto';
import { MASTER, type Principal, type PrincipalSource } from '../../accounts/principal.ts';
import { GatewayError } from '../../core/errors/gateway-error.ts';
import type { HeaderView } from '../exchange.ts';
import type { Snapshot } from '../snapshot.ts';

/** Where a key is read, after the configured header; the first that is there counts. Source: surface 4.1. */
const KEY_HEADERS = [
  'x-litellm-api-key',
  'authorization',
  'api-key',
  'x-api-key',
  'x-goog-api-key',
  'ocp-apim-subscription-key',
] as const;

const BEARER_LENGTH = 'Bearer '.length;
const SPACE = 0x20;

/**
 * Step 2: who is calling. Fails closed, and needs the head alone. Where no master key is set everybody who gets this far is
 * the master (the loopback rule stands before this step).
 */
export async function identify(
  headers: HeaderView,
  snapshot: Snapshot,
  principals: PrincipalSource,
): Promise<Principal> {
  const key = findKey(headers, snapshot.config.server.keyHeaderName);
  const { masterKey } = snapshot;
  if (key === undefined) {
    if (masterKey === undefined) return MASTER;
    throw new GatewayError('missing_api_key', {
      message: 'Authentication Error, No api key passed in. Send `Authorization: Bearer <key>`.',
    });
  }
  if (masterKey?.matches(key) === true) return MASTER;
  if (!isVirtualKey(key)) {
    if (masterKey === undefined) return MASTER;
    throw new GatewayError('malformed_api_key', {
      message: 'Authentication Error, keys of this gateway start with sk-. What was sent does not.',
      param: 'key',
    });
  }
  const found = await principals.find(hash('sha256', Buffer.from(key, 'latin1'), 'hex'));
  if (found !== undefined) return found;
  if (masterKey === undefined) return MASTER;
  throw new GatewayError('invalid_api_key', {
    message: 'Authentication Error, Invalid proxy server token passed. The key is not known here.',
    param: 'key',
  });
}

/** Every stored key begins so; anything else is refused without a look-up. Source: surface 4.6. */
function isVirtualKey(key: string): boolean {
  return key.startsWith('sk-');
}

/** The key that a request brings, or undefined. An empty one is none. */
export function findKey(headers: HeaderView, configured: string | undefined): string | undefined {
  if (configured !== undefined) {
    const value = headers.get(configured);
    if (value !== undefined) return keyOf(value);
  }
  for (const name of KEY_HEADERS) {
    const value = headers.get(name);
    if (value !== undefined) return keyOf(value);
  }
  return undefined;
}

function keyOf(value: string): string | undefined {
  // The one way that nearly every caller takes.
  if (value.startsWith('Bearer ') && value.charCodeAt(BEARER_LENGTH) > SPACE)
    return value.slice(BEARER_LENGTH).trimEnd();
  const text = value.trim();
  const scheme = /^(bearer|basic)(?:[ \t]+|$)/i.exec(text);
  const rest = scheme === null ? text : text.slice(scheme[0].length);
  const key = scheme?.[1]?.toLowerCase() === 'basic' ? passwordOf(rest) : rest;
  return key === '' ? undefined : key;
}

function passwordOf(credentials: string): string {
  const text = Buffer.from(credentials, 'base64').toString('utf8');
  return text.slice(text.indexOf(':') + 1);
}
