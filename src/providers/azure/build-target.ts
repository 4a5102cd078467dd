import { type ApiBase, parseApiBase } from '../api-base.ts';
import type { Operation } from '../contract.ts';
import { credentialHeader } from '../credential.ts';
import { headersOf } from '../openai-compatible/build-target.ts';
import { offers } from '../openai-compatible/rows/row.ts';
import { firstSet, type ProviderEnvironment, type ProviderSpec, type TargetInput } from '../spec.ts';
import type { TargetResult } from '../target.ts';

/** Azure OpenAI: the deployment stands in the path, the version in the query. Source: Azure OpenAI REST API reference. */
export const AZURE: ProviderSpec = {
  name: 'azure',
  baseEnv: ['AZURE_API_BASE'],
  keyEnv: ['AZURE_OPENAI_API_KEY', 'AZURE_API_KEY'],
  auth: 'azure',
  paths: offers(
    'chat',
    'completions',
    'embeddings',
    'responses',
    'image_generations',
    'image_edits',
    'transcriptions',
    'translations',
    'speech',
  ),
  definesMetadata: true,
  hosts: [],
  sources: ['npm:openai@7.57.0 azure.js', 'https://docs.litellm.ai/docs/providers/azure/azure_responses'],
};

/** What LiteLLM sends where no version is set. Source: its documentation of `--api_version`. */
const DEFAULT_VERSION = '2025-02-01-preview';

/** Versions that name the newer surface: `/openai/v1/`, the model in the body, no version needed in the query. */
const UNVERSIONED = new Set(['v1', 'preview', 'latest']);

/** The target of an Azure deployment. `upstreamModel` is the name of the Azure deployment. */
export function buildAzureTarget(input: TargetInput, upstreamModel: string, env: ProviderEnvironment): TargetResult {
  const written = input.apiBase ?? firstSet(env, AZURE.baseEnv);
  if (written === undefined) {
    const hint = 'Write `api_base: https://<resource>.openai.azure.com` under litellm_params, or set AZURE_API_BASE.';
    return { ok: false, code: 'missing-api-base', reason: 'provider azure needs an api_base', hint };
  }
  const parsed = parseApiBase(written);
  if (!parsed.ok) return { ok: false, code: 'bad-api-base', reason: parsed.reason, hint: parsed.hint };
  const key = input.apiKey?.trim() || (input.azureAdToken === undefined ? firstSet(env, AZURE.keyEnv) : undefined);
  const token = input.azureAdToken?.trim() || firstSet(env, ['AZURE_AD_TOKEN']);
  const secret = key ?? token;
  if (secret === undefined) {
    const hint = 'Write `api_key: os.environ/AZURE_API_KEY`, or `azure_ad_token`.';
    return {
      ok: false,
      code: 'missing-credential',
      reason: 'provider azure needs a credential, and there is none',
      hint,
    };
  }
  const credential = credentialHeader(AZURE, { key, token });
  if (!credential.ok) return { ok: false, code: 'missing-credential', reason: credential.reason };
  const place = placeOf(parsed.base, input.apiVersion ?? firstSet(env, ['AZURE_API_VERSION']), upstreamModel);
  if (!place.ok) return { ok: false, code: 'missing-setting', reason: place.reason, hint: place.hint };
  return {
    ok: true,
    target: {
      provider: 'azure',
      origin: parsed.base.origin,
      pathFor: place.pathFor,
      headers: headersOf(input, AZURE, credential.header),
      secrets: [secret],
      shownApiBase: parsed.base.shown,
      upstreamModel,
      definesMetadata: true,
      modelInBody: place.modelInBody,
    },
  };
}

type Place =
  | {
      readonly ok: true;
      readonly pathFor: (operation: Operation, model: string) => string | undefined;
      readonly modelInBody: boolean;
    }
  | { readonly ok: false; readonly reason: string; readonly hint: string };

function placeOf(base: ApiBase, version: string | undefined, model: string): Place {
  const under = (stem: string, operation: Operation, rest: string): string | undefined => {
    const endpoint = AZURE.paths[operation];
    return endpoint === undefined ? undefined : `${stem}${endpoint}${rest}`;
  };
  const root = base.path.replace(/\/openai(?:\/responses)?$/, '');
  if (base.path.endsWith('/openai/v1') || (version !== undefined && UNVERSIONED.has(version))) {
    const stem = base.path.endsWith('/openai/v1') ? base.path : `${root}/openai/v1`;
    const query = version === undefined || version === 'v1' ? base.query : withVersion(base.query, version);
    if (model === '') return noModel();
    return { ok: true, pathFor: (operation) => under(stem, operation, query), modelInBody: true };
  }
  // A version in the base's own query counts where none is set.
  const written = /[?&]api-version=/.test(base.query);
  const query = version === undefined && written ? base.query : withVersion(base.query, version ?? DEFAULT_VERSION);
  const fixed = /^(.*)\/openai\/deployments\/[^/]+/.exec(base.path);
  if (fixed === null && model === '') return noModel();
  const pathFor = (operation: Operation, name: string): string | undefined => {
    // The Responses API alone stands beside the deployments, and takes their name from the body.
    if (operation === 'responses') {
      return name === '' ? undefined : under(`${fixed?.[1] ?? root}/openai`, operation, query);
    }
    return under(fixed?.[0] ?? `${root}/openai/deployments/${encodeURIComponent(name)}`, operation, query);
  };
  return { ok: true, pathFor, modelInBody: false };
}

function noModel(): Place {
  const hint = 'Write `model: azure/<name of the Azure deployment>`.';
  return { ok: false, reason: 'its model names no Azure deployment', hint };
}

function withVersion(query: string, version: string): string {
  const kept = query
    .slice(1)
    .split('&')
    .filter((part) => part !== '' && !part.startsWith('api-version='));
  return `?${[...kept, `api-version=${encodeURIComponent(version)}`].join('&')}`;
}
