import type { Problem } from '../../core/base/problem.ts';
import type { GatewayConfig } from '../contract.ts';
import { problemOf } from '../findings.ts';
import { placeKey } from '../places.ts';
import { type GroupView, placeOr } from './view.ts';

/** Shares that some deployments of a group set and others do not; and LiteLLM's rule of tags, which does not bind. */
export function checkChoice(config: GatewayConfig, groups: readonly GroupView[]): readonly Problem[] {
  return [...groups.flatMap((group) => checkWeights(config, group)), ...checkAuthority(config)];
}

function checkWeights(config: GatewayConfig, group: GroupView): readonly Problem[] {
  const key = (['weight', 'rpm', 'tpm'] as const).find((name) =>
    group.deployments.some((one) => one[name] !== undefined),
  );
  if (key === undefined) return [];
  const without = group.deployments.filter((one) => one[key] === undefined);
  const first = group.deployments.find((one) => one[key] !== undefined);
  if (without.length === 0 || first === undefined) return [];
  const counts = key === 'weight' ? '1' : `the smallest ${key} of the group`;
  const message = `${without.length} of ${group.deployments.length} deployments of group "${group.name}" set no ${key}; they count ${counts}.`;
  const place = placeOr(config, placeKey('deployment.weight', first.id), first.at);
  return [problemOf('mixed-weights', { message, hint: `Set ${key} on all of them, or on none.`, ...place })];
}

function checkAuthority(config: GatewayConfig): readonly Problem[] {
  if (config.routing.authority !== 'union') return [];
  const message =
    'tag_authority is "union": tags of keys and teams do not bind, and a caller can leave its team\'s deployments by sending another tag.';
  const place = placeOr(config, placeKey('setting', 'tag_authority'), undefined);
  return [problemOf('union-authority', { message, hint: 'Write `tag_authority: fence`, or remove it.', ...place })];
}
