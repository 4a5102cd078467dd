import { describe, expect, it } from 'vitest';
import { ConfigRefused } from '../../src/compose.ts';
import { CaseGateway } from '../support/case-calls.ts';
import { bySettings } from '../support/case-gateway.ts';
import { normalAnswer, readTable } from '../support/tag-case.ts';
import { placeRow } from './over-http/config.ts';

const TABLE = readTable();
const LOADABLE = TABLE.filter((row) => row.waymark?.config_error === undefined);

describe('POST /route/explain answers the table of tag cases', () => {
  it.each(bySettings(LOADABLE).map((rows) => [JSON.stringify(rows[0]?.router), rows] as const))(
    'router settings %s',
    async (_, rows) => {
      await using gateway = await CaseGateway.start(rows.map(placeRow));
      for (const row of rows) {
        const { eligible, ...expected } = normalAnswer(row.waymark ?? {});
        const { eligible: found, ...answer } = normalAnswer(await gateway.explain(placeRow(row)));
        expect({ n: row.n, ...answer }).toEqual({ n: row.n, ...expected });
        // A 503 after fail-open names no eligible deployments in the table.
        if (eligible !== undefined) expect({ n: row.n, found }).toEqual({ n: row.n, found: eligible });
      }
    },
  );

  const broken = TABLE.filter((row) => row.waymark?.config_error !== undefined);
  it.each(broken.map((row) => [row.n, row] as const))('row %i: the config is refused', async (_, row) => {
    await expect(CaseGateway.start([placeRow(row)])).rejects.toThrow(ConfigRefused);
  });
});
