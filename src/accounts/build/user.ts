import type { UserRecord } from '../contract.ts';
import type { UserFields } from '../fields/user-bodies.ts';
import { created, merged, next, unique, updated, type BuildContext, type Given } from './build.ts';
import { limitsFrom, NO_LIMITS } from './limits.ts';

export function newUser(given: Given<UserFields>, userId: string, context: BuildContext): UserRecord {
  const blank: UserRecord = {
    userId,
    email: null,
    alias: null,
    role: 'internal_user',
    models: [],
    blocked: false,
    metadata: {},
    extra: {},
    ...NO_LIMITS,
    ...created(context),
  };
  return changed(given, blank);
}

export function updatedUser(given: Given<UserFields>, was: UserRecord, context: BuildContext): UserRecord {
  return { ...changed(given, was), ...updated(was, context) };
}

function changed({ value, extra }: Given<UserFields>, was: UserRecord): UserRecord {
  return {
    ...was,
    ...limitsFrom(value, was),
    email: next(value.user_email, was.email, null),
    alias: next(value.user_alias, was.alias, null),
    role: next(value.user_role, was.role, 'internal_user'),
    models: unique(next<readonly string[]>(value.models, was.models, [])),
    blocked: next(value.blocked, was.blocked, false),
    metadata: value.metadata === null ? {} : merged(was.metadata, value.metadata),
    extra: merged(was.extra, extra),
  };
}
