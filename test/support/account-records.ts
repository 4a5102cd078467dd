import { createHash } from 'node:crypto';
import type {
  AuditEntry,
  KeyRecord,
  Limits,
  ModelRecord,
  ProjectRecord,
  TagGrant,
  TagRecord,
  TeamRecord,
  UserRecord,
} from '../../src/accounts/contract.ts';

/** The token (hash) of a key that a test calls `name`. */
export function tokenOf(name: string): string {
  return createHash('sha256').update(`sk-${name}`).digest('hex');
}

const NO_LIMITS: Limits = {
  maxBudgetNano: null,
  softBudgetNano: null,
  budgetDuration: null,
  tpmLimit: null,
  rpmLimit: null,
  maxParallelRequests: null,
};
const NO_GRANT: TagGrant = { tags: [], allowedTags: null, onUnpermittedTag: null, enableTagFiltering: null };
const STAMP = { createdAt: 1000, createdBy: 'master', updatedAt: 1000, updatedBy: 'master' };

export function keyRecord(name: string, fields: Partial<KeyRecord> = {}): KeyRecord {
  return {
    token: tokenOf(name),
    keyName: `sk-...${name.slice(-4)}`,
    alias: null,
    teamId: null,
    userId: null,
    projectId: null,
    models: [],
    aliases: {},
    expiresAt: null,
    blocked: false,
    serviceAccount: false,
    allowedRoutes: [],
    permissions: {},
    metadata: {},
    extra: {},
    replacedBy: null,
    ...NO_GRANT,
    ...NO_LIMITS,
    ...STAMP,
    ...fields,
  };
}

export function teamRecord(teamId: string, fields: Partial<TeamRecord> = {}): TeamRecord {
  return {
    teamId,
    alias: null,
    models: [],
    modelAliases: {},
    members: [],
    memberPermissions: [],
    blocked: false,
    metadata: {},
    extra: {},
    ...NO_GRANT,
    ...NO_LIMITS,
    ...STAMP,
    ...fields,
  };
}

export function projectRecord(projectId: string, teamId: string, fields: Partial<ProjectRecord> = {}): ProjectRecord {
  return {
    projectId,
    teamId,
    alias: null,
    models: [],
    blocked: false,
    metadata: {},
    extra: {},
    ...NO_GRANT,
    ...NO_LIMITS,
    ...STAMP,
    ...fields,
  };
}

export function userRecord(userId: string, fields: Partial<UserRecord> = {}): UserRecord {
  return {
    userId,
    email: null,
    alias: null,
    role: 'internal_user',
    models: [],
    blocked: false,
    metadata: {},
    extra: {},
    ...NO_LIMITS,
    ...STAMP,
    ...fields,
  };
}

export function tagRecord(name: string, fields: Partial<TagRecord> = {}): TagRecord {
  return { name, description: null, models: [], extra: {}, ...NO_LIMITS, ...STAMP, ...fields };
}

export function modelRecord(id: string, fields: Partial<ModelRecord> = {}): ModelRecord {
  return { id, modelName: 'gpt-4o', params: {}, sealedCredentials: null, modelInfo: {}, ...STAMP, ...fields };
}

export function auditEntry(id: string, fields: Partial<AuditEntry> = {}): AuditEntry {
  return {
    id,
    at: 1000,
    actor: 'master',
    action: 'created',
    objectType: 'key',
    objectId: tokenOf('a'),
    before: null,
    after: null,
    ...fields,
  };
}
