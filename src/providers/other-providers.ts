/** Providers that LiteLLM knows and whose dialect needs a translation that Waymark does not have yet. */
const NEED_TRANSLATION = [
  'anthropic',
  'anthropic_text',
  'vertex_ai',
  'vertex_ai_beta',
  'palm',
  'bedrock',
  'bedrock_converse',
  'bedrock_mantle',
  'sagemaker',
  'sagemaker_chat',
  'sagemaker_nova',
  'replicate',
  'watsonx',
  'watsonx_text',
  'cloudflare',
  'ai21',
  'ai21_chat',
  'nlp_cloud',
  'aleph_alpha',
  'petals',
  'predibase',
  'triton',
  'azure_ai',
  'azure_text',
  'text-completion-codestral',
  'oobabooga',
  'maritalk',
  'clarifai',
  'gigachat',
  'oci',
  'snowflake',
  'datarobot',
  'langgraph',
  'a2a',
  'sap',
  'github_copilot',
  'chatgpt',
  'gemini_cli',
  'auto_router',
  'stability',
  'recraft',
  'runwayml',
  'fal_ai',
  'black_forest_labs',
  'aws_polly',
  'elevenlabs',
  'deepgram',
  'assemblyai',
  'bytez',
  'custom',
  'topaz',
  'ragflow',
  'milvus',
  'pg_vector',
  'heroku',
  'manus',
  'cursor',
  'lemonade',
  'perplexity_agent',
  'amazon_nova',
];

/** Providers that speak OpenAI's dialect and whose base Waymark does not know: they work as `openai/<model>` with `api_base`. */
const BASE_UNKNOWN = [
  'novita',
  'nebius',
  'nscale',
  'featherless_ai',
  'morph',
  'v0',
  'zai',
  'baseten',
  'cometapi',
  'compactifai',
  'aiml',
  'empower',
  'galadriel',
  'gradient_ai',
  'inception',
  'ovhcloud',
];

const TRANSLATED: ReadonlySet<string> = new Set(NEED_TRANSLATION);
const UNKNOWN_BASE: ReadonlySet<string> = new Set(BASE_UNKNOWN);

/** A provider that is known by name and not served: `dialect` needs a translation, `base` only lacks a base URL. */
export function knownButNotServed(name: string): 'dialect' | 'base' | undefined {
  if (TRANSLATED.has(name)) return 'dialect';
  return UNKNOWN_BASE.has(name) ? 'base' : undefined;
}

/** Bare model names whose provider LiteLLM tells from its price map. The first pattern that matches counts. */
const BARE_NAMES: readonly (readonly [RegExp, string])[] = [
  [/^(?:ft:)?(?:davinci-002|babbage-002)(?::.*)?$|^gpt-3\.5-turbo-instruct/, 'text-completion-openai'],
  [/^(?:ft:)?gpt-|^chatgpt-|^o[134](?:-|$)|^text-embedding-(?:ada|3)|^codex-mini|^computer-use-preview/, 'openai'],
  [/^dall-e-|^tts-1|^whisper-1$|^(?:omni|text)-moderation/, 'openai'],
  [/^\*$/, 'openai'],
  [/^claude-/, 'anthropic'],
  [/^gemini-/, 'vertex_ai'],
  [/^command(?:-|$)|^embed-(?:english|multilingual)/, 'cohere'],
  [/^(?:(?:us|eu|apac|global)\.)?(?:anthropic|amazon|meta|mistral|cohere|ai21|deepseek)\.[a-z]/, 'bedrock'],
  [/^jamba-/, 'ai21'],
];

/** The provider of a model name without a prefix, or undefined when the name does not tell. */
export function providerOfBareName(model: string): string | undefined {
  return BARE_NAMES.find(([pattern]) => pattern.test(model))?.[1];
}
