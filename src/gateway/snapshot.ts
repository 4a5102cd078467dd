import type { AccessGroups } from '../accounts/model-access.ts';
import type { DeploymentConfig, GatewayConfig } from '../config/contract.ts';
import { toRoutingConfig } from '../config/to-routing.ts';
import type { Problem } from '../core/base/problem.ts';
import { compileTable, type RoutingTable } from '../core/routing/table.ts';
import type { FieldSet } from '../core/wire/contract.ts';
import { compileFieldSet } from '../core/wire/field-set.ts';
import type { TargetResult } from '../providers/target.ts';
import { prepareDeployment, type Deployment } from './deployment.ts';
import { wantedFields } from './fields.ts';
import { Health, type Cooling } from './health.ts';
import { isWeakMasterKey, MasterKeyCheck } from './master-key.ts';
import { accessGroupsOf } from './model-permission.ts';
import { namesInSource } from './parameters.ts';
import { ResponseIds } from './responses/response-ids.ts';

/** `keyed`: every call needs a key. `loopback`: only programs of this machine are answered. `open`: no protection, by choice. */
export type Access = 'keyed' | 'loopback' | 'open';

/** The runtime built from one config: immutable, swapped whole. A call keeps the one that it began with. */
export interface Snapshot {
  readonly version: string;
  readonly config: GatewayConfig;
  readonly table: RoutingTable;
  readonly deployments: ReadonlyMap<string, Deployment>;
  readonly health: Health;
  readonly fields: FieldSet;
  readonly access: Access;
  readonly responseIds: ResponseIds;
  /** The groups behind each name of `model_info.access_groups`. */
  readonly accessGroups: AccessGroups;
  /** Undefined: no master key is set. */
  readonly masterKey: MasterKeyCheck | undefined;
}

export interface SnapshotInputs {
  readonly config: GatewayConfig;
  /** Where a deployment's requests go, or why nowhere. */
  readonly targetOf: (deployment: DeploymentConfig) => TargetResult;
  readonly cooling: Cooling;
  /** What ids of responses are sealed with: the same for every process that shall read them. */
  readonly responseSecret: string;
  /** Answers anybody though the master key is weak or absent. */
  readonly insecure: boolean;
}

/** Builds a snapshot. With a problem of severity `error` there is none: the table must not be served from. */
export function prepareSnapshot(inputs: SnapshotInputs): { snapshot?: Snapshot; problems: readonly Problem[] } {
  const { config } = inputs;
  const { table, problems: found } = compileTable(toRoutingConfig(config));
  if (found.some((problem) => problem.severity === 'error')) return { problems: found };
  const problems = [...found];
  const deployments = new Map<string, Deployment>();
  for (const one of config.deployments) {
    const built = inputs.targetOf(one);
    // What reading has found already is not said twice; a mock is answered here and needs no target.
    if (!built.ok && one.unbuildable === undefined && one.mockResponse === undefined)
      problems.push(targetProblem(one, built));
    deployments.set(one.id, prepareDeployment(one, built, config.server));
  }
  const unbuildable = new Map<string, string>();
  for (const one of deployments.values()) if (one.unbuildable !== undefined) unbuildable.set(one.id, one.unbuildable);
  const { masterKey } = config.server;
  const snapshot: Snapshot = {
    version: config.version,
    config,
    table,
    deployments,
    health: new Health(unbuildable, inputs.cooling),
    fields: compileFieldSet(
      wantedFields(
        [...deployments.values()].flatMap(({ parameters }) => [
          ...parameters.defaults.map(([name]) => name),
          ...namesInSource(parameters),
        ]),
      ),
    ),
    access: accessOf(config, inputs.insecure),
    responseIds: new ResponseIds(inputs.responseSecret),
    accessGroups: accessGroupsOf(config.deployments),
    masterKey: masterKey === undefined || masterKey === '' ? undefined : new MasterKeyCheck(masterKey),
  };
  return { snapshot, problems };
}

/** The snapshot in force. */
export class SnapshotHolder {
  #current: Snapshot;

  constructor(first: Snapshot) {
    this.#current = first;
  }

  get current(): Snapshot {
    return this.#current;
  }

  /** Calls that have begun keep the old one. Cannot fail. */
  swap(next: Snapshot): void {
    this.#current = next;
  }
}

function targetProblem(deployment: DeploymentConfig, failed: Extract<TargetResult, { ok: false }>): Problem {
  return {
    code: failed.code,
    severity: 'warning',
    message: `Deployment ${deployment.id} of ${deployment.group} cannot serve: ${failed.reason}.`,
    ...(failed.hint === undefined ? {} : { hint: failed.hint }),
    at: deployment.at,
  };
}

function accessOf(config: GatewayConfig, insecure: boolean): Access {
  const { masterKey, permitWeakMasterKey } = config.server;
  if (!isWeakMasterKey(masterKey)) return 'keyed';
  return insecure || permitWeakMasterKey ? 'open' : 'loopback';
}
