import type { ProviderSpec } from '../../spec.ts';
import { EVERYTHING, litellmPage, offers, OLDER_MAX_TOKENS, row } from './row.ts';

/** vLLM answers rerank in Jina's and Cohere's shape. */
const VLLM = {
  keyEnv: ['HOSTED_VLLM_API_KEY'],
  baseEnv: ['HOSTED_VLLM_API_BASE'],
  auth: 'optional',
  paths: offers('chat', 'completions', 'embeddings', 'responses', 'transcriptions', 'translations', 'rerank'),
  sources: ['https://docs.vllm.ai/en/stable/serving/online_serving.html'],
} as const;

/** What Ollama merely ignores (`tool_choice`, `n`, `user` ...) passes. */
const OLLAMA = {
  defaultBase: 'http://localhost:11434',
  baseEnv: ['OLLAMA_API_BASE'],
  keyEnv: ['OLLAMA_API_KEY'],
  auth: 'optional',
  pathPrefix: '/v1',
  paths: offers('chat', 'completions', 'embeddings', 'responses', 'image_generations'),
  parameters: OLDER_MAX_TOKENS,
  sources: ['https://github.com/ollama/ollama/blob/main/docs/api/openai-compatibility.mdx'],
} as const;

/** Servers that people run themselves: no base is known, no credential needed. */
export const OWN_SERVERS: readonly ProviderSpec[] = [
  row({ name: 'custom_openai', keyEnv: ['OPENAI_API_KEY'], auth: 'optional', paths: EVERYTHING, sources: [] }),
  row({
    name: 'openai_like',
    keyEnv: ['OPENAI_LIKE_API_KEY'],
    baseEnv: ['OPENAI_LIKE_API_BASE'],
    auth: 'optional',
    paths: EVERYTHING,
    sources: [],
  }),
  row({
    name: 'litellm_proxy',
    keyEnv: ['LITELLM_PROXY_API_KEY'],
    baseEnv: ['LITELLM_PROXY_API_BASE'],
    auth: 'optional',
    paths: EVERYTHING,
    sources: ['https://docs.litellm.ai/docs/rerank'],
  }),
  row({ ...VLLM, name: 'hosted_vllm' }),
  row({ ...VLLM, name: 'vllm' }),
  row({ ...OLLAMA, name: 'ollama', hosts: ['ollama.com'] }),
  row({ ...OLLAMA, name: 'ollama_chat' }),
  row({
    name: 'lm_studio',
    keyEnv: ['LM_STUDIO_API_KEY'],
    baseEnv: ['LM_STUDIO_API_BASE'],
    auth: 'optional',
    paths: offers('chat', 'completions', 'embeddings', 'responses'),
    sources: ['https://lmstudio.ai/docs/api/openai-api'],
  }),
  row({
    name: 'llamafile',
    keyEnv: ['LLAMAFILE_API_KEY'],
    baseEnv: ['LLAMAFILE_API_BASE'],
    auth: 'optional',
    sources: [litellmPage('llamafile')],
  }),
  row({
    name: 'infinity',
    keyEnv: ['INFINITY_API_KEY'],
    baseEnv: ['INFINITY_API_BASE'],
    auth: 'optional',
    paths: offers('embeddings', 'rerank'),
    sources: ['https://github.com/michaelfeil/infinity/blob/main/README.md'],
  }),
  row({
    name: 'xinference',
    keyEnv: ['XINFERENCE_API_KEY'],
    baseEnv: ['XINFERENCE_API_BASE'],
    auth: 'optional',
    paths: offers('chat', 'completions', 'embeddings', 'image_generations'),
    sources: [litellmPage('xinference')],
  }),
  row({
    name: 'docker_model_runner',
    keyEnv: ['DOCKER_MODEL_RUNNER_API_KEY'],
    baseEnv: ['DOCKER_MODEL_RUNNER_API_BASE'],
    auth: 'optional',
    sources: ['https://github.com/docker/docs/blob/main/content/manuals/ai/model-runner/api-reference.md'],
  }),
];
