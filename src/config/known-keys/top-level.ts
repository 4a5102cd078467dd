import { key, keyTable, unsupported } from './key.ts';

/** Sections of a config file. Source: LiteLLM's config reference. */
export const TOP_LEVEL = keyTable(
  [
    key(['model_list', 'list', 'acts'], 'The deployments, in order. Entries with the same `model_name` form a group.'),
    key(['router_settings', 'map', 'acts'], 'How a deployment of a group is chosen.'),
    key(['litellm_settings', 'map', 'acts'], 'Settings of calls: timeouts, fallbacks, parameters.'),
    key(['general_settings', 'map', 'acts'], 'Settings of the server: master key, limits, database.'),
    key(
      ['environment_variables', 'map', 'acts'],
      "Variables that are set before everything else is read; they win over the process's own.",
    ),
    key(
      ['include', 'list of texts', 'acts'],
      'Further config files, relative to this one. Lists are extended, other sections replaced.',
    ),
    key(['credential_list', 'list', 'acts'], 'Named credentials for `litellm_params.litellm_credential_name`.'),
    key(
      ['tags', 'list or map', 'acts'],
      "Waymark's own: tags that are accounting only (`routing: false`) or need a grant (`restricted: true`).",
    ),
  ],
  unsupported(
    'list',
    'guardrails vector_store_registry search_tools prompts policies files_settings agent_list agents mcp_tools worker_registry policy_attachments',
  ),
  unsupported('map', 'mcp_servers callback_settings finetune_settings assistant_settings'),
);

/** One entry of `model_list`. */
export const MODEL_ENTRY = keyTable([
  key(['model_name', 'text', 'acts'], 'The group: the name that clients ask for. May hold `*`.'),
  key(['litellm_params', 'map', 'acts'], 'The deployment: provider, upstream model, credential, tags.'),
  key(['model_info', 'map', 'acts'], 'What is known of the deployment: id, mode, prices, flags.'),
]);

/** One entry of `credential_list`. */
export const CREDENTIAL_ENTRY = keyTable([
  key(['credential_name', 'text', 'acts'], 'The name to refer to.'),
  key(['credential_values', 'map', 'acts'], '`litellm_params` that a deployment gets unless it sets them itself.'),
  key(['credential_info', 'map', 'inert'], 'A description for people.'),
]);

/** One entry of `tags`. */
export const DECLARED_TAG = keyTable([
  key(['name', 'text', 'acts'], 'A tag, or a pattern with `*` (in the list form).'),
  key(['routing', 'true or false', 'acts'], 'False: accounting only, whoever sends it.'),
  key(['restricted', 'true or false', 'acts'], 'True: a caller needs a grant (`allowed_tags`) to send it.'),
  key(['description', 'text', 'inert'], 'What it is for.'),
]);
