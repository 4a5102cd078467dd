import { GatewayError } from '../core/errors/gateway-error.ts';
import type { CallerTag, CallerTagSource, TagPolicy } from '../core/routing/facts.ts';
import type { Snapshot } from './snapshot.ts';

/** What a caller finds each way of sending tags under. */
const FIELDS: Readonly<Record<CallerTagSource, string>> = {
  header: 'x-litellm-tags',
  'body.tags': 'tags',
  'body.metadata.tags': 'metadata.tags',
  'body.litellm_metadata.tags': 'litellm_metadata.tags',
};

/**
 * `general_settings.reject_clientside_metadata_tags`: nobody but the master key sends tags, whichever way they take. Throws
 * `invalid_tags` with the field. LiteLLM looks at `metadata.tags` alone, which leaves three doors open.
 */
export function refuseBannedTags(tags: readonly CallerTag[], policy: TagPolicy, snapshot: Snapshot): void {
  const [first] = tags;
  if (first === undefined || policy.master || !snapshot.config.server.rejectClientTags) return;
  const field = FIELDS[first.sources[0] ?? 'body.tags'];
  throw new GatewayError('invalid_tags', {
    message: `This gateway takes no tags from callers: leave ${field} out (general_settings.reject_clientside_metadata_tags).`,
    param: field,
  });
}
