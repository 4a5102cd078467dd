import { refusesStart } from '../../config/check/catalogue.ts';
import { checkConfig } from '../../config/check/check-config.ts';
import type { GatewayConfig } from '../../config/contract.ts';
import { inReadingOrder } from '../../config/findings.ts';
import type { Problem } from '../../core/base/problem.ts';
import { checkTargets } from '../../providers/check-targets.ts';

/** What was found in a config on the way to serving it. */
export interface FindingSources {
  readonly config: GatewayConfig;
  /** By reading it. */
  readonly read: readonly Problem[];
  /** By making it ready to serve. */
  readonly prepared: readonly Problem[];
  /** Where providers' own variables are looked up. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Everything that reading, checking and preparing a config found, each thing once, in the order of the file. */
export function allFindings({ config, read, prepared, env }: FindingSources): readonly Problem[] {
  const checked = checkConfig(config);
  // The routing table refuses a bad pattern without knowing where it stands; the check has said so with its place.
  const placed = checked.some(({ code }) => refusesStart(code));
  const targets = checkTargets(config.deployments, env);
  // Preparing names the deployments that cannot be sent to by their ids; the check has named them as the file does.
  const named = new Set(targets.map(findingKey));
  const more = prepared.filter((problem) => (problem.at !== undefined || !placed) && !named.has(findingKey(problem)));
  return inReadingOrder([...read, ...checked, ...targets, ...more], config.files);
}

function findingKey({ code, at }: Problem): string {
  return JSON.stringify([code, at?.file, at?.line, at?.column]);
}
