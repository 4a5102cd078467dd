import { describe, expect, it } from 'vitest';
import { runExplain } from '../../src/surfaces/cli/explain/run.ts';
import { gatewayConfigOf, idInCase, placedId, placedModel } from '../support/case-gateway.ts';
import { recordedIo } from '../support/cli-io.ts';
import { normalAnswer, readTable } from '../support/tag-case.ts';
import type { CaseAnswer, TagCase } from '../support/tag-case.ts';
import { placeRow } from './over-http/config.ts';

/** Rows whose tags can be written as a flag: the command line knows texts only. */
const WRITABLE = readTable().filter(
  ({ waymark, request: { tags } }) =>
    waymark?.config_error === undefined &&
    (tags === undefined || (Array.isArray(tags) && tags.every((tag) => typeof tag === 'string' && tag !== ''))),
);

describe('waymark explain --json answers the table of tag cases', () => {
  it.each(WRITABLE.map((row) => [`${row.n}: ${row.why}`, row] as const))('%s', async (_, row) => {
    const { eligible, ...expected } = normalAnswer(row.waymark ?? {});
    const { eligible: found, ...answer } = normalAnswer(await explainRow(row));
    expect(answer).toEqual(expected);
    // A 503 after fail-open names no eligible deployments in the table.
    if (eligible !== undefined) expect(found).toEqual(eligible);
  });
});

async function explainRow(row: TagCase): Promise<CaseAnswer> {
  const placed = placeRow(row);
  const { tags, user_agent, policy_tags, allowed_tags, virtual_key, on_unpermitted_tag, enable_tag_filtering } =
    row.request;
  const config = JSON.stringify(gatewayConfigOf([placed], () => 'http://127.0.0.1:9'));
  const recorded = recordedIo({ files: { '/home/someone/config.yaml': config } });
  const status = await runExplain(
    {
      config: 'config.yaml',
      model: placedModel(placed),
      ...(tags === undefined ? {} : { tags: tags as string[] }),
      ...(user_agent === undefined ? {} : { userAgent: user_agent }),
      ...(policy_tags === undefined ? {} : { policyTags: policy_tags }),
      ...(allowed_tags === undefined ? {} : { allowedTags: allowed_tags }),
      virtualKey: virtual_key === true,
      onUnpermittedTag: on_unpermitted_tag ?? 'reject',
      enableTagFiltering: enable_tag_filtering === true,
      cooling: row.deployments.filter((each) => each.cooled_down === true).map((each) => placedId(placed, each.id)),
      seed: 1,
      json: true,
    },
    undefined,
    recorded.io,
  );
  const answer = JSON.parse(recorded.out()) as Required<CaseAnswer> & { decision: string };
  expect(status).toBe(answer.decision === 'send' ? 0 : 1);
  const inCase = (ids: readonly string[]): string[] => ids.map((id) => idInCase(placed, id));
  if (answer.decision !== 'send') {
    const refused = { status: answer.status, code: answer.code };
    return answer.status === 503 ? { ...refused, eligible: inCase(answer.eligible) } : refused;
  }
  return {
    eligible: inCase(answer.eligible),
    available: inCase(answer.available),
    failed_open: answer.failed_open,
  };
}
