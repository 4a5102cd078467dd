import type { TagPolicy } from '../../core/routing/facts.ts';
import type { KeyContext, TeamRecord } from '../contract.ts';
import type { AccessGroups } from '../model-access.ts';
import { modelAccess } from '../model-access.ts';
import { accessOf, policyOf, policyOfScopes, withoutCallerTags } from '../principal-of.ts';
import { reachReport, type ReachReport } from '../reach-report.ts';
import type { AccountsParts } from './ask.ts';

/** `everything`: for whoever may see deployments that the key cannot reach. */
export interface ReachView {
  readonly everything: boolean;
}

/** What a report of reach needs to know of the config in force. */
export interface ReachParts extends AccountsParts {
  readonly accessGroups: () => AccessGroups;
  /** `reject_clientside_metadata_tags`: callers may send no tags. */
  readonly callerTagsBanned: () => boolean;
}

export function reachOfKey(context: KeyContext, { everything }: ReachView, parts: ReachParts): ReachReport {
  const access = accessOf(context);
  return reachReport(
    { policy: boundPolicy(policyOf(context), parts), access, accessGroups: parts.accessGroups(), everything },
    parts.table(),
  );
}

/** What a key of the team can get to that adds nothing of its own. */
export function reachOfTeam(team: TeamRecord, { everything }: ReachView, parts: ReachParts): ReachReport {
  const access = modelAccess([team.models]);
  const policy = boundPolicy(policyOfScopes({ team }), parts);
  return reachReport({ policy, access, accessGroups: parts.accessGroups(), everything }, parts.table());
}

function boundPolicy(policy: TagPolicy, parts: ReachParts): TagPolicy {
  return parts.callerTagsBanned() ? withoutCallerTags(policy) : policy;
}
