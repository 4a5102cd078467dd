import type { z } from 'zod';
import { parseTag, tagShapeProblem, trimTag } from '../../core/routing/tag.ts';
import type { JsonObject, TagGrant } from '../contract.ts';
import { invalid, kindOf, type FieldProblem } from '../fields/json-problem.ts';
import type { TAG_GRANT_FIELDS } from '../fields/tag-fields.ts';
import { merged, next, unique, type Built, type Given } from './build.ts';

export type TagGrantFields = z.output<z.ZodObject<typeof TAG_GRANT_FIELDS>>;

/** A grant with the two places of a record that its fields reach into besides. */
export interface GrantAndNotes extends TagGrant {
  readonly metadata: JsonObject;
  readonly extra: JsonObject;
}

export const NO_GRANT: GrantAndNotes = {
  tags: [],
  allowedTags: null,
  onUnpermittedTag: null,
  enableTagFiltering: null,
  metadata: {},
  extra: {},
};

/**
 * What a body says of tags, over what was so far. `tags` and `metadata.tags` are one field: both given, they must agree. A null
 * for the whole of `metadata` deletes the notes and leaves the tags: what binds a key does not fall off it by the way.
 */
export function tagGrantFrom(
  { value, extra }: Given<TagGrantFields>,
  was: GrantAndNotes,
  prefix: string,
): Built<GrantAndNotes> {
  const tags = policyTagsOf(value, prefix);
  if (!tags.ok) return tags;
  const allowed = readTags(value.allowed_tags, { field: 'allowed_tags', check: (tag) => allowedProblem(tag, prefix) });
  if (!allowed.ok) return allowed;
  const { tags: _tags, ...notes } = value.metadata ?? {};
  const { enable_tag_filtering: filtering, ...otherSettings } = value.router_settings ?? {};
  const settings = value.router_settings === null ? {} : merged(settingsOf(was), otherSettings);
  const record: GrantAndNotes = {
    tags: next(tags.record, was.tags, []),
    allowedTags: next(allowed.record, was.allowedTags, null),
    onUnpermittedTag: next(value.on_unpermitted_tag, was.onUnpermittedTag, null),
    enableTagFiltering: next(value.router_settings === null ? null : filtering, was.enableTagFiltering, null),
    metadata: value.metadata === null ? {} : merged(was.metadata, notes),
    extra: merged(was.extra, { ...extra, router_settings: Object.keys(settings).length === 0 ? null : settings }),
  };
  return { ok: true, record };
}

function settingsOf({ extra }: GrantAndNotes): JsonObject {
  const settings = extra['router_settings'];
  return typeof settings === 'object' && settings !== null && !Array.isArray(settings) ? (settings as JsonObject) : {};
}

type TagList = readonly string[] | null | undefined;

function policyTagsOf(value: TagGrantFields, prefix: string): Built<TagList> {
  const check = (tag: string): string | undefined => policyProblem(tag, prefix);
  const own = readTags(value.tags, { field: 'tags', check });
  if (!own.ok) return own;
  const noted = readTags(value.metadata?.['tags'], { field: 'metadata.tags', check });
  if (!noted.ok || noted.record === undefined) return noted.ok ? own : noted;
  if (own.record !== undefined && JSON.stringify(own.record ?? []) !== JSON.stringify(noted.record ?? [])) {
    const message = 'tags and metadata.tags are one field under two names, and they differ. Send one of them.';
    return { ok: false, problem: { code: 'invalid_field', field: 'tags', message } };
  }
  return noted;
}

interface TagListRules {
  readonly field: string;
  /** A clause that says what is wrong with a tag. */
  readonly check: (tag: string) => string | undefined;
}

/** Trimmed, each once. */
function readTags(value: unknown, { field, check }: TagListRules): Built<TagList> {
  if (value === undefined || value === null) return { ok: true, record: value };
  if (!Array.isArray(value)) return refuse(invalid(field, `is ${kindOf(value)}, not a list`));
  const tags: string[] = [];
  for (const [index, entry] of value.entries()) {
    const path = `${field}[${index}]`;
    if (typeof entry !== 'string') return refuse(invalid(path, `is ${kindOf(entry)}, not a text`));
    const clause = check(trimTag(entry));
    if (clause !== undefined) return refuse(invalid(path, clause));
    tags.push(trimTag(entry));
  }
  return { ok: true, record: unique(tags) };
}

function refuse(problem: FieldProblem): { ok: false; problem: FieldProblem } {
  return { ok: false, problem };
}

/** A policy tag may have a marker, and the prefix in front. */
function policyProblem(tag: string, prefix: string): string | undefined {
  const lone = 'is only a marker, with no tag behind it';
  return tagShapeProblem(tag, prefix) ?? (parseTag(tag, prefix).kind === 'ignored' ? lone : undefined);
}

/** Whether patterns cover or meet each other takes time that grows with both: patterns come from people who manage one team. */
const MOST_STARS = 4;
const LONGEST_PATTERN = 128;

/** `allowed_tags` are names: a marker or the prefix in front would never match one. */
function allowedProblem(tag: string, prefix: string): string | undefined {
  const shape = tagShapeProblem(tag, prefix);
  if (shape !== undefined) return shape;
  if (prefix !== '' && tag.startsWith(prefix)) return `begins with the prefix ${prefix}. Write the name without it`;
  if (/^[!&]/.test(tag)) return 'begins with a marker. Write the name without it';
  const stars = tag.split('*').length - 1;
  if (stars > MOST_STARS) return `has more than ${MOST_STARS} wildcards`;
  return stars > 0 && tag.length > LONGEST_PATTERN
    ? `is a pattern of more than ${LONGEST_PATTERN} characters`
    : undefined;
}
