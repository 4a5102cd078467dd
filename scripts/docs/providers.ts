import { OPERATION_NAMES, type Operation } from '../../src/providers/operations.ts';
import type { ParameterRules, RefusedParameter } from '../../src/providers/parameters.ts';
import { PROVIDERS } from '../../src/providers/registry.ts';
import type { AuthStyle, ProviderSpec } from '../../src/providers/spec.ts';

const CREDENTIAL: Readonly<Record<AuthStyle, string>> = {
  bearer: 'needed',
  azure: 'needed, or `azure_ad_token`',
  optional: 'sent where there is one',
};

/** docs/reference/providers.md: the upstreams that can be called. */
export function renderProviders(): string {
  const specs = [...PROVIDERS.values()];
  return [
    HEAD,
    ...specs.map(renderRow),
    '',
    PARAMETERS,
    ...specs.flatMap(renderRules),
    '',
    SOURCES,
    ...specs.map(
      ({ name, sources }) => `| \`${name}/\` | ${sources.length === 0 ? 'not verified' : sources.join(', ')} |`,
    ),
    '',
  ].join('\n');
}

function renderRow(spec: ProviderSpec): string {
  const cells = [
    `\`${spec.name}/\``,
    spec.defaultBase === undefined ? 'give `api_base`' : spec.defaultBase,
    list([...spec.keyEnv, ...spec.baseEnv]),
    CREDENTIAL[spec.auth],
    renderOperations(spec),
  ];
  return `| ${cells.join(' | ')} |`;
}

function renderOperations({ paths, pathsBesidePrefix, pathsElsewhere }: ProviderSpec): string {
  const own: Readonly<Partial<Record<Operation, string>>> = { ...paths, ...pathsBesidePrefix };
  const elsewhere = OPERATION_NAMES.filter((name) => pathsElsewhere?.[name] !== undefined && own[name] === undefined);
  const more = elsewhere.length === 0 ? '' : `; with an \`api_base\` of your own also ${elsewhere.join(', ')}`;
  return OPERATION_NAMES.filter((name) => own[name] !== undefined).join(', ') + more;
}

function renderRules({ name, parameters = {} }: ProviderSpec): readonly string[] {
  return Object.entries(parameters).map(
    ([operation, rules]) =>
      `| \`${name}/\` | ${operation} | ${renamed(rules)} | ${refused(rules)} | ${list(rules.leftOut ?? [])} |`,
  );
}

function renamed({ renamed: pairs = [] }: ParameterRules): string {
  return pairs.map(([from, to]) => `\`${from}\` to \`${to}\``).join(', ');
}

function refused({ refused: parameters = [] }: ParameterRules): string {
  return parameters.map((one) => `\`${one.name}\`${exception(one)}`).join(', ');
}

function exception({ harmless = [] }: RefusedParameter): string {
  return harmless.length === 0 ? '' : ` (unless ${harmless.map((value) => `\`${String(value)}\``).join(' or ')})`;
}

function list(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ');
}

const HEAD = `# Providers

Made from \`src/providers/\` by \`npm run docs\`.

What stands before the first slash of \`litellm_params.model\` names the provider; \`custom_llm_provider\` does where the model does not. All
of these speak OpenAI's dialect, and a call goes to them byte for byte, but for the group's name and the parameters below. \`gemini/\`
and \`cohere/\` are Google's and Cohere's own OpenAI-compatible endpoints; Cohere's rerank goes to its own. Providers whose dialect
needs a translation (Anthropic, Vertex AI, Bedrock and others) are known by name: their deployments keep their place and their
tags, and are never available.

A call for an operation that the deployment's provider lacks is answered with \`endpoint_not_supported\`. Rerank is offered where the
answer has Cohere's and Jina's shape (\`results\`): Voyage, Fireworks, NVIDIA and DeepInfra have rerankers of another shape.

| prefix | base without \`api_base\` | variables | credential | calls |
|---|---|---|---|---|`;

const PARAMETERS = `## Parameters

A parameter that a provider answers with an error, or documents as not supported, is refused with 400 \`unsupported_parameter\`. What a
provider merely ignores passes. In the order in which they count:

- \`additional_drop_params\` (of a deployment, or in the body of a call) always leaves out what it lists: \`logit_bias\`, \`metadata.user\`,
  \`tools[*].function.strict\`, \`tools[0]\`. \`model\`, \`stream\` and what the operation cannot do without stay.
- \`allowed_openai_params\` (of a deployment, or in the body) sends what it lists whatever the table says.
- \`drop_params: true\` (in \`litellm_settings\`, of a deployment, or in the body) leaves out what would be refused. Where one of
  them says true, another's \`false\` does not take it back.

\`null\` counts as absent. A deployment's own default parameters follow the same rules, and are never refused. A caller's lists act on
what the caller sent alone. In forms the config's lists act on text fields by name; a caller's lists are not read there.

| prefix | call | renamed | refused | left out |
|---|---|---|---|---|`;

const SOURCES = `## Sources

What each row was checked against. Of a row that names LiteLLM's pages or source alone, no page of the provider was read; one that is
not verified is what LiteLLM documents for the prefix.

| prefix | checked against |
|---|---|`;
