import type { CallerTag, CallerTagSource } from './facts.ts';
import { MAX_CALLER_TAGS, tagShapeProblem, trimTag } from './tag.ts';

/** The places a caller may put tags, as received: the header's text, and parsed JSON values. */
export interface CallerTagInput {
  /** `x-litellm-tags`, decoded. */
  readonly header?: string | undefined;
  readonly tags?: unknown;
  readonly metadataTags?: unknown;
  readonly litellmMetadataTags?: unknown;
}

export type CallerTagReading =
  | { readonly ok: true; readonly tags: readonly CallerTag[] }
  | { readonly ok: false; readonly field: string; readonly message: string };

const NONE: CallerTagReading = { ok: true, tags: [] };

/**
 * Merges the tags of all places in the order header, `tags`, `metadata.tags`, `litellm_metadata.tags`, without repeats;
 * each keeps all of its sources. A wrong shape names its field (`tags[2]`).
 */
export function readCallerTags(input: CallerTagInput, prefix: string): CallerTagReading {
  const { header, tags, metadataTags, litellmMetadataTags } = input;
  if (header === undefined && tags == null && metadataTags == null && litellmMetadataTags == null) return NONE;
  const places: readonly Place[] = [
    { source: 'header', field: 'x-litellm-tags', value: header === undefined ? undefined : headerParts(header) },
    { source: 'body.tags', field: 'tags', value: tags },
    { source: 'body.metadata.tags', field: 'metadata.tags', value: metadataTags },
    { source: 'body.litellm_metadata.tags', field: 'litellm_metadata.tags', value: litellmMetadataTags },
  ];
  const merged = new Map<string, CallerTagSource[]>();
  let sent = 0;
  for (const place of places) {
    for (const entry of entriesOf(place)) {
      if (typeof entry.value !== 'string') return refused(entry.field, `is ${typeName(entry.value)}, not a text`);
      const tag = trimTag(entry.value);
      const problem = tagShapeProblem(tag, prefix);
      if (problem !== undefined) return refused(entry.field, problem);
      sent += 1;
      if (sent > MAX_CALLER_TAGS) return refused(place.field, `brings the call over ${MAX_CALLER_TAGS} tags`);
      addSource(merged, tag, place.source);
    }
  }
  return { ok: true, tags: Array.from(merged, ([text, sources]) => ({ text, sources })) };
}

interface Place {
  readonly source: CallerTagSource;
  readonly field: string;
  readonly value: unknown;
}

/** Each entry with the field that names it. One text is one tag; null is none; any other shape is its own bad entry. */
function entriesOf({ field, value }: Place): readonly { field: string; value: unknown }[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) return [{ field, value }];
  return value.map((entry: unknown, index) => ({
    field: field === 'x-litellm-tags' ? field : `${field}[${index}]`,
    value: entry,
  }));
}

function headerParts(header: string): string[] {
  return header.split(',').filter((part) => trimTag(part) !== '');
}

function addSource(merged: Map<string, CallerTagSource[]>, tag: string, source: CallerTagSource): void {
  const known = merged.get(tag);
  if (known === undefined) merged.set(tag, [source]);
  else if (!known.includes(source)) known.push(source);
}

function refused(field: string, clause: string): CallerTagReading {
  return { ok: false, field, message: `${field} ${clause}. Tags are non-empty texts.` };
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
