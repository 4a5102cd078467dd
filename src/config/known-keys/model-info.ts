import { alike, key, keyTable, unsupported } from './key.ts';

/** `model_list[].model_info`. Keys that nobody knows are kept and shown by `/model/info`, as in LiteLLM. */
export const MODEL_INFO = keyTable(
  [
    key(['id', 'text', 'acts'], "The deployment's id; derived from what identifies the deployment when absent."),
    key(['mode', 'text', 'kept'], '`chat` (the default), `completion`, `embedding` ...'),
    key(['base_model', 'text', 'kept'], 'The model whose prices and limits apply.'),
    key(['access_groups', 'list of texts', 'kept'], 'Names of the access groups that hold the group.'),
    key(
      ['private', 'true or false', 'acts'],
      "Waymark's own: only a policy tag or a granted caller tag reaches the deployment.",
    ),
    key(
      ['allow_fail_open', 'true or false', 'acts'],
      'On any deployment of a group: serve from the pool rather than refuse.',
    ),
    key(
      ['enable_tag_filtering', 'true or false', 'acts'],
      'Overrides `router_settings.enable_tag_filtering` for the group; the first one decides.',
    ),
  ],
  alike('kept', 'number', {
    names: `input_cost_per_token output_cost_per_token input_cost_per_second output_cost_per_second cache_read_input_token_cost cache_creation_input_token_cost
      input_cost_per_image input_cost_per_character output_cost_per_character output_cost_per_image input_cost_per_pixel input_cost_per_query
      output_cost_per_reasoning_token max_tokens max_input_tokens max_output_tokens output_vector_size`,
    text: 'A price or a limit of the model.',
  }),
  alike('kept', 'true or false', {
    names: `supports_function_calling supports_vision supports_tool_choice supports_parallel_function_calling supports_response_schema supports_system_messages
      supports_prompt_caching supports_audio_input supports_audio_output supports_pdf_input supports_reasoning supports_web_search supports_assistant_prefill
      supports_native_streaming supports_computer_use supports_embedding_image_input supports_url_context blocked discoverable`,
    text: 'What the model can do.',
  }),
  alike('kept', 'anything', {
    names:
      'tier description provider version team_public_model_name db_model created_at created_by updated_at updated_by litellm_provider supported_openai_params owned_by name key',
    text: 'Shown by `/model/info`.',
  }),
  unsupported(
    'anything',
    `health_check_model health_check_timeout health_check_max_tokens health_check_max_tokens_reasoning health_check_max_tokens_non_reasoning
     health_check_reasoning_effort health_check_voice disable_background_health_check supported_environments team_id custom_tokenizer access_windows ptu_count
     cost_per_ptu_per_hour internal_router_model allowed_fails allowed_fails_policy cooldown_time`,
  ),
);
