import type { KeyContext, TeamRecord } from '../contract.ts';
import type { AccessGroups } from '../model-access.ts';
import { modelAccess } from '../model-access.ts';
import { accessOf, policyOf, policyOfScopes } from '../principal-of.ts';
import { reachReport, type ReachReport } from '../reach-report.ts';
import type { AccountsParts } from './ask.ts';

/** `everything`: for whoever may see deployments that the key cannot reach. */
export interface ReachView {
  readonly everything: boolean;
}

type Parts = AccountsParts & { readonly accessGroups: () => AccessGroups };

export function reachOfKey(context: KeyContext, { everything }: ReachView, parts: Parts): ReachReport {
  const access = accessOf(context);
  return reachReport(
    { policy: policyOf(context), access, accessGroups: parts.accessGroups(), everything },
    parts.table(),
  );
}

/** What a key of the team can get to that adds nothing of its own. */
export function reachOfTeam(team: TeamRecord, { everything }: ReachView, parts: Parts): ReachReport {
  const access = modelAccess([team.models]);
  const policy = policyOfScopes({ team });
  return reachReport({ policy, access, accessGroups: parts.accessGroups(), everything }, parts.table());
}
