import { PROVIDERS } from '../../src/providers/registry.ts';
import type { AuthStyle, ProviderSpec } from '../../src/providers/spec.ts';

const CREDENTIAL: Readonly<Record<AuthStyle, string>> = {
  bearer: 'needed',
  azure: 'needed, or `azure_ad_token`',
  optional: 'sent where there is one',
};

/** docs/reference/providers.md: the upstreams that can be called. */
export function renderProviders(): string {
  const rows = [...PROVIDERS.values()].map(renderRow);
  return `${HEAD}\n${rows.join('\n')}\n`;
}

function renderRow(spec: ProviderSpec): string {
  const cells = [
    `\`${spec.name}/\``,
    spec.defaultBase === undefined ? 'give `api_base`' : spec.defaultBase,
    list([...spec.keyEnv, ...spec.baseEnv]),
    CREDENTIAL[spec.auth],
    Object.keys(spec.paths).join(', '),
    spec.source,
  ];
  return `| ${cells.join(' | ')} |`;
}

function list(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ');
}

const HEAD = `# Providers

Made from \`src/providers/\` by \`npm run docs\`.

What stands before the first slash of \`litellm_params.model\` names the provider; \`custom_llm_provider\` does where the model does not. All
of these speak OpenAI's dialect, and a call goes to them byte for byte. Providers whose dialect needs a translation (Anthropic,
Gemini, Vertex AI, Bedrock, Cohere and others) are known by name: their deployments keep their place and their tags, and are
never available.

"Checked against" says what the row was compared with beyond LiteLLM's documentation.

| prefix | base without \`api_base\` | variables | credential | calls | checked against |
|---|---|---|---|---|---|`;
