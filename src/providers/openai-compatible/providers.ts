import { OPERATION_NAMES, OPERATIONS, type Operation } from '../operations.ts';
import type { ProviderSpec } from '../spec.ts';

const CHAT = { chat: '/chat/completions' } as const;
const CHAT_AND_EMBEDDINGS = { ...CHAT, embeddings: '/embeddings' } as const;
const ALL = { ...CHAT_AND_EMBEDDINGS, completions: '/completions' } as const;
/** What OpenAI itself offers: everything but rerank. */
const OPENAI = Object.fromEntries(
  OPERATION_NAMES.filter((name) => name !== 'rerank').map((name): [Operation, string] => [name, OPERATIONS[name].path]),
);
const UNVERIFIED = 'not verified';

type Row = Pick<ProviderSpec, 'name' | 'keyEnv' | 'source'> & Partial<ProviderSpec>;

/** A row with what most rows have in common: a bearer token, every OpenAI path, no `metadata`. */
function row(spec: Row): ProviderSpec {
  return { baseEnv: [], auth: 'bearer', paths: ALL, definesMetadata: false, hosts: [], ...spec };
}

/** Providers of which only base and key differ from OpenAI: name, base, key variables. */
function plain(name: string, defaultBase: string, keyEnv: readonly string[]): ProviderSpec {
  const host = defaultBase.replace(/^https?:\/\//, '');
  return row({ name, defaultBase, keyEnv, hosts: [host], source: UNVERIFIED });
}

/**
 * Providers that speak OpenAI's dialect. Key variables and default bases are those that LiteLLM documents for each prefix;
 * `source` names what the base, the header and the paths were checked against, beyond that.
 */
export const OPENAI_COMPATIBLE: readonly ProviderSpec[] = [
  row({
    name: 'openai',
    defaultBase: 'https://api.openai.com/v1',
    shownBase: 'https://api.openai.com',
    baseEnv: ['OPENAI_BASE_URL', 'OPENAI_API_BASE'],
    keyEnv: ['OPENAI_API_KEY'],
    organizationHeader: 'openai-organization',
    paths: OPENAI,
    definesMetadata: true,
    hosts: ['api.openai.com'],
    source: 'npm:openai@7.57.0 client.js',
  }),
  row({
    name: 'text-completion-openai',
    defaultBase: 'https://api.openai.com/v1',
    shownBase: 'https://api.openai.com',
    baseEnv: ['OPENAI_BASE_URL', 'OPENAI_API_BASE'],
    keyEnv: ['OPENAI_API_KEY'],
    organizationHeader: 'openai-organization',
    paths: { completions: '/completions' },
    source: 'npm:openai@7.57.0 client.js',
  }),
  row({
    name: 'custom_openai',
    keyEnv: ['OPENAI_API_KEY'],
    auth: 'optional',
    source: UNVERIFIED,
  }),
  row({
    name: 'openai_like',
    keyEnv: ['OPENAI_LIKE_API_KEY'],
    baseEnv: ['OPENAI_LIKE_API_BASE'],
    auth: 'optional',
    source: UNVERIFIED,
  }),
  row({
    name: 'hosted_vllm',
    keyEnv: ['HOSTED_VLLM_API_KEY'],
    baseEnv: ['HOSTED_VLLM_API_BASE'],
    paths: { ...OPENAI, rerank: '/rerank' },
    auth: 'optional',
    source: UNVERIFIED,
  }),
  row({
    name: 'lm_studio',
    keyEnv: ['LM_STUDIO_API_KEY'],
    baseEnv: ['LM_STUDIO_API_BASE'],
    auth: 'optional',
    source: UNVERIFIED,
  }),
  row({
    name: 'litellm_proxy',
    keyEnv: ['LITELLM_PROXY_API_KEY'],
    baseEnv: ['LITELLM_PROXY_API_BASE'],
    auth: 'optional',
    source: UNVERIFIED,
  }),
  row({
    name: 'xinference',
    keyEnv: ['XINFERENCE_API_KEY'],
    baseEnv: ['XINFERENCE_API_BASE'],
    auth: 'optional',
    source: UNVERIFIED,
  }),
  row({
    name: 'llamafile',
    keyEnv: ['LLAMAFILE_API_KEY'],
    baseEnv: ['LLAMAFILE_API_BASE'],
    auth: 'optional',
    source: UNVERIFIED,
  }),
  row({
    name: 'docker_model_runner',
    keyEnv: ['DOCKER_MODEL_RUNNER_API_KEY'],
    baseEnv: ['DOCKER_MODEL_RUNNER_API_BASE'],
    auth: 'optional',
    source: UNVERIFIED,
  }),
  row({
    name: 'infinity',
    keyEnv: ['INFINITY_API_KEY'],
    baseEnv: ['INFINITY_API_BASE'],
    auth: 'optional',
    paths: { embeddings: '/embeddings' },
    source: UNVERIFIED,
  }),
  ...(['ollama', 'ollama_chat'] as const).map((name) =>
    row({
      name,
      defaultBase: 'http://localhost:11434',
      baseEnv: ['OLLAMA_API_BASE'],
      keyEnv: ['OLLAMA_API_KEY'],
      auth: 'optional',
      pathPrefix: '/v1',
      hosts: name === 'ollama' ? ['ollama.com'] : [],
      source: 'https://github.com/ollama/ollama/blob/main/docs/openai.md',
    }),
  ),
  row({
    name: 'groq',
    defaultBase: 'https://api.groq.com/openai/v1',
    baseEnv: ['GROQ_API_BASE'],
    keyEnv: ['GROQ_API_KEY'],
    paths: CHAT,
    hosts: ['api.groq.com/openai/v1'],
    source: 'https://console.groq.com/docs/openai',
  }),
  row({
    name: 'mistral',
    defaultBase: 'https://api.mistral.ai/v1',
    baseEnv: ['MISTRAL_API_BASE'],
    keyEnv: ['MISTRAL_API_KEY'],
    paths: CHAT_AND_EMBEDDINGS,
    hosts: ['api.mistral.ai/v1'],
    source: 'npm:@ai-sdk/mistral documentation',
  }),
  row({
    name: 'openrouter',
    defaultBase: 'https://openrouter.ai/api/v1',
    baseEnv: ['OPENROUTER_API_BASE'],
    keyEnv: ['OPENROUTER_API_KEY', 'OR_API_KEY'],
    hosts: ['openrouter.ai/api/v1'],
    source: 'https://openrouter.ai/docs/quick-start',
  }),
  row({
    name: 'deepseek',
    defaultBase: 'https://api.deepseek.com/beta',
    baseEnv: ['DEEPSEEK_API_BASE'],
    keyEnv: ['DEEPSEEK_API_KEY'],
    paths: { chat: '/chat/completions', completions: '/completions' },
    hosts: ['api.deepseek.com'],
    source: UNVERIFIED,
  }),
  row({
    name: 'together_ai',
    defaultBase: 'https://api.together.xyz/v1',
    keyEnv: ['TOGETHER_API_KEY', 'TOGETHER_AI_API_KEY', 'TOGETHERAI_API_KEY', 'TOGETHER_AI_TOKEN'],
    // The provider now documents api.together.ai; LiteLLM's default is the older name of the same API.
    hosts: ['api.together.xyz/v1', 'api.together.ai/v1'],
    source: 'https://docs.together.ai/docs/inference/openai-compatibility',
  }),
  row({
    name: 'fireworks_ai',
    defaultBase: 'https://api.fireworks.ai/inference/v1',
    baseEnv: ['FIREWORKS_API_BASE', 'FIREWORKS_AI_API_BASE'],
    keyEnv: ['FIREWORKS_API_KEY', 'FIREWORKS_AI_API_KEY', 'FIREWORKSAI_API_KEY', 'FIREWORKS_AI_TOKEN'],
    hosts: ['api.fireworks.ai/inference/v1'],
    source: UNVERIFIED,
  }),
  row({
    name: 'xai',
    defaultBase: 'https://api.x.ai/v1',
    baseEnv: ['XAI_API_BASE'],
    keyEnv: ['XAI_API_KEY'],
    hosts: ['api.x.ai/v1'],
    source: UNVERIFIED,
  }),
  row({
    name: 'perplexity',
    defaultBase: 'https://api.perplexity.ai',
    keyEnv: ['PERPLEXITYAI_API_KEY', 'PERPLEXITY_API_KEY'],
    paths: CHAT,
    hosts: ['api.perplexity.ai'],
    source: UNVERIFIED,
  }),
  row({
    name: 'nvidia_nim',
    defaultBase: 'https://integrate.api.nvidia.com/v1',
    baseEnv: ['NVIDIA_NIM_API_BASE'],
    keyEnv: ['NVIDIA_NIM_API_KEY'],
    hosts: ['integrate.api.nvidia.com/v1'],
    source: UNVERIFIED,
  }),
  row({
    name: 'moonshot',
    defaultBase: 'https://api.moonshot.ai/v1',
    baseEnv: ['MOONSHOT_API_BASE'],
    keyEnv: ['MOONSHOT_API_KEY'],
    paths: CHAT,
    hosts: ['api.moonshot.ai/v1'],
    source: UNVERIFIED,
  }),
  row({
    name: 'dashscope',
    defaultBase: 'https://dashscope-intl.aliyuncs.com/compatible-mode/v1',
    baseEnv: ['DASHSCOPE_API_BASE'],
    keyEnv: ['DASHSCOPE_API_KEY'],
    paths: CHAT_AND_EMBEDDINGS,
    hosts: ['dashscope-intl.aliyuncs.com/compatible-mode/v1'],
    source: UNVERIFIED,
  }),
  row({
    name: 'databricks',
    baseEnv: ['DATABRICKS_API_BASE'],
    keyEnv: ['DATABRICKS_API_KEY'],
    paths: CHAT_AND_EMBEDDINGS,
    source: UNVERIFIED,
  }),
  row({
    name: 'huggingface',
    defaultBase: 'https://router.huggingface.co/v1',
    keyEnv: ['HF_TOKEN', 'HUGGINGFACE_API_KEY'],
    paths: CHAT,
    source: UNVERIFIED,
  }),
  row({
    name: 'voyage',
    defaultBase: 'https://api.voyageai.com/v1',
    keyEnv: ['VOYAGE_API_KEY'],
    paths: { embeddings: '/embeddings' },
    source: UNVERIFIED,
  }),
  row({
    name: 'jina_ai',
    defaultBase: 'https://api.jina.ai/v1',
    keyEnv: ['JINA_AI_API_KEY'],
    paths: { embeddings: '/embeddings', rerank: '/rerank' },
    source: UNVERIFIED,
  }),
  plain('cerebras', 'https://api.cerebras.ai/v1', ['CEREBRAS_API_KEY']),
  plain('deepinfra', 'https://api.deepinfra.com/v1/openai', ['DEEPINFRA_API_KEY']),
  plain('sambanova', 'https://api.sambanova.ai/v1', ['SAMBANOVA_API_KEY']),
  plain('github', 'https://models.inference.ai.azure.com', ['GITHUB_API_KEY']),
  plain('anyscale', 'https://api.endpoints.anyscale.com/v1', ['ANYSCALE_API_KEY']),
  plain('codestral', 'https://codestral.mistral.ai/v1', ['CODESTRAL_API_KEY']),
  plain('volcengine', 'https://ark.cn-beijing.volces.com/api/v3', ['VOLCENGINE_API_KEY']),
  plain('meta_llama', 'https://api.llama.com/compat/v1', ['LLAMA_API_KEY']),
  plain('friendliai', 'https://api.friendli.ai/serverless/v1', ['FRIENDLIAI_API_KEY', 'FRIENDLI_TOKEN']),
  plain('minimax', 'https://api.minimax.io/v1', ['MINIMAX_API_KEY']),
  plain('hyperbolic', 'https://api.hyperbolic.xyz/v1', ['HYPERBOLIC_API_KEY']),
  plain('publicai', 'https://api.publicai.co/v1', ['PUBLICAI_API_KEY']),
  plain('vercel_ai_gateway', 'https://ai-gateway.vercel.sh/v1', ['VERCEL_AI_GATEWAY_API_KEY']),
  plain('lambda_ai', 'https://api.lambda.ai/v1', ['LAMBDA_API_KEY']),
  plain('wandb', 'https://api.inference.wandb.ai/v1', ['WANDB_API_KEY']),
];
