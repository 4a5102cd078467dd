import { FALLBACK_FIELDS, isControl, isForbidden } from '../fields.ts';

/** Fields that say where a call goes, or what becomes of it. */
const STEERING: ReadonlySet<string> = new Set([
  'model',
  'stream',
  'tags',
  'metadata',
  'litellm_metadata',
  ...FALLBACK_FIELDS,
  'timeout',
  'stream_timeout',
  'mock_response',
  '_charset_',
]);

/**
 * Those that may come once the call is on its way: `stream` is for the upstream, whose answer says which it is; tags are held to
 * where the call has gone. The others would come too late to be acted on.
 */
const MAY_BE_LATE: ReadonlySet<string> = new Set(['stream', 'tags', 'metadata', 'litellm_metadata', '_charset_']);

export function mayBeLate(base: string): boolean {
  return MAY_BE_LATE.has(base);
}

/** Fields that may hold tags. */
export const TAG_FIELDS = ['tags', 'metadata', 'litellm_metadata'] as const;

/** How the value of a steering field is written: as one text, as a list in several parts, or as the tags of an object in parts. */
export type Writing = 'text' | 'list' | 'tags-text' | 'tags-list';

/** What the gateway does with a field, by its name. */
export type FieldRule =
  | { readonly kind: 'pass' }
  | { readonly kind: 'forbidden' }
  /** Differs from a field of ours in case alone: some upstreams would take it for that one. */
  | { readonly kind: 'lookalike' }
  | { readonly kind: 'misshapen' }
  | { readonly kind: 'drop' }
  | { readonly kind: 'read'; readonly base: string; readonly writing: Writing };

/** `image[]` -> `image`: what a field is called, however its values are spread over parts. */
export function baseOf(name: string): string {
  const bracket = name.indexOf('[');
  return bracket === -1 ? name : name.slice(0, bracket);
}

/** The rule for a field called `name`, brackets included. */
export function ruleOf(name: string): FieldRule {
  const base = baseOf(name);
  const folded = base.toLowerCase();
  if (isForbidden(folded)) return { kind: 'forbidden' };
  if (!STEERING.has(folded) && !isControl(folded)) return { kind: 'pass' };
  if (folded !== base) return { kind: 'lookalike' };
  if (!STEERING.has(base)) return { kind: 'drop' };
  return readRule(base, name.slice(base.length));
}

/** True for what is ours: it does not go upstream (`model` and `stream` do). */
export function staysHere(name: string): boolean {
  const base = baseOf(name);
  return base === 'metadata' || base === '_charset_' || isControl(base);
}

/** Official clients spell lists `tags[]`, and objects `metadata[tags][]`. */
function readRule(base: string, brackets: string): FieldRule {
  if (brackets === '') return { kind: 'read', base, writing: 'text' };
  if (base === 'tags' && isList(brackets)) return { kind: 'read', base, writing: 'list' };
  if (base !== 'metadata' && base !== 'litellm_metadata') return { kind: 'misshapen' };
  if (!brackets.startsWith('[tags]')) return { kind: 'drop' };
  const behind = brackets.slice('[tags]'.length);
  if (behind === '') return { kind: 'read', base, writing: 'tags-text' };
  return isList(behind) ? { kind: 'read', base, writing: 'tags-list' } : { kind: 'misshapen' };
}

function isList(brackets: string): boolean {
  return /^\[\d{0,3}\]$/.test(brackets);
}
