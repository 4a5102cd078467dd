import { z } from 'zod';
import { acted, ignored, required, shown, stored } from './field.ts';
import { FINER_LIMIT_FIELDS, LIMIT_FIELDS } from './limit-fields.ts';
import { TAG_GRANT_FIELDS } from './tag-fields.ts';
import * as of from './values.ts';

const PROJECT_FIELDS = {
  project_alias: acted(of.name, 'A name for people to read.'),
  description: shown(of.freeText, 'What the project is for.'),
  models: acted(
    of.models,
    'Groups, wildcards and access groups that keys of the project may use. Empty: all of its team.',
  ),
  blocked: acted(of.flag, 'True: no key of the project may be used.'),
  ...TAG_GRANT_FIELDS,
  ...LIMIT_FIELDS,
  ...FINER_LIMIT_FIELDS,
  budget_id: stored(of.name, 'A budget of LiteLLM by id.'),
  object_permission: stored(of.anyObject, 'Permissions for MCP servers, vector stores and agents.'),
  spend: ignored(of.anyNumber, 'Spending is counted by the gateway.'),
};

/** `POST /project/new`. */
export const projectNew = z.strictObject({
  project_id: acted(of.name, 'An id of your own. Left out: one is made.'),
  team_id: required(of.name, 'The team that the project belongs to, for good.'),
  ...PROJECT_FIELDS,
});

/** `POST /project/update`. What is left out stays; an explicit null deletes. */
export const projectUpdate = z.strictObject({ project_id: required(of.name, 'The project.'), ...PROJECT_FIELDS });

/** `DELETE /project/delete`. The keys of the projects go with them. */
export const projectDelete = z.strictObject({ project_ids: required(of.names, 'The projects.') });

export type ProjectFields = Omit<z.output<typeof projectUpdate>, 'project_id'>;
