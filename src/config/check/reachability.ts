import { compileGlob } from '../../core/base/glob.ts';
import type { Problem } from '../../core/base/problem.ts';
import type { DeploymentConfig, GatewayConfig } from '../contract.ts';
import { problemOf } from '../findings.ts';
import { placeKey } from '../places.ts';
import { describe, type GroupView, placeOr } from './view.ts';

const MAX_TAG_BYTES = 256;

/**
 * Deployments that no call for their group reaches, whoever calls: tag routing rules 3, 5 and 6. A call by deployment id
 * is a choice of its own and is not looked at. Deployments of a group without filtering: see `checkFiltering`.
 */
export function checkReachability(config: GatewayConfig, groups: readonly GroupView[]): readonly Problem[] {
  return groups.flatMap((group) => {
    if (!group.filtering) return [];
    return group.deployments.flatMap((deployment) => {
      const reason = unreachableBecause(deployment, group, config);
      if (reason === undefined || lacksItsTags(deployment, config)) return [];
      const message = `No call for group "${group.name}" reaches ${describe(deployment)}: ${reason}.`;
      const hint = 'Give it a tag that calls can send, or remove it.';
      const place = placeOr(config, placeKey('deployment.tags', deployment.id), deployment.at);
      return [problemOf('unreachable-deployment', { message, hint, ...place })];
    });
  });
}

/** Tags are written and could not be read: that is reported already, and what it would carry is not known. */
function lacksItsTags(deployment: DeploymentConfig, config: GatewayConfig): boolean {
  const { id, tags, unbuildable } = deployment;
  return unbuildable !== undefined && tags.length === 0 && config.places.has(placeKey('deployment.tags', id));
}

function unreachableBecause(deployment: DeploymentConfig, group: GroupView, config: GatewayConfig): string | undefined {
  const { tags, tagRegex } = deployment;
  const choosable = tags.some((tag) => isChoosable(tag, config));
  if (deployment.private) {
    if (choosable) return undefined;
    return tags.length === 0
      ? 'it is private and has no tag that could open it'
      : 'it is private and none of its tags can be sent to choose it';
  }
  if (choosable || tagRegex.length > 0 || !group.hasDefault || tags.includes('default')) return undefined;
  return tags.length === 0
    ? 'it has no tags, and calls without tags go to the deployments tagged "default"'
    : 'none of its tags can be sent to choose it, and calls without tags go to the deployments tagged "default"';
}

/** True where some call can choose a deployment by this tag. A wildcard stands for tags that begin otherwise. */
function isChoosable(tag: string, config: GatewayConfig): boolean {
  if (tag.includes('*')) return true;
  return isSendable(tag) && !isAccountingOnly(tag, config);
}

/** A tag as a caller may write it: no marker first (it would be read as one), no control characters, not too long. */
export function isSendable(tag: string): boolean {
  if (/^[!&]/.test(tag) || new TextEncoder().encode(tag).length > MAX_TAG_BYTES) return false;
  for (let index = 0; index < tag.length; index += 1) {
    const code = tag.charCodeAt(index);
    if (code < 32 || code === 127) return false;
  }
  return true;
}

/** Declared `routing: false`: whoever sends it, with any marker or prefix, it chooses nothing. */
export function isAccountingOnly(tag: string, config: GatewayConfig): boolean {
  return config.routing.declared.some((one) => one.routing === false && compileGlob(one.pattern).matches(tag));
}
