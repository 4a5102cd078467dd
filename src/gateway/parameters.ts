import type { ParameterSettings } from '../config/contract.ts';
import type { FieldPath, FieldStep } from '../core/wire/field-path.ts';
import { withoutPaths } from '../core/wire/field-path.ts';
import { OPERATION_NAMES, OPERATIONS, type Operation } from '../providers/operations.ts';
import { namesInRules, parameterFate, type ParameterFate, type ParameterTable } from '../providers/parameters.ts';

/** Name and JSON text of a parameter that a call without it gets. */
export type DefaultParameter = readonly [string, string];

/** What becomes of parameters on their way to a deployment: the provider's rules, and what the config says about them. */
export interface ParameterSource {
  readonly provider: string;
  readonly table: ParameterTable;
  readonly settings: ParameterSettings;
  readonly defaults: readonly DefaultParameter[];
}

/** One operation's part of a source, worked out. */
export interface ParameterPlan {
  /** By name, those alone that do not simply pass. */
  readonly fates: readonly (readonly [string, ParameterFate])[];
  /** What is taken out of a field that goes on: paths below it. */
  readonly nested: ReadonlyMap<string, readonly (readonly FieldStep[])[]>;
  readonly defaults: readonly DefaultParameter[];
}

export type ParameterPlans = ReadonlyMap<Operation, ParameterPlan>;

/** The plans of a deployment: of those operations alone that have anything to do. */
export function planParameters(source: ParameterSource): ParameterPlans {
  const plans = new Map<Operation, ParameterPlan>();
  for (const operation of OPERATION_NAMES) {
    const { fates, nested } = judged(source, operation);
    if (fates.length === 0 && nested.size === 0) continue;
    plans.set(operation, { fates, nested, defaults: plannedDefaults(source.defaults, { fates, nested }) });
  }
  return plans;
}

/** The plan of a call that brings lists of its own. They act on what the caller sent: defaults stay as the config has them. */
export function planWithCaller(
  source: ParameterSource,
  operation: Operation,
  caller: ParameterSettings,
): ParameterPlan {
  const { settings } = source;
  const defaults = plannedDefaults(source.defaults, judged(source, operation));
  const merged: ParameterSettings = {
    dropParams: settings.dropParams || caller.dropParams,
    dropped: [...settings.dropped, ...caller.dropped],
    allowed: [...settings.allowed, ...caller.allowed],
  };
  return { ...judged({ ...source, settings: merged }, operation), defaults };
}

/** Every top-level name that a source speaks of: what the walk over a body must look for. */
export function namesInSource({ table, settings }: ParameterSource): readonly string[] {
  return [...namesInRules(table), ...settings.dropped.map(({ field }) => field)];
}

function judged(source: ParameterSource, operation: Operation): Pick<ParameterPlan, 'fates' | 'nested'> {
  const { table, settings } = source;
  const stays = isEssential(operation);
  const dropped = settings.dropped.filter(({ field }) => !stays(field));
  const choice = {
    dropUnsupported: settings.dropParams,
    dropped: new Set(dropped.filter(({ steps }) => steps.length === 0).map(({ field }) => field)),
    allowed: new Set(settings.allowed),
  };
  const rules = table[operation];
  const names = new Set([...choice.dropped, ...(rules === undefined ? [] : namesInRules({ [operation]: rules }))]);
  const fates = Array.from(names, (name) => [name, parameterFate(name, rules, choice)] as const);
  return { fates: fates.filter(([, { kind }]) => kind !== 'pass'), nested: nestedPaths(dropped) };
}

/** What a call is nothing without, or says how its answer comes: no list takes it out. */
function isEssential(operation: Operation): (name: string) => boolean {
  const { required } = OPERATIONS[operation];
  return (name) =>
    name === 'model' || name === 'stream' || name === 'stream_format' || required.some(({ field }) => field === name);
}

function nestedPaths(dropped: readonly FieldPath[]): ParameterPlan['nested'] {
  const nested = new Map<string, (readonly FieldStep[])[]>();
  for (const { field, steps } of dropped) {
    if (steps.length === 0) continue;
    const paths = nested.get(field);
    if (paths === undefined) nested.set(field, [steps]);
    else paths.push(steps);
  }
  return nested;
}

/** Renamed and left out as a caller's would be; never refused: the config's author wrote them. */
function plannedDefaults(
  defaults: readonly DefaultParameter[],
  { fates, nested }: Pick<ParameterPlan, 'fates' | 'nested'>,
): readonly DefaultParameter[] {
  const fateOf = new Map(fates);
  return defaults.flatMap(([name, json]): readonly DefaultParameter[] => {
    const fate = fateOf.get(name);
    if (fate?.kind === 'drop') return [];
    const text = withoutPaths(json, nested.get(name) ?? []);
    return [[fate?.kind === 'rename' ? fate.to : name, text]];
  });
}
