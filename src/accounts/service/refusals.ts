import { GatewayError } from '../../core/errors/gateway-error.ts';
import type { Built } from '../build/build.ts';
import { StoreConflict, StoreUnavailable, BadCursor, UnstorableValue, type ObjectType } from '../contract.ts';
import type { FieldProblem } from '../fields/json-problem.ts';

/** The same words for what is not there and for what the caller may not see. `param`: the field that named it. */
export function notFound(type: ObjectType, param: string): GatewayError {
  const message = `There is no such ${type}, or it is not within your sight.`;
  return new GatewayError('object_not_found', { message, param });
}

export function notPermitted(clause: string, param?: string): GatewayError {
  return new GatewayError('not_permitted', { message: clause, ...(param === undefined ? {} : { param }) });
}

export function fieldRefused({ code, field, message }: FieldProblem): GatewayError {
  return new GatewayError(code, { message, param: field });
}

/** What was built, or the refusal that says why it cannot be. */
export function builtOrRefused<R>(built: Built<R>): R {
  if (built.ok) return built.record;
  throw fieldRefused(built.problem);
}

/** Fields of bodies by the store's names for what must be unique or there. */
const CONFLICT_FIELDS: ReadonlyMap<string, string> = new Map([
  ['key.alias', 'key_alias'],
  ['key.token', 'key'],
  ['key.team', 'team_id'],
  ['key.project', 'project_id'],
  ['project.team', 'team_id'],
  ['team.id', 'team_id'],
  ['project.id', 'project_id'],
  ['user.id', 'user_id'],
  ['tag.name', 'name'],
  ['model.id', 'model_info.id'],
]);

/** What a store that refuses or fails means for whoever asked; undefined: something else failed. */
export function refusalOf(thrown: unknown): GatewayError | undefined {
  if (thrown instanceof StoreConflict) return conflict(thrown);
  if (thrown instanceof UnstorableValue) return new GatewayError('invalid_field', { message: thrown.message });
  if (thrown instanceof BadCursor) {
    const message = 'The cursor is of no list here, or of a list in another order. Begin again without it.';
    return new GatewayError('invalid_field', { message, param: 'cursor' });
  }
  if (!(thrown instanceof StoreUnavailable)) return undefined;
  return new GatewayError('store_unavailable', {
    message: 'The database of keys and teams does not answer. Nothing was changed, as far as is known; try again.',
    retryAfterSeconds: 1,
    internal: thrown.message,
  });
}

function conflict({ field }: StoreConflict): GatewayError {
  if (field === 'version') {
    const message = 'Somebody else changed this at the same moment. Read it again and repeat the change.';
    return new GatewayError('changed_meanwhile', { message });
  }
  const param = CONFLICT_FIELDS.get(field) ?? field;
  const [object = 'object'] = field.split('.');
  const gone = /^(?:key\.(?:team|project)|project\.team)$/.test(field);
  if (gone) return notFound(field.endsWith('project') ? 'project' : 'team', param);
  const message = `${param} is taken: another ${object} has it. Choose a different one.`;
  return new GatewayError('already_exists', { message, param });
}
