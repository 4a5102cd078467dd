import type { ProviderSpec } from '../../spec.ts';
import { hostedRow, litellmPage, litellmSource, offers, OLDER_MAX_TOKENS, row } from './row.ts';

/** Those who run other people's models. */
export const CLOUDS: readonly ProviderSpec[] = [
  hostedRow({
    name: 'groq',
    defaultBase: 'https://api.groq.com/openai/v1',
    baseEnv: ['GROQ_API_BASE'],
    keyEnv: ['GROQ_API_KEY'],
    paths: offers('chat', 'responses', 'transcriptions', 'translations', 'speech'),
    parameters: {
      chat: {
        refused: [
          { name: 'logprobs', harmless: [false] },
          { name: 'logit_bias' },
          { name: 'top_logprobs' },
          { name: 'n', harmless: [1] },
        ],
      },
    },
    sources: [
      'https://console.groq.com/docs/openai',
      'https://github.com/groq/groq-python/blob/main/api.md',
      'https://docs.fish.audio/developer-guide/compat/migrate-from-groq',
    ],
  }),
  row({
    name: 'together_ai',
    defaultBase: 'https://api.together.xyz/v1',
    keyEnv: ['TOGETHER_API_KEY', 'TOGETHER_AI_API_KEY', 'TOGETHERAI_API_KEY', 'TOGETHER_AI_TOKEN'],
    // The provider now documents api.together.ai; LiteLLM's default is the older name of the same API.
    hosts: ['api.together.xyz/v1', 'api.together.ai/v1'],
    paths: offers(
      'chat',
      'completions',
      'embeddings',
      'image_generations',
      'transcriptions',
      'translations',
      'speech',
      'rerank',
    ),
    sources: [
      'https://docs.together.ai/docs/inference/openai-compatibility',
      'https://github.com/togethercomputer/together-py/blob/main/api.md',
    ],
  }),
  hostedRow({
    name: 'fireworks_ai',
    defaultBase: 'https://api.fireworks.ai/inference/v1',
    baseEnv: ['FIREWORKS_API_BASE', 'FIREWORKS_AI_API_BASE'],
    keyEnv: ['FIREWORKS_API_KEY', 'FIREWORKS_AI_API_KEY', 'FIREWORKSAI_API_KEY', 'FIREWORKS_AI_TOKEN'],
    paths: offers('chat', 'completions', 'embeddings', 'responses'),
    sources: ['npm:@ai-sdk/fireworks', 'https://docs.getbifrost.ai/providers/supported-providers/fireworks'],
  }),
  hostedRow({
    name: 'cerebras',
    defaultBase: 'https://api.cerebras.ai/v1',
    keyEnv: ['CEREBRAS_API_KEY'],
    paths: offers('chat', 'completions'),
    parameters: {
      chat: {
        refused: [
          { name: 'frequency_penalty', harmless: [0] },
          { name: 'presence_penalty', harmless: [0] },
          { name: 'logit_bias' },
        ],
      },
    },
    sources: ['npm:@ai-sdk/cerebras', 'https://hexdocs.pm/req_llm/cerebras.html', litellmSource('cerebras/chat.py')],
  }),
  hostedRow({
    name: 'nvidia_nim',
    defaultBase: 'https://integrate.api.nvidia.com/v1',
    baseEnv: ['NVIDIA_NIM_API_BASE'],
    keyEnv: ['NVIDIA_NIM_API_KEY'],
    parameters: OLDER_MAX_TOKENS,
    sources: [
      'https://docs.api.nvidia.com/nim/reference/stepfun-ai-step-5-preview-infer',
      litellmSource('nvidia_nim/chat/transformation.py'),
    ],
  }),
  hostedRow({
    name: 'deepinfra',
    defaultBase: 'https://api.deepinfra.com/v1/openai',
    keyEnv: ['DEEPINFRA_API_KEY'],
    sources: ['https://deepinfra.com/docs/inference', 'npm:@ai-sdk/deepinfra'],
  }),
  hostedRow({
    name: 'sambanova',
    defaultBase: 'https://api.sambanova.ai/v1',
    keyEnv: ['SAMBANOVA_API_KEY'],
    paths: offers('chat', 'completions', 'embeddings', 'transcriptions'),
    parameters: OLDER_MAX_TOKENS,
    sources: [
      'https://docs.sambanova.ai/docs/en/features/openai-compatibility',
      'https://docs.pipecat.ai/server/services/llm/sambanova',
      litellmSource('sambanova/chat.py'),
    ],
  }),
  row({
    name: 'databricks',
    baseEnv: ['DATABRICKS_API_BASE'],
    keyEnv: ['DATABRICKS_API_KEY'],
    sources: ['https://docs.databricks.com/en/machine-learning/foundation-models/query-foundation-model-apis'],
  }),
  row({
    name: 'huggingface',
    defaultBase: 'https://router.huggingface.co/v1',
    keyEnv: ['HF_TOKEN', 'HUGGINGFACE_API_KEY'],
    paths: offers('chat', 'responses'),
    sources: [
      'https://github.com/huggingface/hub-docs/blob/main/docs/inference-providers/index.md',
      'npm:@ai-sdk/huggingface',
    ],
  }),
  // GitHub has moved on to models.github.ai/inference; the older base is LiteLLM's.
  hostedRow({
    name: 'github',
    defaultBase: 'https://models.inference.ai.azure.com',
    keyEnv: ['GITHUB_API_KEY'],
    paths: offers('chat', 'embeddings'),
    sources: ['https://github.com/github/codespaces-models/pull/28'],
  }),
  hostedRow({
    name: 'hyperbolic',
    defaultBase: 'https://api.hyperbolic.xyz/v1',
    baseEnv: ['HYPERBOLIC_API_BASE'],
    keyEnv: ['HYPERBOLIC_API_KEY'],
    parameters: OLDER_MAX_TOKENS,
    sources: [litellmSource('hyperbolic/chat/transformation.py')],
  }),
  hostedRow({
    name: 'friendliai',
    defaultBase: 'https://api.friendli.ai/serverless/v1',
    keyEnv: ['FRIENDLIAI_API_KEY', 'FRIENDLI_TOKEN'],
    paths: offers('chat', 'completions'),
    sources: [litellmPage('friendliai')],
  }),
  hostedRow({
    name: 'volcengine',
    defaultBase: 'https://ark.cn-beijing.volces.com/api/v3',
    keyEnv: ['VOLCENGINE_API_KEY'],
    sources: [],
  }),
  hostedRow({
    name: 'anyscale',
    defaultBase: 'https://api.endpoints.anyscale.com/v1',
    keyEnv: ['ANYSCALE_API_KEY'],
    sources: [],
  }),
  hostedRow({
    name: 'lambda_ai',
    defaultBase: 'https://api.lambda.ai/v1',
    keyEnv: ['LAMBDA_API_KEY'],
    sources: [],
  }),
  hostedRow({
    name: 'wandb',
    defaultBase: 'https://api.inference.wandb.ai/v1',
    keyEnv: ['WANDB_API_KEY'],
    paths: offers('chat'),
    sources: ['https://docs.wandb.ai/inference/api-reference'],
  }),
];
