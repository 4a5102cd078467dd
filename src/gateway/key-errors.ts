import type { KeyRefusal } from '../accounts/principal-of.ts';
import { GatewayError } from '../core/errors/gateway-error.ts';

const BLOCKED: Readonly<Record<Exclude<KeyRefusal, 'expired'>, string>> = {
  blocked: 'The key is blocked.',
  team_blocked: 'The team of the key is blocked.',
  project_blocked: 'The project of the key is blocked.',
  user_blocked: 'The user of the key is blocked.',
  orphaned: 'The team or project of the key does not exist any more.',
};

/** The answer to a key that exists and may not be used. Source of statuses and types: surface 4.6. */
export function keyRefused(refusal: KeyRefusal): GatewayError {
  if (refusal === 'expired') {
    return new GatewayError('key_expired', {
      message: 'Authentication Error, the key has expired. Ask an administrator for a new one.',
      param: 'key',
    });
  }
  return new GatewayError('key_blocked', {
    message: `Authentication Error, ${BLOCKED[refusal]} An administrator can unblock it.`,
    param: 'key',
  });
}

/** Nobody knows whether the key is good: never a 401, which clients take for the last word. */
export function storeAway(internal: string): GatewayError {
  return new GatewayError('store_unavailable', {
    message: 'The database of keys does not answer, and this key is not known here yet. Try again in 5 s.',
    retryAfterSeconds: 5,
    internal,
  });
}

export function storeBusy(): GatewayError {
  return new GatewayError('store_unavailable', {
    message: 'Too many keys are being looked up at this moment, and this key is not known here yet. Try again in 1 s.',
    retryAfterSeconds: 1,
  });
}
