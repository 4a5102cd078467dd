import type { z } from 'zod';
import type { BuildContext, Built, Given } from '../build/build.ts';
import type { Json, JsonObject } from '../contract.ts';
import { readBody, type BodyShape } from '../fields/read-body.ts';
import { routerSettings } from '../fields/tag-fields.ts';
import { fieldsOf, isBlank, isObject, jsonIn, objectIn, textIn } from './row.ts';

/**
 * What becomes of a row of LiteLLM's. `refused`: it could not be taken, though there is something of its kind here.
 * `left`: there is nothing of its kind here.
 */
export type Mapped<R> =
  | { readonly kind: 'record'; readonly record: R; readonly notes: readonly string[] }
  | { readonly kind: 'refused' | 'left'; readonly reason: string };

/** What rows are read with besides themselves. */
export interface MapContext {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** `router_settings.tag_routing_prefix`; empty: none. */
  readonly prefix: string;
  /** Rows of LiteLLM's budgets by id: keys, tags, projects and seats in teams point at them. */
  readonly budgets: ReadonlyMap<string, JsonObject>;
}

/** Who wrote the imported records, where LiteLLM does not know; and who the audit log names. */
export const IMPORTER = 'litellm';

export function buildContextOf({ now, prefix }: MapContext): BuildContext {
  return { now, prefix, actor: IMPORTER };
}

interface Reading<S extends BodyShape, R> {
  readonly shape: S;
  /** What the row would be as a body of the management API: one set of rules for what may be stored. */
  readonly body: JsonObject;
  readonly build: (given: Given<z.output<S>>) => Built<R>;
  readonly notes: readonly string[];
}

export function readAs<S extends BodyShape, R>({ shape, body, build, notes }: Reading<S, R>): Mapped<R> {
  const reading = readBody(shape, body);
  if (!reading.ok) return { kind: 'refused', reason: reading.problem.message };
  const built = build(reading);
  if (!built.ok) return { kind: 'refused', reason: built.problem.message };
  // What stands in a linked budget was copied: that its id does nothing is no news.
  const warnings = reading.warnings.filter((warning) => !warning.startsWith('budget_id '));
  return { kind: 'record', record: built.record, notes: [...warnings, ...notes] };
}

const LIMITS = ['max_budget', 'soft_budget', 'budget_duration', 'tpm_limit', 'rpm_limit', 'max_parallel_requests'];

/** Budgets and limits: those of the row itself, then those of the budget that it points at. */
export function limitFieldsOf(row: JsonObject, budgets: MapContext['budgets']): JsonObject {
  const id = textIn(row, 'budget_id');
  const linked = id === undefined ? undefined : budgets.get(id);
  return {
    ...(linked === undefined ? {} : fieldsOf(linked, [...LIMITS, 'model_max_budget'])),
    ...fieldsOf(row, LIMITS),
  };
}

const KNOWN_SETTINGS = new Set(Object.keys(routerSettings.shape));

/** `router_settings` and `metadata` of a key or team, and what of them has no counterpart. */
export function grantFieldsOf(row: JsonObject): { readonly fields: JsonObject; readonly notes: readonly string[] } {
  const settings = Object.entries(objectIn(row, 'router_settings')).filter(([, value]) => value !== null);
  const known = Object.fromEntries(settings.filter(([name]) => KNOWN_SETTINGS.has(name)));
  const metadata = jsonIn(row, 'metadata');
  const notes = settings
    .filter(([name, value]) => !KNOWN_SETTINGS.has(name) && !isBlank(value))
    .map(([name]) => `router_settings.${name} ${NO_COUNTERPART}`);
  const fields = { ...notBlank('router_settings', known), ...notBlank('metadata', metadata) };
  return { fields, notes: [...notes, ...metadataNotes(metadata)] };
}

function notBlank(name: string, value: Json): JsonObject {
  return isBlank(value) ? {} : { [name]: value };
}

export const NO_COUNTERPART = 'has no counterpart and is not carried over.';

/** Names under which LiteLLM keeps settings of its own in `metadata`. */
const SETTINGS_IN_METADATA = ['guardrails', 'policies', 'prompts', 'logging', 'enforced_params']
  .concat(['model_rpm_limit', 'model_tpm_limit', 'tag_rpm_limit', 'tag_tpm_limit', 'rpm_limit_type', 'tpm_limit_type'])
  .concat(['temp_budget_increase', 'temp_budget_expiry', 'disable_global_guardrails', 'allowed_passthrough_routes'])
  .concat(['team_member_budget_id', 'team_member_key_duration', 'soft_budget', 'soft_budget_alerting_emails']);

export function metadataNotes(metadata: Json): readonly string[] {
  const values = new Map(Object.entries(isObject(metadata) ? metadata : {}));
  return SETTINGS_IN_METADATA.filter((name) => !isBlank(values.get(name) ?? null)).map(
    (name) => `metadata.${name} is kept as a note, and not acted on.`,
  );
}

/** Columns that say something and that nothing here takes. */
export function leftColumns(row: JsonObject, columns: readonly string[]): readonly string[] {
  return Object.keys(fieldsOf(row, columns)).map((column) => `${column} ${NO_COUNTERPART}`);
}

/** Names for people may have white space around them in LiteLLM. */
export function trimmed(row: JsonObject, columns: readonly string[]): JsonObject {
  const texts = columns.map((column) => [column, textIn(row, column)?.trim()] as const);
  return Object.fromEntries(texts.flatMap(([column, text]) => (text === undefined ? [] : [[column, text] as const])));
}
