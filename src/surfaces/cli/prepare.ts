import type { GatewayConfig } from '../../config/contract.ts';
import { Cooling } from '../../gateway/health.ts';
import { prepareSnapshot } from '../../gateway/snapshot.ts';
import { targetOf } from '../../providers/registry.ts';
import { environmentOf } from './config-file.ts';
import type { CliIo } from './io.ts';

/** The gateway's own preparation of a config, so that what is explained or checked cannot differ from what a start does. */
export function prepareAsServed(config: GatewayConfig, io: CliIo): ReturnType<typeof prepareSnapshot> {
  const env = environmentOf(config, io);
  return prepareSnapshot({
    config,
    targetOf: (deployment) => targetOf(deployment, env),
    cooling: new Cooling(),
    // No call is made here: nothing is sealed.
    responseSecret: '',
    insecure: false,
  });
}
