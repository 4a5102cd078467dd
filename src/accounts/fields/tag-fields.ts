import { z } from 'zod';
import { acted, stored } from './field.ts';
import { anyList, anyNumber, anyObject, flag, freeText, unpermittedTag } from './values.ts';

/** Most policy tags, or entries of `allowed_tags`, of one key, team or project. */
const MOST_TAGS = 64;

const tagList = z.array(z.string()).max(MOST_TAGS, `has more than ${MOST_TAGS} entries`);

/** `router_settings` of a key or team. Of all that LiteLLM takes, one counts. */
export const routerSettings = z.strictObject({
  enable_tag_filtering: acted(flag, 'True: tags filter for these calls in every group. False changes nothing.'),
  routing_strategy: stored(freeText, 'Strategies are set in the config.'),
  routing_strategy_args: stored(anyObject, 'Strategies are set in the config.'),
  model_group_retry_policy: stored(anyObject, 'Retries are set in the config.'),
  retry_policy: stored(anyObject, 'Retries are set in the config.'),
  num_retries: stored(anyNumber, 'Retries are set in the config.'),
  max_retries: stored(anyNumber, 'Retries are set in the config.'),
  retry_after: stored(anyNumber, 'Retries are set in the config.'),
  timeout: stored(anyNumber, 'Timeouts are set in the config.'),
  allowed_fails: stored(anyNumber, 'Cooldowns are set in the config.'),
  cooldown_time: stored(anyNumber, 'Cooldowns are set in the config.'),
  fallbacks: stored(anyList, 'Fallbacks are set in the config.'),
  context_window_fallbacks: stored(anyList, 'Fallbacks are set in the config.'),
  content_policy_fallbacks: stored(anyList, 'Fallbacks are set in the config.'),
  default_fallbacks: stored(anyList, 'Fallbacks are set in the config.'),
  model_group_alias: stored(anyObject, 'Use `aliases` of a key or `model_aliases` of a team.'),
  tag_filtering_match_any: stored(flag, 'Counts in the config only.'),
  tag_routing_prefix: stored(freeText, 'Counts in the config only.'),
});

/** What a key, team or project says of tags. */
export const TAG_GRANT_FIELDS = {
  tags: acted(tagList, 'Policy tags: they bind every call. Also readable and writable as `metadata.tags`.'),
  allowed_tags: acted(
    tagList,
    'Names and patterns (`team-*`) of the tags that callers may send. An empty list allows none; null: no list.',
  ),
  on_unpermitted_tag: acted(
    unpermittedTag,
    'What becomes of a tag that may not be sent: the call is refused, or the tag is dropped.',
  ),
  router_settings: acted(routerSettings, 'Of these `enable_tag_filtering` counts.'),
  metadata: acted(
    anyObject,
    'Free notes. An update merges them, and a null inside deletes its name; `metadata.tags` are the policy tags.',
  ),
};
