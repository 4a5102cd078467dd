import { z } from 'zod';
import type { ProjectRecord } from '../../../accounts/contract.ts';
import { projectDelete, projectNew, projectUpdate } from '../../../accounts/fields/project-bodies.ts';
import { listProjects } from '../../../accounts/service/lists.ts';
import { changeProject, deleteProjects, makeProject, permittedProject } from '../../../accounts/service/projects.ts';
import { warningsForScope } from '../../../accounts/service/tag-warnings.ts';
import { namedPage } from '../../../accounts/views/page-views.ts';
import { projectRow } from '../../../accounts/views/team-views.ts';
import { pageAnswer, projectMadeAnswer, projectRowAnswer, said } from '../answers.ts';
import { listQuery, pageFields, text } from '../query.ts';
import { route, type AdminRoute, type RouteParts } from '../route.ts';

async function withWarnings(
  { project, was }: { readonly project: ProjectRecord; readonly was?: ProjectRecord },
  warnings: readonly string[],
  parts: RouteParts,
): Promise<object> {
  const added = project.tags.filter((tag) => was?.tags.includes(tag) !== true);
  const team = await parts.store.getTeam(project.teamId);
  const ofTags = team === undefined ? [] : warningsForScope({ team, project }, added, { parts });
  return { ...projectRow(project), warnings: [...warnings, ...ofTags] };
}

export const PROJECT_ROUTES: readonly AdminRoute[] = [
  route('POST /project/new', {
    permission: 'project.create',
    summary: 'Makes a project: it groups keys inside a team, and its tags bind them.',
    body: projectNew,
    answer: projectMadeAnswer,
    run: async ({ ask, body }, parts) =>
      await withWarnings({ project: await makeProject(body, ask, parts) }, body.warnings, parts),
  }),
  route('POST /project/update', {
    permission: 'project.update',
    summary: 'Changes a project. What is left out stays; an explicit null deletes.',
    body: projectUpdate,
    answer: projectMadeAnswer,
    run: async ({ ask, body }, parts) =>
      await withWarnings(await changeProject(body, ask, parts), body.warnings, parts),
  }),
  route('GET /project/info', {
    permission: 'project.read',
    summary: 'Shows a project.',
    query: z.object({ project_id: text.meta({ description: 'The project.' }) }),
    answer: projectRowAnswer,
    run: async ({ ask, query }, parts) =>
      projectRow(await permittedProject({ projectId: query.project_id }, ask, parts)),
  }),
  route('GET /project/list', {
    permission: 'project.list',
    summary: 'Lists the projects of the teams that you are in; all for proxy admins.',
    query: z.object({
      team_id: text.optional().meta({ description: 'Projects of this team.' }),
      ...pageFields('page_size'),
    }),
    answer: pageAnswer('projects', projectRowAnswer, 'The projects.'),
    run: async ({ ask, query }, parts) => {
      const paging = listQuery(query, query.page_size);
      const filter = query.team_id === undefined ? {} : { teamId: query.team_id };
      const page = await listProjects({ filter, query: paging }, ask, parts);
      return namedPage(page, paging, { projects: page.entries.map((project) => projectRow(project)) });
    },
  }),
  route('DELETE /project/delete', {
    permission: 'project.delete',
    summary: 'Deletes projects for good, with their keys: all that are named, or none.',
    body: projectDelete,
    answer: z.strictObject({ deleted_projects: said(z.array(z.string()), 'Ids of the projects that are gone.') }),
    run: async ({ ask, body }, parts) => {
      const gone = await deleteProjects(body.value.project_ids, ask, parts);
      return { deleted_projects: gone.map(({ projectId }) => projectId) };
    },
  }),
];
