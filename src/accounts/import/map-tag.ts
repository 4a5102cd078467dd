import { newTag } from '../build/tag.ts';
import type { JsonObject, TagRecord } from '../contract.ts';
import { tagNew } from '../fields/tag-bodies.ts';
import { buildContextOf, limitFieldsOf, readAs } from './mapped.ts';
import type { MapContext, Mapped } from './mapped.ts';
import { fieldsOf, stampsOf, textIn, textsOf } from './row.ts';

/** A row of the tag registry. The tags of deployments, keys and teams stand with those. */
export function mapTag(row: JsonObject, context: MapContext): Mapped<TagRecord> {
  const name = textIn(row, 'tag_name') ?? '';
  return readAs({
    shape: tagNew,
    body: {
      name,
      ...textsOf(row, ['description', 'budget_id', 'team_id']),
      ...fieldsOf(row, ['models', 'model_info']),
      ...limitFieldsOf(row, context.budgets),
    },
    build: (given) => {
      const built = newTag(given, name, buildContextOf(context));
      return built.ok ? { ok: true, record: { ...built.record, ...stampsOf(row, context.now) } } : built;
    },
    notes: [],
  });
}
