/** What the value of a key must be, in the words of messages and of the reference. */
export type KeyType =
  | 'text'
  | 'number'
  | 'whole number'
  | 'true or false'
  | 'list'
  | 'list of texts'
  | 'text or list of texts'
  | 'map'
  | 'list or map'
  | 'anything';

/**
 * What Waymark does with a key: `acts`; `coming` (read and explained, not acted on yet); `unsupported` (LiteLLM has it, Waymark does not);
 * `sent` (goes upstream as a request parameter); `kept` (shown again by `/model/info`, changes nothing); `inert` (harmless, changes nothing).
 */
export type KeyStatus = 'acts' | 'coming' | 'unsupported' | 'sent' | 'kept' | 'inert';

export interface KnownKey {
  readonly key: string;
  readonly type: KeyType;
  readonly status: KeyStatus;
  /** One sentence for the reference. */
  readonly text: string;
}

export type KeyTable = ReadonlyMap<string, KnownKey>;

/** A table from its rows. */
export function keyTable(...rows: readonly (readonly KnownKey[])[]): KeyTable {
  return new Map(rows.flat().map((row) => [row.key, row]));
}

/** One row: its name, type and status, and its sentence. */
export function key([name, type, status]: readonly [string, KeyType, KeyStatus], text: string): KnownKey {
  return { key: name, type, status, text };
}

/** Rows that LiteLLM has and Waymark does not act on, by name. */
export function unsupported(type: KeyType, names: string): readonly KnownKey[] {
  return words(names).map((name) =>
    key([name, type, 'unsupported'], 'LiteLLM has it; Waymark does not act on it yet.'),
  );
}

/** Rows of one status that need no sentence of their own. */
export function alike(
  status: KeyStatus,
  type: KeyType,
  spec: { readonly names: string; readonly text: string },
): readonly KnownKey[] {
  return words(spec.names).map((name) => key([name, type, status], spec.text));
}

function words(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}
