import { stringify } from 'yaml';
import { gatewayConfigOf } from '../../support/case-gateway.ts';
import type { PlacedCase } from '../../support/case-gateway.ts';
import type { TagCase } from '../../support/tag-case.ts';
import type { CaseSet } from './sets.ts';

export function placeRow(row: TagCase): PlacedCase {
  return { given: row, label: `row-${row.n}` };
}

/** A LiteLLM config with one group a row, for any gateway that reads one. */
export function configOf(set: CaseSet, upstream: string): string {
  const config = gatewayConfigOf(set.rows.map(placeRow), () => upstream);
  const { router_settings: router } = config as { router_settings: object };
  const whole = {
    ...config,
    // A refusal must not be tried again, and no answer may set a deployment aside for the next row.
    router_settings: { ...router, num_retries: 0, disable_cooldowns: true },
    general_settings: { master_key: 'os.environ/LITELLM_MASTER_KEY' },
  };
  return stringify(whole, { version: '1.1', aliasDuplicateObjects: false });
}
