import { alike, key, keyTable, unsupported } from './key.ts';

/** Settings that LiteLLM accepts under `router_settings` and under `litellm_settings`; the former wins. */
export const RETRY_AND_FALLBACK_KEYS = [
  key(['num_retries', 'whole number', 'coming'], 'Retries of a call.'),
  key(['fallbacks', 'list', 'coming'], 'Groups to try when all of a group fails: `- group: [other]`.'),
  key(['context_window_fallbacks', 'list', 'coming'], 'Groups to try when a text is too long.'),
  key(['content_policy_fallbacks', 'list', 'coming'], 'Groups to try when a content policy refuses.'),
  key(['default_fallbacks', 'list of texts', 'coming'], 'Groups to try for every group without a fallback of its own.'),
  key(
    ['model_group_alias', 'map', 'acts'],
    'Other names for groups: `alias: group` or `alias: {model: group, hidden: true}`.',
  ),
] as const;

/** `router_settings`. Source: LiteLLM's config reference. */
export const ROUTER_SETTINGS = keyTable(
  [
    key(['enable_tag_filtering', 'true or false', 'acts'], 'Whether tags choose deployments.'),
    key(
      ['tag_filtering_match_any', 'true or false', 'acts'],
      'True (the default): one matching tag is enough. False: all must match.',
    ),
    key(
      ['tag_routing_prefix', 'text', 'acts'],
      'With it, only tags that begin with it choose deployments; the others are accounting only.',
    ),
    key(
      ['tag_authority', 'text', 'acts'],
      "Waymark's own: `fence` (the default; policy tags bind) or `union` (LiteLLM's rule).",
    ),
    key(
      ['routing_strategy', 'text', 'coming'],
      '`simple-shuffle` is what Waymark does; the others are read and not acted on yet.',
    ),
    key(['timeout', 'number', 'acts'], 'Seconds for a whole call: 600 unless set.'),
    key(['stream_timeout', 'number', 'acts'], 'Seconds to the first byte of a stream; `timeout` unless set.'),
    ...RETRY_AND_FALLBACK_KEYS,
    key(['max_fallbacks', 'whole number', 'coming'], 'The longest chain of fallbacks.'),
    key(['retry_after', 'number', 'coming'], 'The shortest wait before a retry, in seconds.'),
    key(['max_retries', 'whole number', 'coming'], 'Retries of a call.'),
    key(['retry_policy', 'map', 'coming'], 'Retries by kind of error.'),
    key(['model_group_retry_policy', 'map', 'coming'], 'Retries by group and kind of error.'),
    key(['allowed_fails', 'whole number', 'coming'], 'Failures a minute before a deployment cools down.'),
    key(['allowed_fails_policy', 'map', 'coming'], 'The same by kind of error.'),
    key(['cooldown_time', 'number', 'coming'], 'Seconds for which a failed deployment is left alone.'),
    key(['disable_cooldowns', 'true or false', 'coming'], 'Never leave a deployment alone.'),
    key(
      ['ignore_invalid_deployments', 'true or false', 'inert'],
      'Waymark keeps a deployment that cannot be built in its place, and never sends to it.',
    ),
    key(['set_verbose', 'true or false', 'inert'], "LiteLLM's debug switch."),
    key(['debug_level', 'text', 'inert'], "LiteLLM's debug switch."),
  ],
  unsupported('text', 'redis_host redis_password redis_url redis_username'),
  unsupported(
    'true or false',
    'cache_responses enable_pre_call_checks enable_pre_call_check enable_health_check_routing redis_ssl enforce_model_rate_limits',
  ),
  unsupported(
    'number',
    `redis_port redis_db default_max_parallel_requests client_ttl health_check_staleness_threshold deployment_affinity_ttl_seconds default_priority
     polling_interval`,
  ),
  unsupported(
    'anything',
    `routing_strategy_args router_general_settings cache_kwargs optional_pre_call_checks default_litellm_params caching_groups provider_budget_config model_group_affinity_config
     guardrail_list search_tools routing_groups weights alerting_config assistants_config`,
  ),
);

const ERROR_KINDS = [
  'BadRequestError',
  'AuthenticationError',
  'TimeoutError',
  'RateLimitError',
  'ContentPolicyViolationError',
  'InternalServerError',
  'ServiceUnavailableError',
  'NotFoundError',
];

const byErrorKind = (suffix: string, names: readonly string[]): string =>
  names.map((name) => `${name}${suffix}`).join(' ');

/** `router_settings.retry_policy`. */
export const RETRY_POLICY = keyTable(
  alike('coming', 'whole number', {
    names: `${byErrorKind('Retries', ERROR_KINDS)} DefaultRetries`,
    text: 'Retries after this kind of error.',
  }),
);

/** `router_settings.allowed_fails_policy`. */
export const ALLOWED_FAILS_POLICY = keyTable(
  alike('coming', 'whole number', {
    names: byErrorKind('AllowedFails', [...ERROR_KINDS, 'BadGatewayError']),
    text: 'Failures of this kind a minute before a deployment cools down.',
  }),
);
