import type { KeyContext, ProjectRecord, TeamRecord } from '../contract.ts';
import { policyOf, policyOfScopes } from '../principal-of.ts';
import { isProxyAdmin } from '../subject.ts';
import { tagWarnings } from '../warnings.ts';
import type { AccountsParts, Ask } from './ask.ts';

interface Question {
  readonly ask: Ask;
  readonly parts: AccountsParts;
}

/** What whoever gave a key the tags `added` should know; bounded by what the asker itself reaches. */
export function warningsForKey(
  context: KeyContext,
  added: readonly string[],
  { ask, parts }: Question,
): readonly string[] {
  if (added.length === 0) return [];
  const { subject, context: own } = ask.caller;
  const asker = own === null || isProxyAdmin(subject) ? {} : { asker: policyOf(own) };
  return tagWarnings({ scope: 'key', added, policy: policyOf(context), ...asker }, parts.table());
}

/** The same for a team, or a project with its team. Only proxy admins set their tags. */
export function warningsForScope(
  scopes: { readonly team: TeamRecord; readonly project?: ProjectRecord },
  added: readonly string[],
  { parts }: Pick<Question, 'parts'>,
): readonly string[] {
  if (added.length === 0) return [];
  const scope = scopes.project === undefined ? 'team' : 'project';
  return tagWarnings({ scope, added, policy: policyOfScopes(scopes) }, parts.table());
}
