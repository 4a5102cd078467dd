import { NOTHING_LOOKED_AT } from '../../core/routing/decision.ts';
import { z } from 'zod';

import { nearest } from '../../core/base/nearest.ts';
import { seededRandom, type Random } from '../../core/base/random.ts';
import { GatewayError } from '../../core/errors/gateway-error.ts';
import { readCallerTags } from '../../core/routing/caller-tags.ts';
import type { Explanation } from '../../core/routing/decision.ts';
import { explain } from '../../core/routing/explain.ts';
import type { Facts, TagPolicy } from '../../core/routing/facts.ts';
import { reachableDeployments } from '../../core/routing/reach.ts';
import { refuseBannedTags } from '../../gateway/banned-tags.ts';
import { withCooling } from '../../gateway/health.ts';
import { permittedModel, unknownModel } from '../../gateway/model-permission.ts';
import { reachPolicy } from '../../gateway/visible-models.ts';
import { answerJson, type KnownVisit } from './respond.ts';

const tagList = z.array(z.string());
const policyTags = z.strictObject({ key: tagList.optional(), team: tagList.optional(), project: tagList.optional() });

/** What everybody may ask. `tags` may have any shape: a wrong one is the call's refusal, and is explained. */
const ASKED_BY_ALL = {
  model: z.string().min(1),
  tags: z.unknown().optional(),
  user_agent: z.string().nullish(),
};

/** What only administrators may ask: to be somebody else, at another time. */
const ASKED_BY_ADMINS = {
  policy_tags: policyTags.nullish(),
  allowed_tags: tagList.nullish(),
  virtual_key: z.boolean().nullish(),
  on_unpermitted_tag: z.enum(['reject', 'ignore']).nullish(),
  enable_tag_filtering: z.boolean().nullish(),
  cooling: tagList.nullish(),
  seed: z.number().int().nullish(),
};

const FOR_ALL = z.strictObject(ASKED_BY_ALL);
const FOR_ADMINS = z.strictObject({ ...ASKED_BY_ALL, ...ASKED_BY_ADMINS });

type Question = z.infer<typeof FOR_ADMINS>;

/** `POST /route/explain`: what would become of a call. Nothing is sent; a refusal explained is an answer of status 200. */
export async function routeExplain(visit: KnownVisit, random: Random): Promise<void> {
  const { snapshot, principal } = visit;
  const admin = principal.kind === 'master';
  const question = parseQuestion(await visit.exchange.readBody(snapshot.config.server.maxRequestBytes), admin);
  const asked = readQuestion(question, visit);
  if (asked instanceof GatewayError) {
    answerJson(visit, refusedUnrouted(question, asked, snapshot.version));
    return;
  }
  const context = {
    view: withCooling(snapshot.health, question.cooling ?? []),
    random: question.seed == null ? random : seededRandom(question.seed),
  };
  const explanation = explain(asked, snapshot.table, context);
  if (explanation.code === 'model_not_found' && principal.account !== undefined) {
    answerJson(visit, refusedUnrouted(question, unknownModel(question.model, principal, snapshot), snapshot.version));
    return;
  }
  answerJson(visit, admin ? explanation : withinReach(explanation, visit));
}

/** The facts of the call that the question is about, or the error with which it would be refused before routing sees it. */
function readQuestion(question: Question, { snapshot, principal }: KnownVisit): Facts | GatewayError {
  const reading = readCallerTags({ tags: question.tags }, snapshot.config.routing.prefix);
  if (!reading.ok) return new GatewayError('invalid_tags', { message: reading.message, param: reading.field });
  const policy = principal.kind === 'master' ? policyOf(question, principal.policy) : principal.policy;
  try {
    refuseBannedTags(reading.tags, policy, snapshot);
    const model = permittedModel(question.model, principal, snapshot);
    return {
      model,
      ...(model === question.model ? {} : { askedAs: question.model }),
      tags: reading.tags,
      policy,
      ...(question.user_agent ? { userAgent: question.user_agent } : {}),
    };
  } catch (thrown) {
    if (thrown instanceof GatewayError) return thrown;
    throw thrown;
  }
}

