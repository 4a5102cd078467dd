import { GatewayError } from '../../core/errors/gateway-error.ts';
import { readCallerTags } from '../../core/routing/caller-tags.ts';
import type { CallerTag } from '../../core/routing/facts.ts';
import { refuseBannedTags } from '../banned-tags.ts';
import type { Call, CallRequest } from '../call.ts';
import type { StoredResponsePath } from '../endpoint.ts';
import { decodeHeader } from '../header-text.ts';
import { mayUseGroup } from '../model-permission.ts';
import { readSeconds } from '../seconds.ts';
import { openReference, outOfReach } from './reference.ts';

/** Step 3 for a response that was made before: the path says all there is. A body is read and means nothing. */
export async function readStored(call: Call, stored: StoredResponsePath): Promise<CallRequest> {
  const { exchange, principal, snapshot } = call;
  await exchange.readBody(snapshot.config.server.maxRequestBytes);
  const tags = readTags(call);
  const seconds = (header: string): number | undefined => readSeconds(header, exchange.headers.get(header));
  const timeouts = {
    timeoutSeconds: seconds('x-litellm-timeout'),
    streamTimeoutSeconds: seconds('x-litellm-stream-timeout'),
  };
  const response = openReference(call, stored.id, 'response_id');
  const group = snapshot.deployments.get(response.deploymentId)?.config.group;
  if (group === undefined || principal === undefined || !mayUseGroup(group, principal, snapshot)) {
    throw outOfReach(response);
  }
  return {
    body: { kind: 'none' },
    model: group,
    routedModel: response.deploymentId,
    response,
    stream: stored.part === '' && new URLSearchParams(exchange.query).get('stream') === 'true',
    tags,
    metadata: undefined,
    mockResponse: undefined,
    ...timeouts,
  };
}

/** Of the header alone: there is no body. */
function readTags({ exchange, principal, snapshot }: Call): readonly CallerTag[] {
  const header = exchange.headers.get('x-litellm-tags');
  if (header === undefined) return [];
  const nothing = { tags: undefined, metadataTags: undefined, litellmMetadataTags: undefined };
  const reading = readCallerTags({ header: decodeHeader(header), ...nothing }, snapshot.config.routing.prefix);
  if (!reading.ok) throw new GatewayError('invalid_tags', { message: reading.message, param: reading.field });
  if (principal !== undefined) refuseBannedTags(reading.tags, principal.policy, snapshot);
  return reading.tags;
}
