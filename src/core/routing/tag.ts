/** The one reserved tag: untagged calls, and calls whose tags nobody knows, go to deployments that carry it literally. */
export const DEFAULT_TAG = 'default';

/** How a tag reads: a plain name, a requirement (`&x`), an exclusion (`!x`), or nothing (a lone marker). */
export type TagKind = 'plain' | 'require' | 'exclude' | 'ignored';

/** A tag without its prefix and marker. */
export interface ParsedTag {
  readonly kind: TagKind;
  readonly name: string;
  /** True when it was sent with `tag_routing_prefix` in front. */
  readonly prefixed: boolean;
}

/** Reads prefix, then marker. `text` is trimmed and not empty. */
export function parseTag(text: string, prefix: string): ParsedTag {
  const prefixed = prefix !== '' && text.startsWith(prefix);
  const rest = prefixed ? text.slice(prefix.length) : text;
  const first = rest.charCodeAt(0);
  if (first !== EXCLUDE && first !== REQUIRE) return { kind: 'plain', name: rest, prefixed };
  if (rest.length === 1) return { kind: 'ignored', name: '', prefixed };
  return { kind: first === EXCLUDE ? 'exclude' : 'require', name: rest.slice(1), prefixed };
}

const EXCLUDE = 0x21;
const REQUIRE = 0x26;

/** Most bytes (UTF-8) that one tag may have. */
export const MAX_TAG_BYTES = 256;
/** Most tags that one call may send, over all places, repeats counted. */
export const MAX_CALLER_TAGS = 64;

const EDGE_SPACE = /^[\t-\r ]+|[\t-\r ]+$/g;
// oxlint-disable-next-line no-control-regex -- control characters are what this looks for
const CONTROL = /[\u0000-\u001f\u007f]/;

/** Drops the white space around a tag: U+0009 to U+000D and U+0020, no other. */
export function trimTag(text: string): string {
  if (!isSpace(text.charCodeAt(0)) && !isSpace(text.charCodeAt(text.length - 1))) return text;
  return text.replace(EDGE_SPACE, '');
}

function isSpace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}

/** What is wrong with the shape of a trimmed tag, as a clause to follow the field's name; undefined: nothing. */
export function tagShapeProblem(tag: string, prefix: string): string | undefined {
  if (tag === '') return 'is an empty text';
  if (prefix !== '' && tag === prefix) return `is only the prefix ${JSON.stringify(prefix)}, with no tag behind it`;
  if (CONTROL.test(tag)) return 'has a control character in it';
  if (utf8Length(tag) > MAX_TAG_BYTES) return `is longer than ${MAX_TAG_BYTES} bytes`;
  return undefined;
}

const encoder = new TextEncoder();

function utf8Length(text: string): number {
  // No UTF-16 unit takes more than three bytes: short texts need no encoding.
  return text.length * 3 <= MAX_TAG_BYTES ? 0 : encoder.encode(text).length;
}
