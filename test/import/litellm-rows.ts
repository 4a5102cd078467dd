import { json, type LitellmRow } from '../support/litellm-database.ts';
import { tokenOf } from '../support/account-records.ts';

export const LITELLM_SALT_KEY = 'sk-salt-of-a-test';
/** Sealed by LiteLLM 1.110.2 itself under that salt key; the second one with `encryption_algorithm: aes-256-gcm`. */
export const SEALED_KEY = 'N920oh_YKuKppAY9Q4J2oQeBjCXUPy9OOPWYmHpevuhLmxgCZyzWoYyJQrX007DBSfvtQeD7l3Pqxg==';
const SEALED_KEY_GCM = 'v2:gcm:AaGhf2hYI_drXccbdu_AdyvRy3PyGCofruo0UllfPVYpGzoO9F0EKfPRg0KYBA==';
export const SEALED_MODEL = 'mYmdFMHUrdzaMazQMmYb_TFDfGCl5nmHhC7FJrzoKHwPNwXNpdgp_OO1YPhLHHTYpLGPG9o=';
export const UPSTREAM_KEY = 'sk-upstream-secret';

const BY = { created_by: 'admin', updated_by: 'admin' };
export const NEXT_YEAR = '2126-01-02T03:04:05.678';

/** What LiteLLM writes into its database for two teams, their keys and people, and what is odd about old or grown ones. */
export const LITELLM_ROWS: Readonly<Record<string, readonly LitellmRow[]>> = {
  LiteLLM_BudgetTable: [
    { budget_id: 'b-tag', max_budget: 12.5, budget_duration: '30d', tpm_limit: 9000, ...BY },
    { budget_id: 'b-seat', max_budget: 3, rpm_limit: 7, ...BY },
    { budget_id: 'b-key', max_budget: 99, soft_budget: 0.25, ...BY },
    { budget_id: 'b-org', max_budget: 1, ...BY },
  ],
  LiteLLM_OrganizationTable: [
    { organization_id: 'org', organization_alias: 'Org', budget_id: 'b-org', models: [], ...BY },
  ],
  LiteLLM_ModelTable: [{ id: 7, aliases: json({ fast: 'gpt-4' }), ...BY }],
  LiteLLM_UserTable: [
    {
      user_id: 'ann',
      user_email: 'ann@example.com',
      user_role: 'internal_user',
      max_budget: 10,
      models: [],
      teams: ['a'],
    },
    {
      user_id: 'bob',
      user_role: 'org_admin',
      password: 'scrypt:xyz',
      metadata: json({ scim_active: false }),
      models: ['gpt-4'],
    },
    { user_id: 'cust', user_role: 'customer', models: [] },
    { user_id: 'neg', max_budget: -1, models: [] },
  ],
  LiteLLM_TeamTable: [
    {
      team_id: 'a',
      team_alias: 'Team A ',
      metadata: json({ tags: ['teamA'], guardrails: ['pii'], cost_centre: '42' }),
      members_with_roles: json([
        { role: 'admin', user_id: 'ann', user_email: null },
        { role: 'user', user_id: 'bob', user_email: null },
        { role: 'user', user_id: null, user_email: 'nobody@example.com' },
      ]),
      models: ['gpt-4'],
      model_id: 7,
      max_budget: 100.5,
      budget_duration: '1mo',
      tpm_limit: 5000,
      router_settings: json({ enable_tag_filtering: true, optional_pre_call_checks: ['x'] }),
      team_member_permissions: ['/key/generate', '/mcp/call'],
      created_at: '2025-03-04T05:06:07.089',
    },
    {
      team_id: 'b',
      metadata: json({ tags: ['teamB'] }),
      members_with_roles: json({}),
      admins: ['ann'],
      members: ['ann', 'bob'],
      models: [],
      blocked: true,
    },
    { team_id: 'bad', metadata: json({ tags: 'teamC' }), models: [] },
    { team_id: 'litellm-dashboard', models: [] },
  ],
  LiteLLM_TeamMembership: [{ user_id: 'bob', team_id: 'a', budget_id: 'b-seat' }],
  LiteLLM_ProjectTable: [
    {
      project_id: 'p',
      project_alias: 'P',
      description: 'a project',
      team_id: 'a',
      metadata: json({ tags: ['audit'] }),
      models: [],
      ...BY,
    },
    { project_id: 'lone', models: [], ...BY },
  ],
  LiteLLM_TagTable: [
    {
      tag_name: 'teamA',
      description: 'of team A',
      models: ['m1'],
      model_info: json({ m1: 'gpt-4' }),
      budget_id: 'b-tag',
    },
    { tag_name: '!odd', models: [] },
  ],
  LiteLLM_CredentialsTable: [
    { credential_id: 'c1', credential_name: 'shared', credential_values: json({ api_key: SEALED_KEY_GCM }), ...BY },
  ],
  LiteLLM_ProxyModelTable: [
    {
      model_id: 'm1',
      model_name: 'gpt-4',
      litellm_params: json({ model: SEALED_MODEL, api_key: SEALED_KEY, tags: ['teamA'], rpm: 5, timeout: null }),
      model_info: json({ id: 'm1', db_model: true, mode: 'chat' }),
      ...BY,
    },
    {
      model_id: 'm2',
      model_name: 'gpt-4',
      litellm_params: json({ model: SEALED_MODEL, litellm_credential_name: 'shared' }),
      model_info: json({ id: 'm2' }),
      ...BY,
    },
    { model_id: 'm3', model_name: 'gpt-4', litellm_params: json({ model: SEALED_MODEL }), blocked: true, ...BY },
    {
      model_id: 'm4',
      model_name: 'model_name_a_1',
      litellm_params: json({ model: SEALED_MODEL }),
      model_info: json({ team_id: 'a', team_public_model_name: 'own' }),
      ...BY,
    },
  ],
  LiteLLM_VerificationToken: [
    {
      token: tokenOf('key-of-team-a'),
      key_name: 'sk-...am-a',
      key_alias: 'a-key',
      team_id: 'a',
      user_id: 'ann',
      models: [],
      metadata: json({ tags: ['premium'], note: 'kept' }),
      max_budget: 1.5,
      budget_id: 'b-key',
      expires: NEXT_YEAR,
      created_at: '2025-01-01T00:00:00',
      created_by: 'ann',
    },
    { token: tokenOf('key-of-team-b'), key_alias: 'b-key', team_id: 'b', models: ['all-team-models'], blocked: true },
    {
      token: tokenOf('service'),
      team_id: 'a',
      project_id: 'p',
      models: [],
      metadata: json({ service_account_id: 'ci' }),
      allowed_routes: ['llm_api_routes'],
    },
    { token: tokenOf('expired'), expires: '2024-01-01T00:00:00', models: [] },
    { token: tokenOf('twin-1'), key_alias: 'twin', models: [] },
    { token: tokenOf('twin-2'), key_alias: 'twin', models: [] },
    { token: tokenOf('of-no-team'), team_id: 'gone', models: [] },
    { token: tokenOf('of-bad-team'), team_id: 'bad', models: [] },
    { token: 'sk-stored-as-it-is', models: [] },
    { token: tokenOf('session'), team_id: 'litellm-dashboard', user_id: 'ann', models: [] },
  ],
  LiteLLM_DeprecatedVerificationToken: [
    {
      id: 'd1',
      token: tokenOf('old-in-grace'),
      active_token_id: tokenOf('key-of-team-a'),
      revoke_at: '2125-01-01T00:00:00',
    },
    {
      id: 'd2',
      token: tokenOf('old-and-over'),
      active_token_id: tokenOf('key-of-team-a'),
      revoke_at: '2024-01-01T00:00:00',
    },
  ],
  LiteLLM_EndUserTable: [{ user_id: 'customer-1' }, { user_id: 'customer-2' }],
};
