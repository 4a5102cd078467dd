import { compileGlob, isGlob } from '../../core/base/glob.ts';
import { nearest } from '../../core/base/nearest.ts';
import type { Problem } from '../../core/base/problem.ts';
import type { GatewayConfig } from '../contract.ts';
import { problemOf } from '../findings.ts';
import { placeKey } from '../places.ts';
import { type GroupView, placeOr } from './view.ts';

/** Aliases and ids that stand for nothing, or hide something. A name is an alias first, then a group, an id, a wildcard group. */
export function checkNames(config: GatewayConfig, groups: readonly GroupView[]): readonly Problem[] {
  const names = new Set(groups.map((group) => group.name));
  return [...checkAliases(config, names), ...checkIds(config, names), ...checkWildcards(config)];
}

function checkAliases(config: GatewayConfig, groups: ReadonlySet<string>): readonly Problem[] {
  const ids = new Set(config.deployments.map((deployment) => deployment.id));
  const wildcards = [...groups].filter(isGlob).map(compileGlob);
  return config.aliases.flatMap(({ name, group }) => {
    const place = placeOr(config, placeKey('alias', name), undefined);
    const found: Problem[] = [];
    if (!groups.has(group) && !ids.has(group) && !wildcards.some((glob) => glob.matches(group))) {
      const [near] = nearest(group, groups, 1);
      const hint = near === undefined ? 'Write the `model_name` of a group.' : `Did you mean "${near}"?`;
      found.push(
        problemOf('alias-to-missing-group', {
          message: `The alias "${name}" points to "${group}", which is no group.`,
          hint,
          ...place,
        }),
      );
    }
    if (groups.has(name) && name !== group) {
      const message = `The alias "${name}" has the name of a group; calls for it go to "${group}", and the group of that name is not reached.`;
      found.push(problemOf('alias-shadows-group', { message, hint: 'Rename one of the two.', ...place }));
    }
    return found;
  });
}

function checkIds(config: GatewayConfig, groups: ReadonlySet<string>): readonly Problem[] {
  return config.deployments
    .filter((deployment) => groups.has(deployment.id) && !isOnlyOneOf(config, deployment.id))
    .map((deployment) => {
      const message = `The id "${deployment.id}" is also the name of a group: a call by that name gets the group.`;
      return problemOf('id-is-group-name', { message, hint: 'Choose another id.', at: deployment.at });
    });
}

/** A `*` in the upstream model stands for what the group's `*` stood for: without one it would be sent as it is. */
function checkWildcards(config: GatewayConfig): readonly Problem[] {
  return config.deployments
    .filter((deployment) => deployment.model.includes('*') && !isGlob(deployment.group))
    .map(({ group, model, at }) => {
      const message = `The model "${model}" holds "*", and its group "${group}" does not: there is nothing that could stand in its place.`;
      const hint = 'Write the whole model name, or a `*` in `model_name` too.';
      return problemOf('wildcard-without-group', { message, hint, at });
    });
}

/** A group of one deployment whose id is the group's name: both names stand for the same. */
function isOnlyOneOf(config: GatewayConfig, id: string): boolean {
  const members = config.deployments.filter((deployment) => deployment.group === id);
  return members.length === 1 && members[0]?.id === id;
}
