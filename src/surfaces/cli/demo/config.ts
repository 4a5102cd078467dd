/** Names of the demo's simulated upstreams, which are also the tags that lead to them. */
export const DEMO_UPSTREAMS = ['free', 'paid', 'default'] as const;

/** The environment variables that fill in the demo's config. */
export const DEMO_MASTER_KEY = 'WAYMARK_DEMO_MASTER_KEY';
export function demoUrlVariable(upstream: (typeof DEMO_UPSTREAMS)[number]): string {
  return `WAYMARK_DEMO_${upstream.toUpperCase()}_URL`;
}

/** The config that `waymark demo` serves, in LiteLLM's words. */
export const DEMO_CONFIG = `# The config of "waymark demo": one group, three deployments, chosen by tags.
# The demo fills in the environment variables: the addresses of its simulated upstreams, and a new master key.
model_list:
  - model_name: gpt-4
    litellm_params:
      model: openai/fake
      api_key: none-needed
      api_base: os.environ/WAYMARK_DEMO_FREE_URL
      tags: ["free"] # calls with the tag "free" come here
    model_info:
      id: free-1
  - model_name: gpt-4
    litellm_params:
      model: openai/gpt-4o
      api_key: none-needed
      api_base: os.environ/WAYMARK_DEMO_PAID_URL
      tags: ["paid"] # calls with the tag "paid" come here
    model_info:
      id: paid-1
  - model_name: gpt-4
    litellm_params:
      model: openai/gpt-4o-mini
      api_key: none-needed
      api_base: os.environ/WAYMARK_DEMO_DEFAULT_URL
      tags: ["default"] # calls without tags come here
    model_info:
      id: default-1

router_settings:
  enable_tag_filtering: true

general_settings:
  master_key: os.environ/${DEMO_MASTER_KEY}
`;
