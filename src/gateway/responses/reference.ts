import type { Principal } from '../../accounts/principal.ts';
import { GatewayError } from '../../core/errors/gateway-error.ts';
import type { Call } from '../call.ts';
import { ResponseIds, type SealedResponse } from './response-ids.ts';

/** A response that a call asks for, or goes on from. */
export interface ResponseReference extends SealedResponse {
  /** As the client wrote it. */
  readonly id: string;
  readonly param: ReferenceParam;
}

/** Where the id stands: in the path, or in the body. */
export type ReferenceParam = 'response_id' | 'previous_response_id';

/** Whose a response is: the team's, else the user's, else the key's. */
export function ownerOf({ id, kind, account }: Principal): string {
  if (account === undefined) return `${kind}:${id}`;
  if (account.teamId !== null) return `team:${account.teamId}`;
  return account.userId === null ? `key:${account.token}` : `user:${account.userId}`;
}

/**
 * What an id refers to, for who may know. Throws `response_not_found`: an id of somebody else, an invented one and one that was
 * changed are refused in the very same words.
 */
export function openReference({ principal, snapshot }: Call, id: string, param: ReferenceParam): ResponseReference {
  if (!ResponseIds.looksSealed(id)) {
    throw notFound(
      id,
      param,
      'It was not made through this gateway, whose ids say which deployment has the response: ask where it was made.',
    );
  }
  const opened = snapshot.responseIds.open(id);
  if (opened === undefined || principal === undefined || !owns(principal, opened.owner, snapshot.responseIds)) {
    throw notFound(id, param, 'Nothing of that id is within reach of this key.');
  }
  return { ...opened, id, param };
}

function owns(principal: Principal, owner: Uint8Array, ids: ResponseIds): boolean {
  return principal.kind === 'master' || Buffer.from(ids.ownerMark(ownerOf(principal))).equals(owner);
}

/** The deployment that has the response is gone, of another group, or closed to this call. */
export function outOfReach({ id, param }: ResponseReference): GatewayError {
  return notFound(id, param, 'The deployment that made it is not within reach of this call, or is there no more.');
}

function notFound(id: string, param: ReferenceParam, why: string): GatewayError {
  const shown = JSON.stringify(id.length > 100 ? `${id.slice(0, 100)}...` : id);
  return new GatewayError('response_not_found', { message: `There is no response ${shown} here. ${why}`, param });
}
