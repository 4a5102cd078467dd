import type { ProjectRecord } from '../contract.ts';
import type { ProjectFields } from '../fields/project-bodies.ts';
import { created, next, unique, updated, type BuildContext, type Built, type Given } from './build.ts';
import { limitsFrom, NO_LIMITS } from './limits.ts';
import { NO_GRANT, tagGrantFrom } from './tag-grant.ts';

export function newProject(
  given: Given<ProjectFields>,
  ids: Pick<ProjectRecord, 'projectId' | 'teamId'>,
  context: BuildContext,
): Built<ProjectRecord> {
  const blank: ProjectRecord = {
    ...ids,
    alias: null,
    models: [],
    blocked: false,
    ...NO_GRANT,
    ...NO_LIMITS,
    ...created(context),
  };
  return changed(given, blank, context);
}

export function updatedProject(
  given: Given<ProjectFields>,
  was: ProjectRecord,
  context: BuildContext,
): Built<ProjectRecord> {
  const built = changed(given, was, context);
  return built.ok ? { ok: true, record: { ...built.record, ...updated(was, context) } } : built;
}

function changed(given: Given<ProjectFields>, was: ProjectRecord, context: BuildContext): Built<ProjectRecord> {
  const { value } = given;
  const grant = tagGrantFrom(given, was, context.prefix);
  if (!grant.ok) return grant;
  const record: ProjectRecord = {
    ...was,
    ...grant.record,
    ...limitsFrom(value, was),
    alias: next(value.project_alias, was.alias, null),
    models: unique(next<readonly string[]>(value.models, was.models, [])),
    blocked: next(value.blocked, was.blocked, false),
  };
  return { ok: true, record };
}
