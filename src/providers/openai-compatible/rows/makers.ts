import type { ParameterTable } from '../../parameters.ts';
import type { ProviderSpec } from '../../spec.ts';
import {
  EVERYTHING,
  hostedRow,
  LITELLM_PROVIDERS_JSON,
  litellmPage,
  litellmSource,
  offers,
  OLDER_MAX_TOKENS,
  OPENAI_PATHS,
  row,
} from './row.ts';

const OPENAI = {
  defaultBase: 'https://api.openai.com/v1',
  shownBase: 'https://api.openai.com',
  baseEnv: ['OPENAI_BASE_URL', 'OPENAI_API_BASE'],
  keyEnv: ['OPENAI_API_KEY'],
  organizationHeader: 'openai-organization',
  sources: ['npm:openai@7.57.0 client.js'],
} as const;

/** Mistral's API takes no field that it does not know. `user` asks for nothing there. */
const MISTRAL_PARAMETERS: ParameterTable = {
  chat: {
    renamed: [
      ['max_completion_tokens', 'max_tokens'],
      ['seed', 'random_seed'],
    ],
    refused: [{ name: 'logit_bias' }, { name: 'logprobs', harmless: [false] }, { name: 'top_logprobs' }],
    leftOut: ['user'],
  },
};

/** "Unsupported parameters" of Cohere's page on its compatibility API; `stream_options`: it answers with an error. */
const COHERE_PARAMETERS: ParameterTable = {
  chat: {
    renamed: [['max_completion_tokens', 'max_tokens']],
    refused: [
      { name: 'store', harmless: [false] },
      { name: 'logit_bias' },
      { name: 'top_logprobs' },
      { name: 'n', harmless: [1] },
      { name: 'modalities' },
      { name: 'prediction' },
      { name: 'audio' },
      { name: 'service_tier' },
      { name: 'parallel_tool_calls' },
    ],
    leftOut: ['stream_options'],
  },
  embeddings: { refused: [{ name: 'dimensions' }], leftOut: ['user'] },
};

const COHERE = {
  defaultBase: 'https://api.cohere.com',
  baseEnv: ['COHERE_API_BASE'],
  keyEnv: ['COHERE_API_KEY', 'CO_API_KEY'],
  pathPrefix: '/compatibility/v1',
  paths: offers('chat', 'embeddings'),
  pathsBesidePrefix: { rerank: '/v2/rerank' },
  parameters: COHERE_PARAMETERS,
  sources: [
    'https://docs.cohere.com/docs/compatibility-api',
    'https://github.com/huggingface/huggingface.js/blob/main/packages/inference/src/providers/cohere.ts',
    'https://strandsagents.com/docs/user-guide/concepts/model-providers/cohere/',
  ],
} as const;

