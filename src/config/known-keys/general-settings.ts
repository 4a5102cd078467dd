import { alike, key, keyTable, unsupported } from './key.ts';

/** `general_settings`. Source: LiteLLM's config reference. */
export const GENERAL_SETTINGS = keyTable(
  [
    key(['master_key', 'text', 'acts'], "The administrator's key; `LITELLM_MASTER_KEY` where it is absent."),
    key(
      ['database_url', 'text', 'acts'],
      'The PostgreSQL that keys and teams are kept in; `DATABASE_URL` where it is absent, else the file waymark.db.',
    ),
    key(['max_request_size_mb', 'number', 'acts'], 'The largest request body, in megabytes: 32 unless set.'),
    key(
      ['dangerously_permit_weak_or_unset_master_key', 'true or false', 'acts'],
      'Listen to the network without a strong master key.',
    ),
    key(['litellm_key_header_name', 'text', 'acts'], 'One more header in which a caller may send its key.'),
    key(
      ['reject_clientside_metadata_tags', 'true or false', 'acts'],
      'Refuse calls of keys that bring tags, whichever way.',
    ),
    key(
      ['user_api_key_cache_ttl', 'number', 'acts'],
      'A key in use is read from the database again after so many seconds: 60 unless set.',
    ),
    key(
      ['stale_key_seconds', 'number', 'acts'],
      'Known keys go on for so many seconds while the database is away: 600 unless set.',
    ),
  ],
  alike('inert', 'anything', {
    names: 'disable_prisma_schema_update proxy_budget_rescheduler_min_time proxy_budget_rescheduler_max_time',
    text: 'Changes nothing in Waymark.',
  }),
  unsupported(
    'list',
    'alerting alert_types pass_through_endpoints allowed_ips user_header_mappings enforced_params public_routes admin_only_routes allowed_routes supported_db_objects mcp_internal_ip_ranges mcp_trusted_proxy_ranges mcp_required_fields trusted_proxy_ranges',
  ),
  unsupported(
    'true or false',
    `store_model_in_db disable_spend_logs disable_error_logs disable_spend_updates store_prompts_in_spend_logs allow_requests_on_db_unavailable
     background_health_checks health_check_details use_shared_health_check enable_health_check_routing health_check_ignore_transient_errors use_x_forwarded_for
     forward_client_headers_to_llm_api forward_openai_org_id forward_llm_provider_auth_headers enforce_user_param use_redis_transaction_buffer use_azure_key_vault use_google_kms enable_jwt_auth
     enable_oauth2_auth enable_oauth2_proxy_auth custom_auth_run_common_checks enforce_rbac allow_client_side_credentials default_team_disabled
     always_include_stream_usage disable_master_key_return disable_adding_master_key_hash_to_db disable_reset_budget infer_model_from_keys
     disable_retry_on_max_parallel_request_limit_error use_client_credentials_pass_through_routes disable_responses_id_security
     require_end_user_mcp_access_defined fail_closed_budget_enforcement disable_budget_reservation skip_user_budget_on_team_key allow_user_auth
    `,
  ),
  unsupported(
    'number',
    `alerting_threshold proxy_batch_polling_interval spend_report_frequency proxy_batch_write_at database_connection_pool_limit database_connection_timeout health_check_interval
     health_check_concurrency health_check_staleness_threshold max_parallel_requests global_max_parallel_requests
     max_response_size_mb database_statement_timeout database_lock_timeout`,
  ),
  unsupported(
    'text',
    `maximum_spend_logs_retention_period maximum_spend_logs_retention_interval maximum_spend_logs_cleanup_cron user_header_name completion_model embedding_model
     image_generation_model moderation_model custom_auth custom_sso custom_ui_sso_sign_in_handler key_management_system ui_access_mode token_rate_limit_type
     custom_key_generate control_plane_url mcp_client_side_auth_header_name user_mcp_management_mode litellm_license budget_exceeded_models_policy
     database_type`,
  ),
  unsupported(
    'anything',
    'alerting_args alert_to_webhook_url alert_type_config litellm_jwtauth oauth2_config_mappings key_management_settings role_permissions service_account_settings health_check_model',
  ),
);
