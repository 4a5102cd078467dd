import { modelDelete, modelNew, modelUpdate } from '../../../accounts/fields/model-bodies.ts';
import { changeModel, deleteModel, makeModel, type ModelChange } from '../../../accounts/service/models.ts';
import { modelRow } from '../../../accounts/views/other-views.ts';
import { messageAnswer, modelRowAnswer } from '../answers.ts';
import { route, type AdminRoute } from '../route.ts';

function shown({ record, warnings }: ModelChange, ofBody: readonly string[]): object {
  const { sealedCredentials: _sealed, ...model } = record;
  return { ...modelRow(model), warnings: [...ofBody, ...warnings] };
}

export const MODEL_ROUTES: readonly AdminRoute[] = [
  route('POST /model/new', {
    permission: 'model.create',
    summary: 'Adds a deployment that is kept in the database, its credentials sealed. It is served at once.',
    body: modelNew,
    answer: modelRowAnswer,
    run: async ({ ask, body }, parts) => shown(await makeModel(body.value, ask, parts), body.warnings),
  }),
  route('POST /model/update', {
    permission: 'model.update',
    summary: 'Changes a deployment of the database. Fields inside are merged; a null inside deletes.',
    body: modelUpdate,
    answer: modelRowAnswer,
    run: async ({ ask, body }, parts) => shown(await changeModel(body.value, ask, parts), body.warnings),
  }),
  route('POST /model/delete', {
    permission: 'model.delete',
    summary: 'Deletes a deployment of the database. Those of the config are changed there.',
    body: modelDelete,
    answer: messageAnswer,
    run: async ({ ask, body }, parts) => {
      const { id } = await deleteModel(body.value.id, ask, parts);
      return { message: `Model: ${id} deleted successfully` };
    },
  }),
];
