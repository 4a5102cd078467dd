import type { Problem } from '../../core/base/problem.ts';
import type { GatewayConfig } from '../contract.ts';
import { problemOf } from '../findings.ts';
import { placeKey } from '../places.ts';
import { describe, type GroupView, placeOr } from './view.ts';

/** Tags and privacy where filtering is off, a group without `default`, and a setting that differs within a group. */
export function checkFiltering(config: GatewayConfig, groups: readonly GroupView[]): readonly Problem[] {
  return groups.flatMap((group) => [
    ...(group.filtering ? checkDefault(config, group) : checkUnfiltered(config, group)),
    ...checkOverrides(config, group),
  ]);
}

function checkUnfiltered(config: GatewayConfig, group: GroupView): readonly Problem[] {
  const found: Problem[] = [];
  const tagged = group.deployments.find((one) => one.tags.length > 0 || one.tagRegex.length > 0);
  if (tagged !== undefined) {
    const message = `Deployments of group "${group.name}" have tags, but tag filtering is off: tags choose nothing there.`;
    const place = placeOr(config, placeKey('deployment.tags', tagged.id), tagged.at);
    found.push(problemOf('tags-without-filtering', { message, hint: turnOn(config, 'the tags'), ...place }));
  }
  for (const one of group.deployments.filter((deployment) => deployment.private)) {
    const message = `${describe(one)} is private, and tag filtering is off in group "${group.name}": it is served to nobody.`;
    const place = placeOr(config, placeKey('deployment.private', one.id), one.at);
    found.push(problemOf('private-without-filtering', { message, hint: turnOn(config, '`private`'), ...place }));
  }
  return found;
}

/** A group whose filtering is off although the router's is on sets that itself. */
function turnOn(config: GatewayConfig, other: string): string {
  const whole = config.routing.enableTagFiltering;
  const change = whole
    ? 'Remove `model_info.enable_tag_filtering: false`'
    : 'Set `router_settings.enable_tag_filtering: true`';
  return `${change}, or remove ${other}.`;
}

const REACHED: ReadonlyMap<number, string> = new Map([
  [1, 'reach it'],
  [2, 'reach both of them'],
]);

function checkDefault(config: GatewayConfig, group: GroupView): readonly Problem[] {
  const open = group.deployments.filter((one) => !one.private);
  const tagged = open.find((one) => one.tags.length > 0 || one.tagRegex.length > 0);
  if (tagged === undefined) return [];
  const place = placeOr(config, placeKey('deployment.tags', tagged.id), tagged.at);
  if (!group.hasDefault) {
    const who = REACHED.get(open.length) ?? `reach all ${open.length} of them`;
    const message = `Group "${group.name}" has tagged deployments and none tagged "default": calls without tags ${who}, and calls with unknown tags are refused.`;
    const hint = 'Tag the deployment that is meant for such calls `default`.';
    return [problemOf('no-default', { message, hint, ...place })];
  }
  const wildcard = open.find((one) => one.tags.some((tag) => /^\*+$/.test(tag)));
  if (wildcard === undefined) return [];
  const message = `The tag "*" of ${describe(wildcard)} takes every tag, so that unknown tags never fall to the "default" of group "${group.name}".`;
  const at = placeOr(config, placeKey('deployment.tags', wildcard.id), wildcard.at);
  return [problemOf('default-shadowed', { message, hint: 'Narrow the wildcard, or remove `default`.', ...at })];
}

function checkOverrides(config: GatewayConfig, group: GroupView): readonly Problem[] {
  const setting = group.deployments.filter((one) => one.enableTagFiltering !== undefined);
  const first = setting[0]?.enableTagFiltering;
  const other = setting.find((one) => one.enableTagFiltering !== first);
  if (other === undefined) return [];
  const message = `enable_tag_filtering is set differently within group "${group.name}": ${first} decides, because it comes first.`;
  const place = placeOr(config, placeKey('deployment.enable_tag_filtering', other.id), other.at);
  return [
    problemOf('filtering-set-differently', { message, hint: 'Set it on one deployment of the group.', ...place }),
  ];
}
