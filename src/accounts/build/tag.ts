import { tagShapeProblem } from '../../core/routing/tag.ts';
import type { TagRecord } from '../contract.ts';
import { invalid } from '../fields/json-problem.ts';
import type { TagFields } from '../fields/tag-bodies.ts';
import { created, merged, next, unique, updated, type BuildContext, type Built, type Given } from './build.ts';
import { limitsFrom, NO_LIMITS } from './limits.ts';

/** A row of the tag registry. A name without a marker: the marker belongs to a use of the tag. */
export function newTag(given: Given<TagFields>, name: string, context: BuildContext): Built<TagRecord> {
  const clause =
    tagShapeProblem(name, context.prefix) ??
    (/^[!&]/.test(name) ? 'begins with a marker. Write the name without it' : undefined);
  if (clause !== undefined) return { ok: false, problem: invalid('name', clause) };
  const blank: TagRecord = { name, description: null, models: [], extra: {}, ...NO_LIMITS, ...created(context) };
  return { ok: true, record: changed(given, blank) };
}

export function updatedTag(given: Given<TagFields>, was: TagRecord, context: BuildContext): TagRecord {
  return { ...changed(given, was), ...updated(was, context) };
}

function changed({ value, extra }: Given<TagFields>, was: TagRecord): TagRecord {
  return {
    ...was,
    ...limitsFrom(value, was),
    description: next(value.description, was.description, null),
    models: unique(next<readonly string[]>(value.models, was.models, [])),
    extra: merged(was.extra, extra),
  };
}
