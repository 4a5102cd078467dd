import { newProject } from '../build/project.ts';
import type { JsonObject, ProjectRecord } from '../contract.ts';
import { projectNew } from '../fields/project-bodies.ts';
import { buildContextOf, grantFieldsOf, leftColumns, limitFieldsOf, readAs, trimmed } from './mapped.ts';
import type { MapContext, Mapped } from './mapped.ts';
import { fieldsOf, stampsOf, textIn, textsOf } from './row.ts';

const FIELDS = ['models', 'blocked', 'model_rpm_limit', 'model_tpm_limit'];
const TEXTS = ['project_id', 'team_id', 'description', 'budget_id'];
const LEFT = ['object_permission_id'];

export function mapProject(row: JsonObject, context: MapContext): Mapped<ProjectRecord> {
  const teamId = textIn(row, 'team_id');
  if (teamId === undefined) return { kind: 'left', reason: 'It belongs to no team, and a project here always does.' };
  const grant = grantFieldsOf(row);
  return readAs({
    shape: projectNew,
    body: {
      ...limitFieldsOf(row, context.budgets),
      ...textsOf(row, TEXTS),
      ...trimmed(row, ['project_alias']),
      ...fieldsOf(row, FIELDS),
      ...grant.fields,
    },
    build: (given) => {
      const ids = { projectId: textIn(row, 'project_id') ?? '', teamId };
      const built = newProject(given, ids, buildContextOf(context));
      return built.ok ? { ok: true, record: { ...built.record, ...stampsOf(row, context.now) } } : built;
    },
    notes: [...grant.notes, ...leftColumns(row, LEFT)],
  });
}
