import { liesUnder, parseApiBase } from './api-base.ts';
import { AZURE, buildAzureTarget } from './azure/build-target.ts';
import { buildOpenAiTarget } from './openai-compatible/build-target.ts';
import { OPENAI_COMPATIBLE } from './openai-compatible/providers.ts';
import { knownButNotServed, providerOfBareName } from './other-providers.ts';
import type { ProviderEnvironment, ProviderSpec, TargetInput } from './spec.ts';
import type { TargetProblemCode, TargetResult } from './target.ts';

/** Every provider that Waymark can send to, by the prefix of `litellm_params.model`. */
export const PROVIDERS: ReadonlyMap<string, ProviderSpec> = new Map(
  [...OPENAI_COMPATIBLE, AZURE].map((spec) => [spec.name, spec]),
);

export type ProviderResult =
  | { readonly ok: true; readonly provider: ProviderSpec; readonly upstreamModel: string }
  | { readonly ok: false; readonly code: TargetProblemCode; readonly reason: string; readonly hint?: string };

/**
 * Whose model this is, in LiteLLM's order: `custom_llm_provider`; the text before the first `/`; the host of `api_base`;
 * a bare name that is in its price map. Only the first segment is consumed: `openrouter/anthropic/x` is `anthropic/x` there.
 */
export function resolveProvider(input: Pick<TargetInput, 'model' | 'customProvider' | 'apiBase'>): ProviderResult {
  const { model, customProvider } = input;
  const slash = model.indexOf('/');
  const prefix = slash < 0 ? undefined : model.slice(0, slash);
  if (customProvider !== undefined && customProvider !== '') {
    return named(customProvider, prefix === customProvider ? model.slice(slash + 1) : model);
  }
  if (prefix !== undefined && isProviderName(prefix)) return named(prefix, model.slice(slash + 1));
  const byHost = providerOfBase(input.apiBase);
  if (byHost !== undefined) return named(byHost, model);
  const bare = providerOfBareName(model);
  return bare === undefined ? unknownProvider(model, input.apiBase) : named(bare, model);
}

/** The target of a deployment, or why there is none. `env`: where providers' own variables are looked up. */
export function targetOf(input: TargetInput, env: ProviderEnvironment): TargetResult {
  const resolved = resolveProvider(input);
  if (!resolved.ok) return resolved;
  const { provider: spec, upstreamModel } = resolved;
  if (spec === AZURE) return buildAzureTarget(input, upstreamModel, env);
  if (upstreamModel === '') {
    const hint = `Write \`model: ${spec.name}/<model>\`.`;
    return { ok: false, code: 'missing-setting', reason: 'its model has a provider and no name', hint };
  }
  return buildOpenAiTarget(input, { spec, upstreamModel: renamed(spec, upstreamModel) }, env);
}

function isProviderName(name: string): boolean {
  return PROVIDERS.has(name) || knownButNotServed(name) !== undefined;
}

function named(name: string, upstreamModel: string): ProviderResult {
  const provider = PROVIDERS.get(name);
  if (provider !== undefined) return { ok: true, provider, upstreamModel };
  const why = knownButNotServed(name);
  if (why === undefined) {
    const hint = `For a server that speaks OpenAI's dialect write \`openai/${upstreamModel}\` and \`api_base\`.`;
    return { ok: false, code: 'provider-unknown', reason: `there is no provider "${name}"`, hint };
  }
  const reason =
    why === 'dialect'
      ? `provider ${name} needs a translation that Waymark does not have yet`
      : `Waymark does not know the base URL of provider ${name}`;
  const hint = `Where it has an OpenAI-compatible endpoint, write \`openai/${upstreamModel}\` and its \`api_base\`.`;
  return { ok: false, code: 'provider-not-supported', reason, hint };
}

function providerOfBase(apiBase: string | undefined): string | undefined {
  const parsed = apiBase === undefined ? undefined : parseApiBase(apiBase);
  if (parsed?.ok !== true) return undefined;
  return OPENAI_COMPATIBLE.find((spec) => liesUnder(parsed.base, spec.hosts))?.name;
}

/** LiteLLM answers such calls with 400, "LLM Provider NOT provided". */
function unknownProvider(model: string, apiBase: string | undefined): ProviderResult {
  const name = model === '' ? '<model>' : model;
  const hint =
    apiBase === undefined
      ? `Write the provider before the name: \`openai/${name}\`.`
      : `For a server that speaks OpenAI's dialect write \`openai/${name}\`.`;
  const reason = model === '' ? 'it has no model' : `"${model}" does not say which provider it belongs to`;
  return { ok: false, code: 'provider-unknown', reason, hint };
}

/** Hugging Face's router takes the inference provider after the name; LiteLLM's model has it before: `novita/org/model`. */
function renamed(spec: ProviderSpec, model: string): string {
  const match = spec.name === 'huggingface' ? /^([^/]+)\/([^/]+\/[^/]+)$/.exec(model) : null;
  return match === null ? model : `${match[2] ?? ''}:${match[1] ?? ''}`;
}
