import { alike, key, keyTable, unsupported } from './key.ts';
import { RETRY_AND_FALLBACK_KEYS } from './router-settings.ts';

/** `litellm_settings`. Source: LiteLLM's config reference. */
export const LITELLM_SETTINGS = keyTable(
  [
    key(['request_timeout', 'number', 'acts'], 'Seconds for a whole call, unless `router_settings.timeout` is set.'),
    key(['timeout', 'number', 'acts'], 'Another place for `request_timeout`.'),
    key(
      ['stream_timeout', 'number', 'acts'],
      'Seconds to the first byte of a stream, unless `router_settings.stream_timeout` is set.',
    ),
    key(['drop_params', 'true or false', 'acts'], 'Leave out request parameters that a provider does not support.'),
    ...RETRY_AND_FALLBACK_KEYS,
    key(['allowed_fails', 'whole number', 'coming'], 'Failures a minute before a deployment cools down.'),
    key(['cooldown_time', 'number', 'coming'], 'Seconds for which a failed deployment is left alone.'),
  ],
  alike('inert', 'anything', {
    names: 'set_verbose telemetry json_logs suppress_debug_info',
    text: 'Changes nothing in Waymark.',
  }),
  unsupported(
    'text or list of texts',
    'success_callback failure_callback callbacks service_callbacks service_callback audit_log_callbacks',
  ),
  unsupported(
    'true or false',
    `cache turn_off_message_logging redact_user_api_key_info redact_messages_in_exceptions modify_params disable_end_user_cost_tracking
     disable_end_user_cost_tracking_prometheus_only enable_end_user_cost_tracking_prometheus_only disable_add_user_agent_to_request_tags
     prometheus_initialize_budget_metrics prometheus_emit_stream_label require_auth_for_metrics_endpoint enable_redis_auth_cache force_ipv4
     enable_json_schema_validation enable_key_alias_format_validation disable_hf_tokenizer_download enable_caching_on_provider_specific_optional_params
     network_mock route_all_chat_openai_to_responses use_chat_completions_url_for_anthropic_messages skip_system_message_in_guardrail
     disable_copilot_system_to_assistant return_response_headers check_provider_endpoint store_audit_logs add_function_to_prompt aiohttp_trust_env
     disable_aiohttp_transport disable_token_counter disable_add_transform_inline_image_block enable_preview_features`,
  ),
  unsupported(
    'number',
    'max_budget max_end_user_budget max_internal_user_budget default_redis_ttl max_ui_session_budget',
  ),
  unsupported('text', 'budget_duration max_end_user_budget_id internal_user_budget_duration timezone ssl_certificate'),
  unsupported(
    'list',
    'langfuse_default_tags extra_spend_tag_headers custom_prometheus_metadata_labels custom_prometheus_tags prometheus_metrics_config public_model_groups custom_provider_map default_team_settings',
  ),
  unsupported(
    'anything',
    `cache_params default_internal_user_params default_team_params default_key_generate_params upperbound_key_generate_params key_generation_settings
     cost_discount_config cost_margin_config model_group_settings s3_callback_params datadog_params aws_sqs_callback_params ssl_verify mcp_aliases
     tag_budget_config model_alias_map priority_reservation priority_reservation_settings guardrails
     default_in_memory_ttl langsmith_batch_size datadog_llm_observability_params
     azure_content_safety_params llm_guard_mode presidio_ad_hoc_recognizers`,
  ),
);
