import { describe, expect, it } from 'vitest';
import { CaseGateway } from '../support/case-calls.ts';
import { bySettings } from '../support/case-gateway.ts';
import { readTable } from '../support/tag-case.ts';
import type { TagCase } from '../support/tag-case.ts';
import { placeRow } from './over-http/config.ts';

const LOADABLE = readTable().filter((row) => row.waymark?.config_error === undefined);

/** Misses one of four equally likely deployments once in a million rows. */
const MOST_CALLS = 60;

describe('real calls go where the table of tag cases says, and nowhere else', () => {
  it.each(bySettings(LOADABLE).map((rows) => [JSON.stringify(rows[0]?.router), rows] as const))(
    'router settings %s',
    { timeout: 60_000 },
    async (_, rows) => {
      await using gateway = await CaseGateway.start(rows.map(placeRow));
      for (const row of rows) await holdToTable(gateway, row);
    },
  );
});

/** Calls until every available deployment has served. The gateway checks that nobody else received a byte. */
async function holdToTable(gateway: CaseGateway, row: TagCase): Promise<void> {
  const available = [...(row.waymark?.available ?? [])].sort();
  const placed = placeRow(row);
  const key = gateway.keyOf(placed);
  const served = new Set<string>();
  for (let call = 0; call < MOST_CALLS; call += 1) {
    const outcome = await gateway.call(placed, key);
    if (available.length === 0) {
      expect({ n: row.n, ...outcome }).toEqual({ n: row.n, status: row.waymark?.status, code: row.waymark?.code });
      return;
    }
    expect({ n: row.n, outcome }).toEqual({ n: row.n, outcome: { served: expect.any(String) } });
    if ('served' in outcome) served.add(outcome.served);
    if (available.every((id) => served.has(id))) break;
  }
  expect({ n: row.n, served: [...served].sort() }).toEqual({ n: row.n, served: available });
}
