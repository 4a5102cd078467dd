import type { DeploymentConfig, GatewayConfig } from '../../../config/contract.ts';
import type { Problem } from '../../../core/base/problem.ts';
import type { Paint } from '../paint.ts';
import { bySeverity, countProblems, placeOf, plural, severityText, shownPath } from '../problems.ts';
import { renderTable } from '../table.ts';

export interface AnnounceOptions {
  readonly paint: Paint;
  readonly cwd: string;
  readonly columns: number | undefined;
  /** Why a deployment cannot serve; undefined: it can. */
  readonly whyNot: (deployment: DeploymentConfig) => string | undefined;
}

/** A config with hundreds of deployments must not bury the address line. */
const MOST_DEPLOYMENTS = 40;

/**
 * What a start prints about the config. Holds LiteLLM's line `Proxy initialized with Config, Set models:` and one indented
 * line for each group below it, because tools wait for them.
 */
export function announceConfig(config: GatewayConfig, problems: readonly Problem[], options: AnnounceOptions): string {
  const { paint, cwd } = options;
  const groups = groupNames(config);
  const files = config.files.map((file) => shownPath(file, cwd)).join(', ');
  return [
    `Config ${files}, version ${config.version}: ${countProblems(problems)}\n`,
    problemLines(problems, options),
    `LiteLLM: Proxy initialized with Config, Set models:\n`,
    groups.map((name) => `    ${name}\n`).join(''),
    `${paint.strong('Deployments')}: ${config.deployments.length} in ${plural(groups.length, 'group')}, tags: ${tagWords(config)}, tag filtering ${config.routing.enableTagFiltering ? 'on' : 'off'}\n`,
    deploymentTable(config.deployments, options),
  ].join('');
}

function groupNames(config: GatewayConfig): string[] {
  return [...new Set(config.deployments.map(({ group }) => group))];
}

function tagWords(config: GatewayConfig): string {
  const tags = new Set(config.deployments.flatMap((deployment) => deployment.tags));
  return tags.size === 0 ? 'none' : [...tags].join(', ');
}

/** One line each: at a start it matters that everything is named; `waymark check` says how to mend it. */
function problemLines(problems: readonly Problem[], { paint, cwd, columns }: AnnounceOptions): string {
  const rows = bySeverity(problems).map((problem) => [
    severityText(problem.severity, paint),
    problem.at === undefined ? '' : placeOf(problem.at, cwd),
    problem.message,
  ]);
  return renderTable(rows, { indent: 2, width: columns });
}

function deploymentTable(deployments: readonly DeploymentConfig[], options: AnnounceOptions): string {
  const { paint, columns, whyNot } = options;
  const cannot = (reason: string | undefined): string =>
    reason === undefined ? '' : paint.careful(`cannot serve: ${reason}`);
  const rows = deployments
    .slice(0, MOST_DEPLOYMENTS)
    .map((deployment) => [
      deployment.group,
      paint.name(deployment.id),
      deployment.model,
      deployment.tags.length === 0 ? paint.quiet('no tags') : deployment.tags.join(', '),
      cannot(whyNot(deployment)),
    ]);
  const rest = deployments.length - rows.length;
  return renderTable(rows, { indent: 2, width: columns }) + (rest > 0 ? `  and ${rest} more\n` : '');
}
