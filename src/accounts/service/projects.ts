import type { Given } from '../build/build.ts';
import { newProject, updatedProject } from '../build/project.ts';
import type { ProjectRecord } from '../contract.ts';
import type { ProjectFields } from '../fields/project-bodies.ts';
import { buildContext, type AccountsParts, type Ask } from './ask.ts';
import { auditEntry } from './audit.ts';
import { builtOrRefused, notFound } from './refusals.ts';
import { permit, permitAtAll } from './scopes.ts';

type NewFields = ProjectFields & { readonly team_id: string; readonly project_id?: string | null | undefined };

/** `POST /project/new`. */
export async function makeProject(given: Given<NewFields>, ask: Ask, parts: AccountsParts): Promise<ProjectRecord> {
  permitAtAll(ask);
  const { team_id: teamId, project_id: givenId } = given.value;
  const team = await parts.store.getTeam(teamId);
  if (team === undefined) throw notFound('team', 'team_id');
  const projectId = givenId ?? parts.newId();
  const project = builtOrRefused(newProject(given, { projectId, teamId }, buildContext(ask, parts)));
  await parts.store.apply({
    put: { projects: [project] },
    createOnly: true,
    audit: [auditEntry({ type: 'project', id: projectId, after: project }, ask, parts)],
  });
  return project;
}

/** The project that a field names, where the caller may do what it asks for; else 404, or 403 for one that it may see. */
export async function permittedProject(
  { projectId, param = 'project_id' }: { readonly projectId: string; readonly param?: string },
  ask: Ask,
  parts: AccountsParts,
): Promise<ProjectRecord> {
  const project = await parts.store.getProject(projectId);
  if (project === undefined) throw notFound('project', param);
  permit(ask, { teamId: project.teamId }, { type: 'project', param });
  return project;
}

/** `POST /project/update`. */
export async function changeProject(
  given: Given<ProjectFields & { readonly project_id: string }>,
  ask: Ask,
  parts: AccountsParts,
): Promise<{ readonly project: ProjectRecord; readonly was: ProjectRecord }> {
  const was = await permittedProject({ projectId: given.value.project_id }, ask, parts);
  const project = builtOrRefused(updatedProject(given, was, buildContext(ask, parts)));
  await parts.store.apply({
    put: { projects: [project] },
    expect: [{ type: 'project', id: was.projectId, updatedAt: was.updatedAt }],
    audit: [auditEntry({ type: 'project', id: project.projectId, before: was, after: project }, ask, parts)],
  });
  return { project, was };
}

/** `DELETE /project/delete`: all that are named, with their keys, or none. */
export async function deleteProjects(
  projectIds: readonly string[],
  ask: Ask,
  parts: AccountsParts,
): Promise<readonly ProjectRecord[]> {
  const projects = new Map<string, ProjectRecord>();
  for (const [index, projectId] of projectIds.entries()) {
    projects.set(projectId, await permittedProject({ projectId, param: `project_ids[${index}]` }, ask, parts));
  }
  const gone = [...projects.values()];
  await parts.store.apply({
    remove: { project: gone.map(({ projectId }) => projectId) },
    audit: gone.map((before) => auditEntry({ type: 'project', id: before.projectId, before }, ask, parts)),
  });
  return gone;
}
