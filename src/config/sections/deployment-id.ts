import { createHash } from 'node:crypto';
import type { DeploymentConfig } from '../contract.ts';
import type { Findings } from '../findings.ts';

/** What makes a deployment itself. Not its tags, weights and limits: changing these must not change its id. */
export interface DeploymentIdentity {
  readonly group: string;
  readonly model: string;
  readonly customProvider: string | undefined;
  readonly apiBase: string | undefined;
  readonly apiVersion: string | undefined;
  readonly organization: string | undefined;
  /** The secret, or the name of the variable that should have held it. Only a hash of all parts together leaves here. */
  readonly credential: string | undefined;
}

/** `gpt-4o-1a2b3c4d5e6f`: the upstream model, for people, and 48 bits of a hash of the identity. */
export function deriveId(identity: DeploymentIdentity): string {
  const parts = [
    identity.group,
    identity.model,
    identity.customProvider,
    identity.apiBase,
    identity.apiVersion,
    identity.organization,
    identity.credential,
  ];
  const hash = createHash('sha256')
    .update(JSON.stringify(parts.map((part) => part ?? null)))
    .digest('hex');
  const model = identity.model.slice(identity.model.lastIndexOf('/') + 1);
  const name = model
    .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 40);
  return `${name === '' ? 'deployment' : name}-${hash.slice(0, 12)}`;
}

/** The same deployments with ids that are unique: given ones keep theirs, in order; then derived ones; the later of two gets a number. */
export function uniqueIds(deployments: readonly DeploymentConfig[], findings: Findings): readonly DeploymentConfig[] {
  const taken = new TakenIds();
  const ids = new Map<DeploymentConfig, string>();
  for (const given of [true, false]) {
    for (const deployment of deployments) {
      if (deployment.idGiven !== given) continue;
      const id = taken.take(deployment.id);
      if (id !== deployment.id) reportTaken(deployment, id, findings);
      ids.set(deployment, id);
    }
  }
  return deployments.map((deployment) => ({ ...deployment, id: ids.get(deployment) ?? deployment.id }));
}

/** Remembers where counting stopped, so that thousands of equal deployments cost one look-up each. */
class TakenIds {
  readonly #taken = new Set<string>();
  readonly #next = new Map<string, number>();

  take(id: string): string {
    let free = id;
    let number = this.#next.get(id) ?? 2;
    while (this.#taken.has(free)) {
      free = `${id}-${number}`;
      number += 1;
    }
    this.#next.set(id, number);
    this.#taken.add(free);
    return free;
  }
}

function reportTaken(deployment: DeploymentConfig, id: string, findings: Findings): void {
  if (deployment.idGiven) {
    const message = `The id "${deployment.id}" is given twice; this deployment of group "${deployment.group}" gets "${id}".`;
    findings.report('duplicate-id', { message, at: deployment.at, hint: 'Give each deployment an id of its own.' });
    return;
  }
  const message = `This deployment of group "${deployment.group}" is the same as an earlier one but for tags, weights or limits; it gets the id "${id}".`;
  const hint = 'Give both a `model_info.id`, so that the ids do not depend on their order.';
  findings.report('duplicate-deployment', { message, at: deployment.at, hint });
}
