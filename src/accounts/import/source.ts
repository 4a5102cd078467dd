import type { JsonObject } from '../contract.ts';

/** The tables of LiteLLM's schema that are copied from. */
export type LitellmTable =
  | 'LiteLLM_BudgetTable'
  | 'LiteLLM_UserTable'
  | 'LiteLLM_ModelTable'
  | 'LiteLLM_TeamMembership'
  | 'LiteLLM_TeamTable'
  | 'LiteLLM_ProjectTable'
  | 'LiteLLM_TagTable'
  | 'LiteLLM_CredentialsTable'
  | 'LiteLLM_ProxyModelTable'
  | 'LiteLLM_DeprecatedVerificationToken'
  | 'LiteLLM_VerificationToken';

/** LiteLLM's tables that have nothing of their kind here, and what to do about what stands in them. */
export const TABLES_LEFT_BEHIND = {
  LiteLLM_OrganizationTable:
    'Organisations: there is nothing above teams. Their budgets and lists of models bind nobody.',
  LiteLLM_EndUserTable: 'Customers (end users) with their budgets and regions.',
  LiteLLM_AccessGroupTable:
    'Access groups kept in the database: write them into model_info.access_groups of the config.',
  LiteLLM_Config: 'Settings kept in the database: write them into the config.',
  LiteLLM_ModelAccessGroupBudgetTable: 'Budgets of access groups.',
  LiteLLM_ObjectPermissionTable: 'Permissions for MCP servers, vector stores and agents.',
  LiteLLM_JWTKeyMapping: 'Keys that stand for claims of a JWT.',
  LiteLLM_InvitationLink: 'Invitations.',
  LiteLLM_MCPServerTable: 'MCP servers.',
  LiteLLM_AgentsTable: 'Agents.',
  LiteLLM_GuardrailsTable: 'Guardrails.',
  LiteLLM_PolicyTable: 'Policies.',
  LiteLLM_PromptTable: 'Prompts.',
  LiteLLM_SSOConfig: 'Settings of single sign-on.',
  LiteLLM_ManagedVectorStoresTable: 'Vector stores.',
} as const;

export type LeftBehindTable = keyof typeof TABLES_LEFT_BEHIND;

/** LiteLLM's database as it stood at one moment, however long it is read. Its methods reject with LitellmUnreadable. */
export interface LitellmSource {
  /**
   * The rows by primary key, some hundred at a time, each as JSON: times as ISO 8601 in UTC, with or without a zone. A table or
   * a column that this version of LiteLLM's schema lacks is just not there.
   */
  pages(table: LitellmTable): AsyncIterable<readonly JsonObject[]>;
  countRows(table: LeftBehindTable): Promise<number>;
}

/** LiteLLM's database cannot be read. The message says why and holds no secret. */
export class LitellmUnreadable extends Error {
  override readonly name = 'LitellmUnreadable';
}

/** Opens a text that LiteLLM sealed. Undefined: it does not open, or is not sealed at all. */
export type OpenLitellmText = (text: string) => string | undefined;
