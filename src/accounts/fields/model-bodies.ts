import { z } from 'zod';
import { acted, required } from './field.ts';
import * as of from './values.ts';

/** Anything that `litellm_params` takes in a config; read as the config is. */
const params = z.looseObject({
  model: required(z.string().min(1, 'is empty'), 'Provider and model: `openai/gpt-5`.'),
});

/** `POST /model/new`: a deployment kept in the database. */
export const modelNew = z.strictObject({
  model_name: required(of.name, 'The group that the deployment belongs to.'),
  litellm_params: required(params, 'As in the config: model, api_key, api_base, tags ... Credentials are sealed.'),
  model_info: acted(
    z.looseObject({ id: acted(of.name, 'An id of your own. Left out: one is made.') }),
    'As in the config.',
  ),
});

/** `POST /model/update`. Fields inside are merged; a null inside deletes. */
export const modelUpdate = z.strictObject({
  model_name: acted(of.name, 'The group that the deployment belongs to.'),
  litellm_params: acted(of.anyObject, 'Only what changes.'),
  model_info: required(z.looseObject({ id: required(of.name, 'The deployment.') }), 'The id, and what changes.'),
});

/** `POST /model/delete`. */
export const modelDelete = z.strictObject({ id: required(of.name, 'The deployment.') });

export type ModelNewBody = z.output<typeof modelNew>;
export type ModelUpdateBody = z.output<typeof modelUpdate>;
