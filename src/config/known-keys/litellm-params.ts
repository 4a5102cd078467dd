import { alike, key, keyTable, unsupported } from './key.ts';

const COST = {
  names:
    'input_cost_per_token output_cost_per_token input_cost_per_second output_cost_per_second cache_read_input_token_cost cache_creation_input_token_cost',
  text: 'A price of the deployment.',
};

/** `model_list[].litellm_params`. Source: LiteLLM's config reference and OpenAI's API reference for the request parameters. */
export const LITELLM_PARAMS = keyTable(
  [
    key(['model', 'text', 'acts'], "`provider/model`; a bare name that OpenAI has is OpenAI's."),
    key(['api_key', 'text', 'acts'], 'The credential. Write `os.environ/NAME`.'),
    key(['api_base', 'text', 'acts'], 'The base URL; the endpoint is added to it.'),
    key(['base_url', 'text', 'acts'], 'Another name for `api_base`.'),
    key(['api_version', 'text', 'acts'], 'For Azure: the `api-version` of the query.'),
    key(
      ['organization', 'text or list of texts', 'acts'],
      'For OpenAI: the organization; a list makes one deployment for each.',
    ),
    key(['custom_llm_provider', 'text', 'acts'], 'The provider, where the model name does not say it.'),
    key(
      ['tags', 'list of texts', 'acts'],
      'The tags that the deployment carries. `default` is reserved; `*` stands for any text.',
    ),
    key(['tag_regex', 'list of texts', 'acts'], 'Patterns (RE2) searched in `User-Agent: <value>`.'),
    key(['weight', 'number', 'acts'], 'Share of the calls, relative to the others of the group.'),
    key(['rpm', 'whole number', 'acts'], 'Requests a minute: a share of the calls where no weight is set.'),
    key(['tpm', 'whole number', 'acts'], 'Tokens a minute: a share of the calls where neither weight nor rpm is set.'),
    key(['order', 'whole number', 'acts'], 'Lower is tried first.'),
    key(['timeout', 'number', 'acts'], 'Seconds for a whole call.'),
    key(['stream_timeout', 'number', 'acts'], 'Seconds to the first byte of a stream.'),
    key(['request_timeout', 'number', 'acts'], 'Another name for `timeout`.'),
    key(['max_retries', 'whole number', 'coming'], 'Retries of a call.'),
    key(['num_retries', 'whole number', 'coming'], 'Retries of a call.'),
    key(['extra_headers', 'map', 'acts'], 'Headers that are sent upstream.'),
    key(['headers', 'map', 'acts'], 'Another name for `extra_headers`.'),
    key(['extra_body', 'map', 'sent'], 'Request parameters that a call without them gets.'),
    key(['mock_response', 'text', 'acts'], 'Answer with this text; nothing is sent.'),
    key(
      ['litellm_credential_name', 'text', 'acts'],
      'An entry of `credential_list`; what the deployment sets itself wins.',
    ),
    key(['drop_params', 'true or false', 'acts'], 'Leave out request parameters that the provider does not support.'),
    key(
      ['additional_drop_params', 'list of texts', 'acts'],
      'Request parameters that are always left out: `logit_bias`, `metadata.user`, `tools[*].function.strict`.',
    ),
    key(
      ['allowed_openai_params', 'list of texts', 'acts'],
      'Request parameters that are sent though the provider is not known to support them.',
    ),
    key(['azure_ad_token', 'text', 'acts'], 'For Azure: a bearer token in place of `api_key`.'),
  ],
  alike('sent', 'anything', {
    names: `temperature max_tokens max_completion_tokens top_p n stop seed stream stream_options presence_penalty frequency_penalty logit_bias logprobs
      top_logprobs response_format tools tool_choice parallel_tool_calls functions function_call user metadata store reasoning_effort verbosity modalities audio
      prediction service_tier web_search_options prompt_cache_key safety_identifier dimensions encoding_format input_type suffix echo best_of thinking top_k min_p
      repetition_penalty reasoning provider transforms route models options keep_alive num_ctx chat_template_kwargs guided_json`,
    text: 'A request parameter that a call without it gets.',
  }),
  alike('kept', 'number', COST),
  unsupported(
    'true or false',
    'use_in_pass_through use_litellm_proxy use_chat_completions_api merge_reasoning_content_in_choices supports_system_message allow_client_keepalive_override use_xai_oauth',
  ),
  unsupported(
    'number',
    'max_parallel_requests max_budget cooldown_time keepalive_seconds itpm otpm default_api_key_tpm_limit default_api_key_rpm_limit max_file_size_mb',
  ),
  unsupported(
    'text',
    `budget_duration region_name aws_access_key_id aws_secret_access_key aws_session_token aws_region_name aws_profile_name aws_role_name aws_session_name
     aws_web_identity_token aws_sts_endpoint aws_external_id aws_bedrock_runtime_endpoint aws_role_session_name vertex_project vertex_location tenant_id client_id
     client_secret azure_scope azure_username azure_password initial_prompt_value final_prompt_value bos_token eos_token watsonx_region_name gcs_bucket_name
     s3_bucket_name s3_region_name s3_access_key_id s3_secret_access_key provider_affinity_header prompt_id project_id space_id hf_model_name
     auto_router_config auto_router_config_path auto_router_default_model auto_router_embedding_model litellm_trace_id`,
  ),
  unsupported(
    'anything',
    `vertex_credentials configurable_clientside_auth_params roles vector_store_ids guardrails
     cache_control_injection_points complexity_router_config complexity_router_default_model adaptive_router_config adaptive_router_default_model prompt_variables
     fallbacks context_window_fallbacks allowed_fails allowed_fails_policy retry_policy cache caching no-log model_config mock_timeout mock_delay extra_query
     mock_tool_calls litellm_session_id`,
  ),
);
