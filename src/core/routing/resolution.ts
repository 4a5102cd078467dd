import type { Facts } from './facts.ts';
import type { Resolution, RoutingTable } from './table.ts';

/** Stands for a deployment that is not in the group: no set of deployments has it. */
const NOWHERE = -1;

/**
 * What a call's model stands for. A pinned call is one by deployment id, also where its model names the group: of another group
 * it reaches nothing.
 */
export function resolutionOf({ model, pinned }: Facts, table: RoutingTable): Resolution | undefined {
  if (pinned === undefined) return table.resolve(model);
  const own = table.resolveId(pinned);
  if (own === undefined || model === pinned) return own;
  const asked = table.resolve(model);
  if (asked === undefined) return undefined;
  return { ...asked, deployment: asked.group === own.group ? (own.deployment ?? NOWHERE) : NOWHERE };
}
