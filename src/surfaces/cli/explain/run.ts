import { NOTHING_LOOKED_AT } from '../../../core/routing/decision.ts';
import type { GatewayConfig } from '../../../config/contract.ts';
import { seededRandom } from '../../../core/base/random.ts';
import { readCallerTags } from '../../../core/routing/caller-tags.ts';
import type { Explanation } from '../../../core/routing/decision.ts';
import { explain } from '../../../core/routing/explain.ts';
import { withCooling } from '../../../gateway/health.ts';
import { configPath, environmentOf, loadConfig } from '../config-file.ts';
import { withDotEnv } from '../dot-env.ts';
import { CliFailure, EXIT, type CliIo } from '../io.ts';
import { allFindings } from '../findings.ts';
import { paintFor } from '../paint.ts';
import { prepareAsServed } from '../prepare.ts';
import { refusals, reportUnusable } from '../problems.ts';
import { policyOf, type ExplainFlags } from './flags.ts';
import { renderExplanation, type DeploymentNote } from './render.ts';

/** `waymark explain`: prints where a call would go and why. 0: it would be sent; 1: refused; 2: the config is unusable. */
export async function runExplain(flags: ExplainFlags, positional: string | undefined, given: CliIo): Promise<number> {
  const io = withDotEnv(given);
  const { config, problems } = loadConfig(configPath({ flag: flags.config, positional }, io), io);
  if (config === undefined || refusals(problems).length > 0) return reportUnusable(problems, io);
  const { snapshot, problems: found } = prepareAsServed(config, io);
  if (snapshot === undefined) {
    const env = environmentOf(config, io);
    return reportUnusable(allFindings({ config, read: problems, prepared: found, env }), io);
  }

  const reading = readCallerTags({ header: flags.headerTags, tags: flags.tags }, config.routing.prefix);
  const facts = {
    model: flags.model,
    policy: policyOf(flags),
    ...(flags.userAgent ? { userAgent: flags.userAgent } : {}),
  };
  const view = withCooling(snapshot.health, knownIds(flags.cooling ?? [], config));
  const explanation = reading.ok
    ? explain({ ...facts, tags: reading.tags }, snapshot.table, { view, random: seededRandom(flags.seed) })
    : badlyShaped(flags.model, reading, config);
  const text =
    flags.json === true ? `${JSON.stringify(explanation, null, 2)}\n` : forPerson(explanation, flags, { config, io });
  io.stdout.write(text);
  return explanation.decision === 'send' ? EXIT.ok : EXIT.failed;
}

function forPerson(
  explanation: Explanation,
  flags: ExplainFlags,
  { config, io }: { readonly config: GatewayConfig; readonly io: CliIo },
): string {
  const notes = new Map<string, DeploymentNote>(config.deployments.map(({ id, model, tags }) => [id, { model, tags }]));
  const paint = paintFor(io.stdout, io.env);
  return renderExplanation(explanation, { paint, columns: io.stdout.columns, notes, seed: flags.seed });
}

function knownIds(ids: readonly string[], config: GatewayConfig): readonly string[] {
  const known = new Set(config.deployments.map(({ id }) => id));
  const unknown = ids.find((id) => !known.has(id));
  if (unknown === undefined) return ids;
  throw new CliFailure(`--cooling names ${unknown}, which is no deployment of this config.`, {
    hint: `Its deployments: ${[...known].join(', ')}.`,
  });
}

/** A call whose tags have a wrong shape is refused before routing sees it; the answer is that of `POST /route/explain`. */
function badlyShaped(
  model: string,
  problem: { readonly field: string; readonly message: string },
  config: GatewayConfig,
): Explanation {
  const refusal = {
    decision: 'refuse',
    status: 400,
    code: 'invalid_tags',
    message: problem.message,
    param: problem.field,
    model,
  } as const;
  return {
    ...refusal,
    ...NOTHING_LOOKED_AT,
    nearest: [],
    retry_after: null,
    config_version: config.version,
  };
}
