import { bySettings } from '../../support/case-gateway.ts';
import type { TagCase } from '../../support/tag-case.ts';

/** Rows that one gateway config can answer together: same router settings, same declared tags. */
export interface CaseSet {
  /** From 1. */
  readonly number: number;
  readonly router: TagCase['router'];
  readonly declared: TagCase['tags_declared'];
  readonly rows: readonly TagCase[];
}

/** A row that no gateway can be asked from outside with nothing but the master key, and why. */
export interface UnaskableRow {
  readonly row: TagCase;
  readonly reason: string;
}

/** Sorts the table into sets that can be asked, the largest first, and rows that cannot. */
export function sortRows(table: readonly TagCase[]): { sets: readonly CaseSet[]; unaskable: readonly UnaskableRow[] } {
  const unaskable: UnaskableRow[] = [];
  const askable: TagCase[] = [];
  for (const row of table) {
    const reason = reasonNotToAsk(row);
    if (reason === undefined) askable.push(row);
    else unaskable.push({ row, reason });
  }
  const sets = bySettings(askable)
    .sort((a, b) => b.length - a.length)
    .map((rows, index): CaseSet => {
      const first = rows[0];
      return { number: index + 1, router: first?.router ?? {}, declared: first?.tags_declared, rows };
    });
  return { sets, unaskable };
}

function reasonNotToAsk(row: TagCase): string | undefined {
  const { request, deployments, waymark } = row;
  if (waymark?.config_error !== undefined) return 'the config must not load';
  if (request.policy_tags !== undefined) return 'needs a key, team or project with tags';
  if (request.virtual_key === true || request.allowed_tags !== undefined) return 'needs a virtual key';
  if (request.enable_tag_filtering !== undefined) return 'needs a key with a router setting';
  if (deployments.some((deployment) => deployment.cooled_down === true))
    return 'needs a deployment that is cooling down';
  return undefined;
}