/** Those who make the models themselves. */
export const MAKERS: readonly ProviderSpec[] = [
  row({
    ...OPENAI,
    name: 'openai',
    paths: OPENAI_PATHS,
    pathsElsewhere: EVERYTHING,
    definesMetadata: true,
    hosts: ['api.openai.com'],
  }),
  row({ ...OPENAI, name: 'text-completion-openai', paths: offers('completions') }),
  row({ ...COHERE, name: 'cohere', hosts: ['api.cohere.com', 'api.cohere.ai'] }),
  row({ ...COHERE, name: 'cohere_chat' }),
  row({
    name: 'gemini',
    defaultBase: 'https://generativelanguage.googleapis.com',
    baseEnv: ['GEMINI_API_BASE'],
    keyEnv: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'],
    pathPrefix: '/v1beta/openai',
    paths: offers('chat', 'embeddings', 'image_generations'),
    hosts: ['generativelanguage.googleapis.com'],
    sources: ['https://ai.google.dev/gemini-api/docs/openai'],
  }),
  hostedRow({
    name: 'mistral',
    defaultBase: 'https://api.mistral.ai/v1',
    baseEnv: ['MISTRAL_API_BASE'],
    keyEnv: ['MISTRAL_API_KEY'],
    // LiteLLM adds it where a base of one's own lacks it.
    pathPrefix: '/v1',
    paths: offers('chat', 'embeddings', 'moderations', 'transcriptions'),
    parameters: MISTRAL_PARAMETERS,
    sources: [
      'npm:@ai-sdk/mistral',
      'https://docs.rs/crate/mistral-openapi-client/latest/source/src/models/api_endpoint.rs',
      litellmSource('mistral/chat/transformation.py'),
    ],
  }),
  hostedRow({
    name: 'codestral',
    defaultBase: 'https://codestral.mistral.ai/v1',
    keyEnv: ['CODESTRAL_API_KEY'],
    paths: offers('chat'),
    parameters: MISTRAL_PARAMETERS,
    sources: [],
  }),
  row({
    name: 'deepseek',
    defaultBase: 'https://api.deepseek.com/beta',
    baseEnv: ['DEEPSEEK_API_BASE'],
    keyEnv: ['DEEPSEEK_API_KEY'],
    paths: offers('chat', 'completions'),
    parameters: OLDER_MAX_TOKENS,
    hosts: ['api.deepseek.com'],
    sources: ['https://platform.deepseek.com/api-docs/zh-cn/api/create-completion'],
  }),
  hostedRow({
    name: 'xai',
    defaultBase: 'https://api.x.ai/v1',
    baseEnv: ['XAI_API_BASE'],
    keyEnv: ['XAI_API_KEY'],
    paths: offers('chat', 'completions', 'responses', 'image_generations'),
    sources: ['https://docs.x.ai/docs/guides/chat-completions', 'npm:@ai-sdk/xai'],
  }),
  row({
    name: 'perplexity',
    defaultBase: 'https://api.perplexity.ai',
    baseEnv: ['PERPLEXITY_API_BASE'],
    keyEnv: ['PERPLEXITYAI_API_KEY', 'PERPLEXITY_API_KEY'],
    paths: offers('chat'),
    parameters: {
      chat: {
        refused: [
          { name: 'tools' },
          { name: 'tool_choice', harmless: ['auto', 'none'] },
          { name: 'functions' },
          { name: 'function_call', harmless: ['auto', 'none'] },
        ],
      },
    },
    hosts: ['api.perplexity.ai'],
    sources: ['npm:@ai-sdk/perplexity', litellmSource('perplexity/chat/transformation.py')],
  }),
  hostedRow({
    name: 'moonshot',
    defaultBase: 'https://api.moonshot.ai/v1',
    baseEnv: ['MOONSHOT_API_BASE'],
    keyEnv: ['MOONSHOT_API_KEY'],
    paths: offers('chat'),
    parameters: { chat: { ...OLDER_MAX_TOKENS.chat, refused: [{ name: 'functions' }] } },
    sources: ['npm:@ai-sdk/moonshotai', litellmSource('moonshot/chat/transformation.py')],
  }),
  hostedRow({
    name: 'dashscope',
    defaultBase: 'https://dashscope-intl.aliyuncs.com/compatible-mode/v1',
    baseEnv: ['DASHSCOPE_API_BASE'],
    keyEnv: ['DASHSCOPE_API_KEY'],
    paths: offers('chat', 'embeddings'),
    sources: ['npm:@ai-sdk/alibaba'],
  }),
  hostedRow({
    name: 'meta_llama',
    defaultBase: 'https://api.llama.com/compat/v1',
    keyEnv: ['LLAMA_API_KEY'],
    paths: offers('chat'),
    sources: ['https://github.com/meta-llama/llama-api-python/blob/main/api.md'],
  }),
  hostedRow({
    name: 'minimax',
    defaultBase: 'https://api.minimax.io/v1',
    keyEnv: ['MINIMAX_API_KEY'],
    paths: offers('chat', 'responses'),
    sources: [
      'https://platform.minimax.io/docs/api-reference/text-openai-api',
      'https://www.developersdigest.tech/reference/api-compatibility/minimax',
    ],
  }),
  hostedRow({
    name: 'xiaomi_mimo',
    defaultBase: 'https://api.xiaomimimo.com/v1',
    keyEnv: ['XIAOMI_MIMO_API_KEY'],
    paths: offers('chat'),
    parameters: OLDER_MAX_TOKENS,
    sources: [LITELLM_PROVIDERS_JSON],
  }),
  row({
    name: 'voyage',
    defaultBase: 'https://api.voyageai.com/v1',
    keyEnv: ['VOYAGE_API_KEY'],
    paths: offers('embeddings'),
    sources: [litellmPage('voyage')],
  }),
  row({
    name: 'jina_ai',
    defaultBase: 'https://api.jina.ai/v1',
    keyEnv: ['JINA_AI_API_KEY'],
    paths: offers('embeddings', 'rerank'),
    sources: [litellmSource('jina_ai/rerank/transformation.py')],
  }),
];
