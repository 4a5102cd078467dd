import { type ApiBase, parseApiBase } from '../api-base.ts';
import { credentialHeader } from '../credential.ts';
import { OPERATION_NAMES, OPERATIONS, type Operation } from '../operations.ts';
import { firstSet, type PathTable, type ProviderEnvironment, type ProviderSpec, type TargetInput } from '../spec.ts';
import type { TargetResult } from '../target.ts';

/** The target of a deployment whose provider speaks OpenAI's dialect at base + endpoint. */
export function buildOpenAiTarget(
  input: TargetInput,
  provider: { readonly spec: ProviderSpec; readonly upstreamModel: string },
  env: ProviderEnvironment,
): TargetResult {
  const { spec } = provider;
  const given = input.apiBase ?? firstSet(env, spec.baseEnv);
  const written = given ?? spec.defaultBase;
  if (written === undefined) return missingBase(spec);
  const parsed = parseApiBase(written);
  if (!parsed.ok) return { ok: false, code: 'bad-api-base', reason: parsed.reason, hint: parsed.hint };
  const secret = input.apiKey?.trim() || firstSet(env, spec.keyEnv);
  if (secret === undefined && given === undefined && spec.auth !== 'optional') return missingKey(spec);
  const credential = credentialHeader(spec, { key: secret });
  if (!credential.ok) return { ok: false, code: 'missing-credential', reason: credential.reason };
  const { base } = parsed;
  const paths = pathsOf(base, spec);
  return {
    ok: true,
    target: {
      provider: spec.name,
      origin: base.origin,
      pathFor: (operation) => paths[operation],
      headers: headersOf(input, spec, credential.header),
      secrets: secret === undefined ? [] : [secret],
      shownApiBase: given === undefined ? (spec.shownBase ?? base.shown) : base.shown,
      upstreamModel: provider.upstreamModel,
      definesMetadata: spec.definesMetadata,
      ...(spec.parameters === undefined ? {} : { parameters: spec.parameters }),
      modelInBody: true,
    },
  };
}

/** Credential, organization and `extra_headers`, each name once; `extra_headers` win. */
export function headersOf(
  input: TargetInput,
  spec: ProviderSpec,
  credential: readonly [string, string] | undefined,
): readonly string[] {
  const headers = new Map<string, string>();
  if (credential !== undefined) headers.set(credential[0], credential[1]);
  if (input.organization !== undefined && spec.organizationHeader !== undefined) {
    headers.set(spec.organizationHeader, input.organization);
  }
  for (const [name, value] of input.extraHeaders ?? []) headers.set(name, value);
  return [...headers].flat();
}

/** The endpoints that a base may end in already. */
const ENDPOINT = new RegExp(`(?:${OPERATION_NAMES.map((name) => OPERATIONS[name].path).join('|')})$`);

/** True where a base is an endpoint itself, `https://host/v1/chat/completions`. */
export function endsInEndpoint(base: ApiBase): boolean {
  return ENDPOINT.test(base.path);
}

function pathsOf(base: ApiBase, spec: ProviderSpec): PathTable {
  const stem = base.path.replace(ENDPOINT, '');
  // A base that names the endpoint itself is used as it is.
  const root = stem === base.path ? joined(stem, spec.pathPrefix ?? '') : stem;
  const paths: Partial<Record<Operation, string>> = {};
  for (const operation of OPERATION_NAMES) {
    const path = offeredPaths(base, spec)[operation];
    const beside = spec.pathsBesidePrefix?.[operation];
    if (path !== undefined) paths[operation] = `${root}${path}${base.query}`;
    else if (beside !== undefined) paths[operation] = `${joined(without(stem, spec), beside)}${base.query}`;
  }
  return paths;
}

/** A server of one's own may have what the provider lacks. */
function offeredPaths(base: ApiBase, spec: ProviderSpec): PathTable {
  const own = spec.defaultBase !== undefined && new URL(spec.defaultBase).origin === base.origin;
  return own ? spec.paths : { ...spec.paths, ...spec.pathsElsewhere };
}

function without(stem: string, { pathPrefix = '' }: ProviderSpec): string {
  return stem.endsWith(pathPrefix) ? stem.slice(0, stem.length - pathPrefix.length) : stem;
}

/** `tail` behind `stem`, less the segments that `stem` ends with already: `/v1beta` and `/v1beta/openai` make `/v1beta/openai`. */
function joined(stem: string, tail: string): string {
  const segments = tail.split('/').slice(1);
  for (let shared = segments.length; shared > 0; shared -= 1) {
    if (stem.endsWith(`/${segments.slice(0, shared).join('/')}`)) {
      return [stem, ...segments.slice(shared)].join('/');
    }
  }
  return `${stem}${tail}`;
}

function missingBase(spec: ProviderSpec): TargetResult {
  const reason = `provider ${spec.name} needs an api_base`;
  const from = spec.baseEnv[0] === undefined ? '' : `, or set ${spec.baseEnv[0]}`;
  return { ok: false, code: 'missing-api-base', reason, hint: `Write \`api_base:\` under litellm_params${from}.` };
}

function missingKey(spec: ProviderSpec): TargetResult {
  const reason = `provider ${spec.name} needs a credential, and there is none`;
  const from = spec.keyEnv[0] === undefined ? '' : `, or set ${spec.keyEnv.join(' or ')}`;
  return { ok: false, code: 'missing-credential', reason, hint: `Write \`api_key: os.environ/NAME\`${from}.` };
}
