import { OPERATION_NAMES, OPERATIONS } from '../providers/operations.ts';

/** Fields of a body that would turn the gateway against its owner: the caller's credential or address, used with ours. */
const FORBIDDEN_FIELDS: ReadonlySet<string> = new Set(['api_base', 'base_url', 'api_key', 'user_config']);

/** Fields in which a body names further models. */
export const FALLBACK_FIELDS = [
  'fallbacks',
  'context_window_fallbacks',
  'content_policy_fallbacks',
  'context_window_fallback_dict',
] as const;

/** Fields that are for the gateway: acted on or accepted for LiteLLM's sake, never forwarded. Source: surface 3.8. */
const CONTROL_FIELDS: ReadonlySet<string> = new Set([
  'tags',
  'litellm_metadata',
  ...FALLBACK_FIELDS,
  'disable_fallbacks',
  'num_retries',
  'max_retries',
  'timeout',
  'stream_timeout',
  'request_timeout',
  'mock_response',
  'mock_tool_calls',
  'mock_timeout',
  'mock_testing_fallbacks',
  'mock_testing_context_fallbacks',
  'mock_testing_context_window_fallbacks',
  'mock_testing_content_policy_fallbacks',
  'mock_testing_rate_limit_error',
  'litellm_session_id',
  'litellm_trace_id',
  'litellm_call_id',
  'cache',
  'caching',
  'guardrails',
  'no-log',
  'drop_params',
  'additional_drop_params',
  'allowed_openai_params',
  'custom_llm_provider',
  'model_list',
  'router_settings_override',
]);

/** Fields that are read and stay in the body (`metadata` by its own rule). */
const READ_FIELDS = [
  'model',
  'stream',
  'stream_format',
  'metadata',
  'store',
  'previous_response_id',
  ...OPERATION_NAMES.flatMap((operation) => OPERATIONS[operation].required.map(({ field }) => field)),
];

/** Everything that the walk over a body looks for, the parameters that the deployments speak of included. */
export function wantedFields(parameters: Iterable<string>): string[] {
  return [...new Set([...READ_FIELDS, ...CONTROL_FIELDS, ...FORBIDDEN_FIELDS, ...parameters])];
}

/** True where callers may not set this field. */
export function isForbidden(field: string): boolean {
  return FORBIDDEN_FIELDS.has(field);
}

/** True where this field is for the gateway and does not go upstream. */
export function isControl(field: string): boolean {
  return CONTROL_FIELDS.has(field);
}
