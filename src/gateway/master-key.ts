/** Shorter master keys can be guessed. Characters. */
const SHORTEST = 16;

/** Keys that stand in tutorials: known to everybody, whatever their length. */
const WELL_KNOWN: ReadonlySet<string> = new Set([
  'sk-1234',
  'sk-12345',
  'sk-123456',
  'sk-12345678',
  'sk-1234567890',
  'sk-1234567890abcdef',
  'sk-litellm-master-key',
  'sk-master-key',
  'your-master-key',
  'sk-your-master-key',
  'change-me',
  'changeme',
]);

/** True where a master key protects nothing: absent, under 16 characters, or well known. */
export function isWeakMasterKey(key: string | undefined): boolean {
  return key === undefined || key.length < SHORTEST || WELL_KNOWN.has(key.toLowerCase());
}
