import { hasBit } from '../core/base/bits.ts';
import { nearest } from '../core/base/nearest.ts';
import type { PolicyScope, TagPolicy } from '../core/routing/facts.ts';
import { reachableDeployments } from '../core/routing/reach.ts';
import type { RoutingTable } from '../core/routing/table.ts';
import { DEFAULT_TAG, parseTag, type ParsedTag } from '../core/routing/tag.ts';

export interface TagWarningQuestion {
  /** Where the tags were set. */
  readonly scope: PolicyScope;
  /** The policy tags that are new there. */
  readonly added: readonly string[];
  /** What the scopes say together, the new tags included. */
  readonly policy: TagPolicy;
  /** Whose reach bounds what is said: absent for those who may see everything. */
  readonly asker?: TagPolicy;
}

/**
 * What somebody who sets policy tags should know: which of them no deployment carries, what they will do all the same, what
 * may have been meant, and that tags bind nothing where they do not filter. Plain sentences, none where all is well.
 */
export function tagWarnings(question: TagWarningQuestion, table: RoutingTable): readonly string[] {
  const { prefix } = table.config.settings;
  const carried = tagsWithin(question.asker, table);
  const tags = question.added.map((text) => parseTag(text, prefix)).filter((tag) => tag.kind !== 'ignored');
  const binding = tags.filter((tag) => !table.vocabulary.rulesFor(tag.name).accounting);
  const unknown = binding.filter((tag) => !isCarried(tag.name, carried));
  return [
    ...unknown.map((tag) => describeUnknown(tag, { question, table, carried })),
    ...(binding.length > 0 ? unfiltered(question.policy, table) : []),
  ];
}

/** Tags of deployments, as configured: those written out, and tests for wildcards. */
interface CarriedTags {
  readonly names: ReadonlySet<string>;
  readonly groups: readonly { carries(name: string): boolean }[];
}

function tagsWithin(asker: TagPolicy | undefined, table: RoutingTable): CarriedTags {
  const names = new Set<string>();
  const groups = [...table.groups.values()].map((group) => {
    const reach = asker === undefined ? undefined : new Set(reachableDeployments(group.name, asker, table));
    const open = group.deployments.map((each) => reach === undefined || reach.has(each.id));
    for (const [index, { tags }] of group.deployments.entries())
      if (open[index] === true) tags.forEach((tag) => names.add(tag));
    const carries = (name: string): boolean => {
      const { bits } = group.carriers.carriersOf(name);
      return open.some((isOpen, index) => isOpen && hasBit(bits, index));
    };
    return { carries };
  });
  return { names, groups };
}

function isCarried(name: string, { groups }: CarriedTags): boolean {
  return groups.some((group) => group.carries(name));
}

interface WarningContext {
  readonly question: TagWarningQuestion;
  readonly table: RoutingTable;
  readonly carried: CarriedTags;
}

function describeUnknown(tag: ParsedTag, { question, table, carried }: WarningContext): string {
  const who = question.asker === undefined ? 'No deployment carries' : 'No deployment within your reach carries';
  const [near] = nearest(
    tag.name,
    [...carried.names].filter((each) => each !== DEFAULT_TAG),
    1,
  );
  const meant = near === undefined ? '' : ` The nearest known tag is ${near}.`;
  const accounting = `If it is for accounting only, declare it in the config: tags: { ${JSON.stringify(tag.name)}: { routing: false } }.`;
  return `${who} the tag ${tag.name}. ${effectOf(tag, question.scope, table)}${meant} ${accounting}`;
}

const OWNERS: Readonly<Record<PolicyScope, string>> = { key: 'the key', team: 'the team', project: 'the project' };

/** What a tag does that nobody carries. Source: the rules on fences in the tag routing reference. */
function effectOf(tag: ParsedTag, scope: PolicyScope, table: RoutingTable): string {
  const { authority, matchAny } = table.config.settings;
  if (tag.kind === 'exclude') return 'It excludes nothing.';
  if (tag.kind === 'require') return 'It requires what no deployment has: every call that it binds is refused.';
  if (authority === 'union')
    return 'It joins the tags that callers send, and by itself leads to deployments tagged default.';
  const alone =
    'Alone, it fences calls to deployments tagged default, and they are refused where there are none; beside another scope (key, team or project) with a tag that is carried, it does not count.';
  if (matchAny) return alone;
  return `${alone} Since tag_filtering_match_any is false, no deployment matches ${OWNERS[scope]}'s other tags together with it.`;
}

/** Names of groups in one sentence, at most. */
const MOST_NAMED = 3;

/** Policy tags bind nothing in groups whose tags do not filter. */
function unfiltered(policy: TagPolicy, table: RoutingTable): string[] {
  if (policy.enableTagFiltering) return [];
  const groups = [...table.groups.values()];
  const off = groups.filter((group) => !(group.filteringFlag ?? table.config.settings.enableTagFiltering));
  if (off.length === 0) return [];
  const mend = 'Set router_settings.enable_tag_filtering to true, in the config or here.';
  if (off.length === groups.length) return [`Tags do not filter, so these bind nothing. ${mend}`];
  const reachable = off.filter((group) => reachableDeployments(group.name, policy, table).length > 0);
  if (reachable.length === 0) return [];
  const named = reachable.slice(0, MOST_NAMED).map((group) => group.name);
  const more = reachable.length > MOST_NAMED ? ` and ${reachable.length - MOST_NAMED} more` : '';
  return [`Tags do not filter in ${named.join(', ')}${more}, so these bind nothing there. ${mend}`];
}
