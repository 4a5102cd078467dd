import type { OpenModel } from '../build/model.ts';
import type { AccountChange, AccountStore, JsonObject, KeyRecord, ModelRecord, ObjectType } from '../contract.ts';
import type { ProjectRecord, TagGrant, TagRecord, TeamRecord, UserRecord } from '../contract.ts';
import { SealError, type Sealer } from '../seal.ts';

/** How records of one kind are found, compared and stored. `C`: the record as it is compared, with nothing sealed in it. */
export interface Kind<C> {
  readonly type: ObjectType;
  idOf(candidate: C): string;
  /** A name for people; null: none. */
  nameOf(candidate: C): string | null;
  find(id: string): Promise<Found<C> | undefined>;
  /** The candidate with what only exists here taken from the record that is there already. */
  adopt(candidate: C, existing: C): C;
  put(candidates: readonly C[]): NonNullable<AccountChange['put']>;
  /** The candidate with the stamps of an update of `existing`. */
  restamp(candidate: C, existing: C, now: number): C;
}

export interface Found<C> {
  readonly candidate: C;
  readonly updatedAt: number;
}

interface Stamped {
  readonly createdAt: number;
  readonly createdBy: string;
  readonly updatedAt: number;
  readonly updatedBy: string;
}

function restamped<R extends Stamped>(record: R, was: Stamped, now: number): R {
  const { createdAt, createdBy, updatedAt } = was;
  return { ...record, createdAt, createdBy, updatedAt: Math.max(now, updatedAt + 1) };
}

function found<R extends Stamped>(record: R | undefined): Found<R> | undefined {
  return record === undefined ? undefined : { candidate: record, updatedAt: record.updatedAt };
}

/** LiteLLM knows no `allowed_tags` and no `on_unpermitted_tag`: what was set here stays. */
function withOwnGrant<R extends TagGrant>(candidate: R, existing: R): R {
  return { ...candidate, allowedTags: existing.allowedTags, onUnpermittedTag: existing.onUnpermittedTag };
}

const plain = { restamp: restamped, adopt: <C>(candidate: C): C => candidate };

export function userKind(store: AccountStore): Kind<UserRecord> {
  return {
    ...plain,
    type: 'user',
    idOf: (user) => user.userId,
    nameOf: (user) => user.email ?? user.alias,
    find: async (id) => found(await store.getUser(id)),
    put: (users) => ({ users }),
  };
}

export function teamKind(store: AccountStore): Kind<TeamRecord> {
  return {
    ...plain,
    type: 'team',
    idOf: (team) => team.teamId,
    nameOf: (team) => team.alias,
    find: async (id) => found(await store.getTeam(id)),
    adopt: withOwnGrant,
    put: (teams) => ({ teams }),
  };
}

export function projectKind(store: AccountStore): Kind<ProjectRecord> {
  return {
    ...plain,
    type: 'project',
    idOf: (project) => project.projectId,
    nameOf: (project) => project.alias,
    find: async (id) => found(await store.getProject(id)),
    adopt: withOwnGrant,
    put: (projects) => ({ projects }),
  };
}

export function tagKind(store: AccountStore): Kind<TagRecord> {
  return {
    ...plain,
    type: 'tag',
    idOf: (tag) => tag.name,
    nameOf: () => null,
    find: async (id) => found(await store.getTag(id)),
    put: (tags) => ({ tags }),
  };
}

export function keyKind(store: AccountStore): Kind<KeyRecord> {
  return {
    ...plain,
    type: 'key',
    idOf: (key) => key.token,
    nameOf: (key) => key.alias ?? key.keyName,
    find: async (token) => found((await store.findKey(token))?.key),
    adopt: withOwnGrant,
    put: (keys) => ({ keys }),
  };
}

/** `sealer` undefined: there is no salt key here, and credentials are left behind. */
export function modelKind(store: AccountStore, sealer: Sealer | undefined): Kind<OpenModel> {
  return {
    type: 'model',
    idOf: ({ record }) => record.id,
    nameOf: ({ record }) => record.modelName,
    find: async (id) => {
      const model = await store.getModel(id);
      return model === undefined ? undefined : { candidate: opened(model, sealer), updatedAt: model.updatedAt };
    },
    adopt: (candidate) => candidate,
    put: (models) => ({ models: models.map((model) => sealed(model, sealer)) }),
    restamp: ({ record, credentials }, existing, now) => ({
      record: restamped(record, existing.record, now),
      credentials,
    }),
  };
}

function sealed({ record, credentials }: OpenModel, sealer: Sealer | undefined): ModelRecord {
  const isOpen = sealer === undefined || Object.keys(credentials).length === 0;
  return { ...record, sealedCredentials: isOpen ? null : sealer.seal(JSON.stringify(credentials), record.id) };
}

/** What does not open with the salt key of now differs from whatever comes. */
const UNREADABLE: JsonObject = { unreadable: true };

function opened({ sealedCredentials, ...record }: ModelRecord, sealer: Sealer | undefined): OpenModel {
  if (sealedCredentials === null) return { record, credentials: {} };
  try {
    const text = sealer?.open(sealedCredentials, record.id);
    return { record, credentials: text === undefined ? UNREADABLE : (JSON.parse(text) as JsonObject) };
  } catch (error) {
    if (error instanceof SealError) return { record, credentials: UNREADABLE };
    throw error;
  }
}
