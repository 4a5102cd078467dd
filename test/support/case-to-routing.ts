/** Turns a tag case into what the routing functions take: config, facts and health. */
import { readCallerTags } from '../../src/core/routing/caller-tags.ts';
import type { CallerTag, Facts, TagPolicy } from '../../src/core/routing/facts.ts';
import type { HealthView } from '../../src/core/routing/health.ts';
import type { RoutingConfig, RoutingDeployment, RoutingSettings } from '../../src/core/routing/settings.ts';
import type { CaseDeployment, TagCase } from './tag-case.ts';

/** The group of a case, under its plain name, an alias, and a name that only a wildcard group covers. */
const NAMES = { group: 'group', alias: 'other-name', wildcard: 'wild/one' } as const;

export function caseConfig(given: TagCase): RoutingConfig {
  const wild = given.request.call_by === 'wildcard';
  const name = wild ? 'wild/*' : NAMES.group;
  return {
    settings: caseSettings(given),
    groups: [{ name, deployments: given.deployments.map(routingDeployment) }],
    aliases: wild ? [] : [{ name: NAMES.alias, group: NAMES.group, hidden: false }],
    fallbacks: { general: new Map(), contextWindow: new Map(), contentPolicy: new Map() },
    version: 'case',
  };
}

export function caseSettings({ router, tags_declared }: TagCase): RoutingSettings {
  return {
    enableTagFiltering: router.enable_tag_filtering === true,
    matchAny: router.tag_filtering_match_any !== false,
    prefix: router.tag_routing_prefix ?? '',
    authority: router.tag_authority ?? 'fence',
    declared: Object.entries(tags_declared ?? {}).map(([pattern, flags]) => ({ pattern, ...flags })),
  };
}

export function routingDeployment(deployment: CaseDeployment): RoutingDeployment {
  const flag = deployment.enable_tag_filtering;
  return {
    id: deployment.id,
    tags: deployment.tags ?? [],
    tagRegex: deployment.tag_regex ?? [],
    private: deployment.private === true,
    allowFailOpen: deployment.allow_fail_open === true,
    ...(flag === undefined ? {} : { enableTagFiltering: flag }),
  };
}

/** What the call names as its model. */
export function caseModel(given: TagCase): string {
  return given.request.deployment_id ?? NAMES[given.request.call_by ?? 'group'];
}

export function casePolicy({ request }: TagCase): TagPolicy {
  return {
    master: request.virtual_key !== true && request.allowed_tags === undefined,
    policyTags: request.policy_tags ?? {},
    ...(request.allowed_tags === undefined ? {} : { allowedTags: request.allowed_tags }),
    onUnpermittedTag: request.on_unpermitted_tag ?? 'reject',
    enableTagFiltering: request.enable_tag_filtering === true,
  };
}

/** The caller's tags, or undefined where their shape is refused. */
export function caseCallerTags(given: TagCase): readonly CallerTag[] | undefined {
  const { header, tags, metadata_tags, litellm_metadata_tags } = given.request;
  const read = readCallerTags(
    { header, tags, metadataTags: metadata_tags, litellmMetadataTags: litellm_metadata_tags },
    given.router.tag_routing_prefix ?? '',
  );
  return read.ok ? read.tags : undefined;
}

/** Undefined where the tags' shape is refused before routing is asked. */
export function caseFacts(given: TagCase): Facts | undefined {
  const tags = caseCallerTags(given);
  if (tags === undefined) return undefined;
  const { user_agent } = given.request;
  return {
    model: caseModel(given),
    tags,
    policy: casePolicy(given),
    ...(user_agent === undefined ? {} : { userAgent: user_agent }),
  };
}

export function caseHealth(given: TagCase): HealthView {
  const cooling = new Set(given.deployments.filter((each) => each.cooled_down === true).map((each) => each.id));
  return {
    allAvailable: cooling.size === 0,
    unavailability: (id) => (cooling.has(id) ? { reason: 'cooling', retryAfterSeconds: 5 } : undefined),
  };
}