function parseQuestion(body: Uint8Array, admin: boolean): Question {
  const parsed = (admin ? FOR_ADMINS : FOR_ALL).safeParse(parseJson(body));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = fieldOf(issue?.path ?? []);
  if (issue?.code === 'unrecognized_keys') throw unknownField(fieldOf([...issue.path, issue.keys[0] ?? '']), admin);
  if (field === '') throw new GatewayError('invalid_body', { message: 'The body must be one JSON object.' });
  if (field === 'model' && parsed.error.issues[0]?.code === 'invalid_type') {
    throw new GatewayError('missing_field', { message: 'The field model must be there, as a text.', param: 'model' });
  }
  throw new GatewayError('invalid_field', {
    message: `The field ${field} does not fit: ${issue?.message ?? 'wrong value'}.`,
    param: field,
  });
}

/** `policy_tags.team[0]` */
function fieldOf(path: readonly PropertyKey[]): string {
  const parts = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`));
  return parts.join('').replace(/^\./, '');
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw new GatewayError('invalid_json', { message: 'The body is not valid JSON. Send one JSON object in UTF-8.' });
  }
}

function unknownField(name: string, admin: boolean): GatewayError {
  if (!admin && Object.hasOwn(ASKED_BY_ADMINS, name)) {
    return new GatewayError('admin_only', {
      message: `Only the master key may ask with the field ${name}.`,
      param: name,
    });
  }
  const known = Object.keys(admin ? { ...ASKED_BY_ALL, ...ASKED_BY_ADMINS } : ASKED_BY_ALL);
  return new GatewayError('invalid_field', {
    message: `The field ${JSON.stringify(name)} is not known here.`,
    param: name,
    details: { nearest: nearest(name, known), known },
  });
}

/** The master key itself, unless the question is about an ordinary key. */
function policyOf(question: Question, own: TagPolicy): TagPolicy {
  const { policy_tags: tags, allowed_tags: allowed } = question;
  // A list of allowed tags, an empty one too, is something that only an ordinary key has.
  const key = question.virtual_key === true || allowed != null;
  return {
    ...own,
    master: !key,
    policyTags: scopesOf(tags ?? {}),
    ...(allowed == null ? {} : { allowedTags: allowed }),
    onUnpermittedTag: question.on_unpermitted_tag ?? 'reject',
    enableTagFiltering: question.enable_tag_filtering === true,
  };
}

function scopesOf({ key, team, project }: z.infer<typeof policyTags>): TagPolicy['policyTags'] {
  return {
    ...(key === undefined ? {} : { key }),
    ...(team === undefined ? {} : { team }),
    ...(project === undefined ? {} : { project }),
  };
}

/** Only what an ordinary key can get to: other deployments are not even named, and policy is nobody's business. */
function withinReach(explanation: Explanation, visit: KnownVisit): Explanation {
  const { snapshot, principal } = visit;
  const reach = new Set(
    explanation.group === null
      ? []
      : reachableDeployments(explanation.group, reachPolicy(principal, snapshot), snapshot.table),
  );
  const inReach = (ids: readonly string[]): string[] => ids.filter((id) => reach.has(id));
  const callerSources = new Set(['header', 'body.tags', 'body.metadata.tags', 'body.litellm_metadata.tags']);
  return {
    ...explanation,
    group: reach.size === 0 ? null : explanation.group,
    eligible: inReach(explanation.eligible),
    available: inReach(explanation.available),
    order: inReach(explanation.order),
    tags: explanation.tags.filter((tag) => tag.sources.some((source) => callerSources.has(source))),
    deployments: explanation.deployments.filter((one) => reach.has(one.id)),
    fallbacks: [],
  };
}

/** The call itself would be refused before routing sees it. */
function refusedUnrouted(question: Question, error: GatewayError, version: string): object {
  const close = error.details?.['nearest'];
  return {
    decision: 'refuse',
    status: error.status,
    code: error.code,
    message: error.message,
    param: error.param ?? null,
    model: question.model,
    ...NOTHING_LOOKED_AT,
    nearest: Array.isArray(close) ? close : [],
    retry_after: null,
    config_version: version,
  };
}
