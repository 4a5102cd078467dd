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
  const merging: Merging = { prefix, merged: new Map(), sent: 0 };
  const refusal =
    (header === undefined ? undefined : merge(merging, 'header', headerParts(header))) ??
    merge(merging, 'body.tags', tags) ??
    merge(merging, 'body.metadata.tags', metadataTags) ??
    merge(merging, 'body.litellm_metadata.tags', litellmMetadataTags);
  return refusal ?? { ok: true, tags: Array.from(merging.merged, ([text, sources]) => ({ text, sources })) };
}

interface Merging {
  readonly prefix: string;
  readonly merged: Map<string, CallerTagSource[]>;
  /** Entries so far, repeats counted. */
  sent: number;
}

type ShapeRefusal = Extract<CallerTagReading, { ok: false }>;

/** Adds the tags of one place. One text is one tag; null is none. Undefined: all of them have the right shape. */
function merge(merging: Merging, source: CallerTagSource, value: unknown): ShapeRefusal | undefined {
  if (value === undefined || value === null) return undefined;
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  for (let index = 0; index < list.length; index += 1) {
    const entry = list[index];
    // Names are made only for a refusal: most calls have none.
    const named = (): string => (Array.isArray(value) ? entryName(source, index) : FIELDS[source]);
    if (typeof entry !== 'string') return refused(named(), `is ${typeName(entry)}, not a text`);
    const tag = trimTag(entry);
    const problem = tagShapeProblem(tag, merging.prefix);
    if (problem !== undefined) return refused(named(), problem);
    merging.sent += 1;
    if (merging.sent > MAX_CALLER_TAGS) return refused(FIELDS[source], `brings the call over ${MAX_CALLER_TAGS} tags`);
    addSource(merging.merged, tag, source);
  }
  return undefined;
}

const FIELDS: Readonly<Record<CallerTagSource, string>> = {
  header: 'x-litellm-tags',
  'body.tags': 'tags',
  'body.metadata.tags': 'metadata.tags',
  'body.litellm_metadata.tags': 'litellm_metadata.tags',
};

function entryName(source: CallerTagSource, index: number): string {
  return source === 'header' ? FIELDS.header : `${FIELDS[source]}[${index}]`;
}

function headerParts(header: string): string[] {
  return header.split(',').filter((part) => trimTag(part) !== '');
}

function addSource(merged: Map<string, CallerTagSource[]>, tag: string, source: CallerTagSource): void {
  const known = merged.get(tag);
  if (known === undefined) merged.set(tag, [source]);
  else if (!known.includes(source)) known.push(source);
}

function refused(field: string, clause: string): ShapeRefusal {
  return { ok: false, field, message: `${field} ${clause}. Tags are non-empty texts.` };
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
