import type { GatewayConfig } from '../config/contract.ts';
import type { Problem } from '../core/base/problem.ts';
import { isLoopbackHost } from '../gateway/loopback.ts';
import { isWeakMasterKey } from '../gateway/master-key.ts';

export interface Listening {
  readonly host: string;
  /** Everybody is answered, by choice. */
  readonly openToAll: boolean;
}

/**
 * Why a config may not serve on the address that is listened on: a start would not listen there without a strong master key, and
 * the rule that stands in for one (only programs of this machine) is only as good as a loopback address.
 */
export function exposedKey(config: GatewayConfig, { host, openToAll }: Listening): Problem | undefined {
  const { masterKey, permitWeakMasterKey } = config.server;
  if (!isWeakMasterKey(masterKey) || openToAll || permitWeakMasterKey || isLoopbackAddress(host)) return undefined;
  return {
    code: 'weak-master-key',
    severity: 'error',
    message: `The master key is missing, under 16 characters or well known, and the gateway listens on ${host}.`,
    path: 'general_settings.master_key',
    hint: 'Set a master key of at least 16 characters, or restart on 127.0.0.1.',
  };
}

function isLoopbackAddress(host: string): boolean {
  return host === '::1' || (host !== '0.0.0.0' && isLoopbackHost(host));
}
