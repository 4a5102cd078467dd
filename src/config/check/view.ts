import { compileGlob, isGlob } from '../../core/base/glob.ts';
import type { Position } from '../../core/base/problem.ts';
import type { DeploymentConfig, GatewayConfig, Place } from '../contract.ts';

/** One group of a config, as the checks look at it. */
export interface GroupView {
  readonly name: string;
  readonly deployments: readonly DeploymentConfig[];
  /** `enable_tag_filtering` as it holds for the group: the first deployment that sets it, else the router's. */
  readonly filtering: boolean;
  /** A deployment has tags, a tag_regex or is private: without any, plain tags do not filter the group. */
  readonly tagged: boolean;
  /** A deployment that is not private carries `default`. */
  readonly hasDefault: boolean;
}

/** The groups of a config, in order of first appearance. */
export function groupViews(config: GatewayConfig): readonly GroupView[] {
  const members = new Map<string, DeploymentConfig[]>();
  for (const deployment of config.deployments) {
    const group = members.get(deployment.group);
    if (group === undefined) members.set(deployment.group, [deployment]);
    else group.push(deployment);
  }
  return [...members].map(([name, deployments]) => {
    const own = deployments.find((one) => one.enableTagFiltering !== undefined)?.enableTagFiltering;
    return {
      name,
      deployments,
      filtering: own ?? config.routing.enableTagFiltering,
      tagged: deployments.some((one) => one.tags.length > 0 || one.tagRegex.length > 0 || one.private),
      hasDefault: deployments.some((one) => !one.private && one.tags.includes('default')),
    };
  });
}

/** True where a deployment carries a tag's name: literally, or by a wildcard, which never stands for `default`. */
export function carries(deployment: Pick<DeploymentConfig, 'tags'>, name: string): boolean {
  return deployment.tags.some(
    (tag) => tag === name || (name !== 'default' && isGlob(tag) && compileGlob(tag).matches(name)),
  );
}

/** Where to point: the place with this key, else the deployment's entry. */
export function placeOr(config: GatewayConfig, key: string, fallback: Position | undefined): Partial<Place> {
  const place = config.places.get(key);
  if (place !== undefined) return place;
  return fallback === undefined ? {} : { at: fallback };
}

/** `"a", "b" and 3 more`: at most five names, in quotes. */
export function listNames(names: readonly string[]): string {
  const shown = names.slice(0, 5).map((name) => JSON.stringify(name));
  const more = names.length - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ');
}

/** How a person finds a deployment: its id, and its model. */
export function describe(deployment: DeploymentConfig): string {
  return deployment.model === '' ? deployment.id : `${deployment.id} (${deployment.model})`;
}
