import type { RoutingConfig, RoutingDeployment, RoutingGroup } from '../core/routing/settings.ts';
import type { DeploymentConfig, GatewayConfig } from './contract.ts';

/** What routing needs of a config: groups in the order in which they first appear, wildcard groups under their pattern. */
export function toRoutingConfig(config: GatewayConfig): RoutingConfig {
  return {
    settings: config.routing,
    groups: groupsOf(config.deployments),
    aliases: config.aliases,
    fallbacks: config.fallbacks,
    version: config.version,
  };
}

function groupsOf(deployments: readonly DeploymentConfig[]): readonly RoutingGroup[] {
  const groups = new Map<string, RoutingDeployment[]>();
  for (const deployment of deployments) {
    const members = groups.get(deployment.group);
    if (members === undefined) groups.set(deployment.group, [toRoutingDeployment(deployment)]);
    else members.push(toRoutingDeployment(deployment));
  }
  return [...groups].map(([name, members]) => ({ name, deployments: members }));
}

function toRoutingDeployment(deployment: DeploymentConfig): RoutingDeployment {
  const { id, tags, tagRegex, allowFailOpen, enableTagFiltering, weight, rpm, tpm, order } = deployment;
  return {
    id,
    tags,
    tagRegex,
    private: deployment.private,
    allowFailOpen,
    ...(enableTagFiltering === undefined ? {} : { enableTagFiltering }),
    ...(weight === undefined ? {} : { weight }),
    ...(rpm === undefined ? {} : { rpm }),
    ...(tpm === undefined ? {} : { tpm }),
    ...(order === undefined ? {} : { order }),
  };
}
