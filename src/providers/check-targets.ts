import type { Position, Problem, Severity } from '../core/base/problem.ts';
import { parseApiBase } from './api-base.ts';
import { endsInEndpoint } from './openai-compatible/build-target.ts';
import { OPERATION_NAMES, type Operation } from './operations.ts';
import { resolveProvider, targetOf } from './registry.ts';
import { firstSet, type ProviderEnvironment, type TargetInput } from './spec.ts';
import type { Target, TargetProblemCode } from './target.ts';

/** A deployment of the config, as far as its target is concerned. */
export interface CheckedDeployment extends TargetInput {
  readonly group: string;
  readonly at: Position;
  /** Set: reading has reported why already. */
  readonly unbuildable?: string;
  /** `model_info.mode`, in LiteLLM's words. */
  readonly mode?: string;
  /** Set: it sends nothing, and needs no target. */
  readonly mockResponse?: string;
}

export type TargetFindingCode =
  | TargetProblemCode
  | 'endpoint-in-api-base'
  | 'implicit-credential'
  | 'mode-not-offered'
  | 'wildcard-provider';

/** What is wrong, or worth knowing, with where deployments send to. No message holds a secret. */
export function checkTargets(deployments: readonly CheckedDeployment[], env: ProviderEnvironment): readonly Problem[] {
  return deployments.flatMap((deployment) => {
    if (deployment.unbuildable !== undefined || deployment.mockResponse !== undefined) return [];
    const result = targetOf(deployment, env);
    if (result.ok) return checkTarget(deployment, result.target, env);
    const message = `A deployment of group "${deployment.group}" (${deployment.model}) cannot serve: ${result.reason}.`;
    return [finding(deployment, { code: result.code, severity: 'warning', message, hint: result.hint })];
  });
}

function checkTarget(deployment: CheckedDeployment, target: Target, env: ProviderEnvironment): readonly Problem[] {
  const found: Problem[] = [];
  const { group, model } = deployment;
  const base = deployment.apiBase === undefined ? undefined : parseApiBase(deployment.apiBase);
  if (base?.ok === true && endsInEndpoint(base.base) && target.provider !== 'azure') {
    const message = `The api_base of a deployment of group "${group}" ends in the endpoint itself; it is used as it is.`;
    const hint = 'Write the base alone, for example `https://host/v1`: the endpoint is added to it.';
    found.push(finding(deployment, { code: 'endpoint-in-api-base', severity: 'warning', message, hint }));
  }
  const variable = implicitCredential(deployment, target, env);
  if (variable !== undefined) {
    const message = `A deployment of group "${group}" (${model}) has no api_key: ${variable} is sent to ${target.origin}.`;
    const hint = `Write \`api_key:\`; \`api_key: os.environ/${variable}\` if this is meant.`;
    found.push(finding(deployment, { code: 'implicit-credential', severity: 'warning', message, hint }));
  }
  const missing = modeNotOffered(deployment, target);
  if (missing !== undefined) found.push(missing);
  if (model === '*') {
    const message = `Group "${group}" sends every model to ${target.provider}, whatever provider its name begins with.`;
    const hint = 'Write one group for each provider: `model_name: groq/*`, `model: groq/*`.';
    found.push(finding(deployment, { code: 'wildcard-provider', severity: 'note', message, hint }));
  }
  return found;
}

/** The operation of each `model_info.mode`. Source: LiteLLM's model_prices_and_context_window.json and its health checks. */
const MODES: ReadonlyMap<string, Operation> = new Map([
  ['chat', 'chat'],
  ['completion', 'completions'],
  ['embedding', 'embeddings'],
  ['responses', 'responses'],
  ['moderation', 'moderations'],
  ['image_generation', 'image_generations'],
  ['image_edit', 'image_edits'],
  ['audio_transcription', 'transcriptions'],
  ['audio_speech', 'speech'],
  ['rerank', 'rerank'],
]);

function modeNotOffered(deployment: CheckedDeployment, target: Target): Problem | undefined {
  const operation = MODES.get(deployment.mode ?? '');
  const offers = (name: Operation): boolean => target.pathFor(name, target.upstreamModel) !== undefined;
  if (operation === undefined || offers(operation)) return undefined;
  const { group, model, mode = '' } = deployment;
  const message = `A deployment of group "${group}" (${model}) has the mode ${mode}, and provider ${target.provider} takes no such calls: they are refused with endpoint_not_supported.`;
  const hint = `Provider ${target.provider} takes ${OPERATION_NAMES.filter(offers).join(', ')}; correct \`mode\`, or the provider.`;
  return finding(deployment, { code: 'mode-not-offered', severity: 'warning', message, hint });
}

/** The variable whose key goes to a host that is not the provider's own, though nobody wrote that it should. */
function implicitCredential(
  deployment: CheckedDeployment,
  target: Target,
  env: ProviderEnvironment,
): string | undefined {
  if (deployment.apiKey !== undefined || deployment.apiBase === undefined || deployment.azureAdToken !== undefined)
    return undefined;
  const resolved = resolveProvider(deployment);
  if (!resolved.ok || resolved.provider.defaultBase === undefined) return undefined;
  if (new URL(resolved.provider.defaultBase).origin === target.origin) return undefined;
  return resolved.provider.keyEnv.find((name) => firstSet(env, [name]) !== undefined);
}

interface Finding {
  readonly code: TargetFindingCode;
  readonly severity: Severity;
  readonly message: string;
  readonly hint: string | undefined;
}

function finding(deployment: CheckedDeployment, { code, severity, message, hint }: Finding): Problem {
  return { code, severity, message, ...(hint === undefined ? {} : { hint }), at: deployment.at };
}
