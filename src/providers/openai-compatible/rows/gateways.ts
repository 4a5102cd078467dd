import type { ProviderSpec } from '../../spec.ts';
import { EVERYTHING, hostedRow, LITELLM_PROVIDERS_JSON, offers, OLDER_MAX_TOKENS } from './row.ts';

type Listed = readonly [name: string, base: string, key: string, more?: Partial<ProviderSpec>];

const OLDER = { parameters: OLDER_MAX_TOKENS } as const;

/** Providers that LiteLLM knows from a table of base, key and renamed parameters. */
const LISTED: readonly Listed[] = [
  ['publicai', 'https://api.publicai.co/v1', 'PUBLICAI_API_KEY', { ...OLDER, baseEnv: ['PUBLICAI_API_BASE'] }],
  ['helicone', 'https://ai-gateway.helicone.ai', 'HELICONE_API_KEY'],
  ['veniceai', 'https://api.venice.ai/api/v1', 'VENICE_AI_API_KEY'],
  ['scaleway', 'https://api.scaleway.ai/v1', 'SCW_SECRET_KEY'],
  ['synthetic', 'https://api.synthetic.new/openai/v1', 'SYNTHETIC_API_KEY', OLDER],
  ['apertis', 'https://api.stima.tech/v1', 'STIMA_API_KEY', { ...OLDER, paths: offers('chat', 'embeddings') }],
  ['nano-gpt', 'https://nano-gpt.com/api/v1', 'NANOGPT_API_KEY', OLDER],
  ['poe', 'https://api.poe.com/v1', 'POE_API_KEY', OLDER],
  ['chutes', 'https://llm.chutes.ai/v1', 'CHUTES_API_KEY', { ...OLDER, paths: offers('chat', 'embeddings') }],
  ['abliteration', 'https://api.abliteration.ai/v1', 'ABLITERATION_API_KEY'],
  ['llamagate', 'https://api.llamagate.dev/v1', 'LLAMAGATE_API_KEY', OLDER],
  ['gmi', 'https://api.gmi-serving.com/v1', 'GMI_API_KEY'],
  [
    'crusoe',
    'https://managed-inference-api-proxy.crusoecloud.com/v1',
    'CRUSOE_API_KEY',
    { ...OLDER, baseEnv: ['CRUSOE_API_BASE'] },
  ],
  ['aihubmix', 'https://aihubmix.com/v1', 'AIHUBMIX_API_KEY', { paths: EVERYTHING, baseEnv: ['AIHUBMIX_API_BASE'] }],
];

/** Those who pass calls on to others, and the rest of LiteLLM's list. */
export const GATEWAYS: readonly ProviderSpec[] = [
  hostedRow({
    name: 'openrouter',
    defaultBase: 'https://openrouter.ai/api/v1',
    baseEnv: ['OPENROUTER_API_BASE'],
    keyEnv: ['OPENROUTER_API_KEY', 'OR_API_KEY'],
    paths: offers('chat', 'completions', 'embeddings', 'responses'),
    sources: [
      'https://openrouter.ai/docs/api-reference/overview',
      'https://openrouter.ai/docs/client-sdks/typescript/models/endpoint.md',
    ],
  }),
  hostedRow({
    name: 'vercel_ai_gateway',
    defaultBase: 'https://ai-gateway.vercel.sh/v1',
    keyEnv: ['VERCEL_AI_GATEWAY_API_KEY', 'VERCEL_OIDC_TOKEN'],
    paths: offers('chat', 'embeddings'),
    sources: ['https://vercel.com/docs/ai-gateway/sdks-and-apis/openai-chat-completions'],
  }),
  ...LISTED.map(([name, defaultBase, key, more = {}]) =>
    hostedRow({ name, defaultBase, keyEnv: [key], paths: offers('chat'), sources: [LITELLM_PROVIDERS_JSON], ...more }),
  ),
];
