import { z } from 'zod';
import { acted, ignored, required, shown, stored } from './field.ts';
import { LIMIT_FIELDS } from './limit-fields.ts';
import * as of from './values.ts';

const TAG_FIELDS = {
  name: required(of.name, 'The tag.'),
  description: acted(of.freeText, 'What the tag is for.'),
  models: acted(
    of.names,
    'Groups or deployment ids that the tag is meant for. To route by it, put it in the tags of deployments.',
  ),
  model_info: shown(of.anyObject, 'Names of deployments by id, for display.'),
  ...LIMIT_FIELDS,
  model_max_budget: stored(of.anyObject, 'Budgets by model.'),
  budget_id: stored(of.name, 'A budget of LiteLLM by id.'),
  team_id: stored(of.name, 'The team that owns the tag.'),
  spend: ignored(of.anyNumber, 'Spending is counted by the gateway.'),
};

/** `POST /tag/new`. */
export const tagNew = z.strictObject(TAG_FIELDS);

/** `POST /tag/update`. What is left out stays; an explicit null deletes. */
export const tagUpdate = z.strictObject(TAG_FIELDS);

/** `POST /tag/info`. */
export const tagInfo = z.strictObject({ names: required(of.names, 'The tags.') });

/** `POST /tag/delete`. Deployments and keys keep the tag. */
export const tagDelete = z.strictObject({ name: required(of.name, 'The tag.') });

export type TagFields = Omit<z.output<typeof tagNew>, 'name'>;
