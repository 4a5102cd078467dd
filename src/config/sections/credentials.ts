import { Fields } from '../fields.ts';
import type { ConfigNode, MapNode } from '../tree/node.ts';
import type { Reading } from './reading.ts';

/** `credential_list` by name. */
export function readCredentials(
  section: ConfigNode | undefined,
  reading: Reading,
): ReadonlyMap<string, MapNode | undefined> {
  const credentials = new Map<string, MapNode | undefined>();
  const items = section?.kind === 'list' ? section.items : [];
  items.forEach((item, index) => {
    const path = `credential_list[${index}]`;
    const fields = new Fields(item.kind === 'map' ? item : undefined, path, reading.findings);
    const name = fields.text('credential_name');
    if (name === undefined) {
      const hint = 'Write `credential_name:` and `credential_values:`.';
      reading.findings.report('bad-entry', {
        message: `${path} has no credential_name and is left out.`,
        path,
        at: item.at,
        hint,
      });
      return;
    }
    credentials.set(name, fields.map('credential_values'));
  });
  return credentials;
}
