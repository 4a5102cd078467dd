import type { Operation } from './operations.ts';

/** A parameter that a provider answers with an error, or documents as not supported. */
export interface RefusedParameter {
  readonly name: string;
  /** Values that ask for nothing special (`n: 1`): they pass. So does `null`, by being left out. */
  readonly harmless?: readonly (string | number | boolean)[];
}

/** What becomes of request parameters on their way to one provider. Pure data. */
export interface ParameterRules {
  /** OpenAI's name and the provider's. */
  readonly renamed?: readonly (readonly [string, string])[];
  readonly refused?: readonly RefusedParameter[];
  /** Left out without a word, as LiteLLM does: the provider has no use for them, and no answer depends on them. */
  readonly leftOut?: readonly string[];
}

export type ParameterTable = Readonly<Partial<Record<Operation, ParameterRules>>>;

/** What config and caller say about parameters, by OpenAI's names. */
export interface ParameterChoice {
  /** `drop_params`: what the provider does not support is left out rather than refused. */
  readonly dropUnsupported: boolean;
  /** `additional_drop_params`, top-level names: always left out. */
  readonly dropped: ReadonlySet<string>;
  /** `allowed_openai_params`: sent whatever the provider's rules say. */
  readonly allowed: ReadonlySet<string>;
}

/** What becomes of one parameter. */
export type ParameterFate =
  | { readonly kind: 'pass' }
  | { readonly kind: 'drop' }
  | { readonly kind: 'refuse'; readonly harmless: RefusedParameter['harmless'] }
  | { readonly kind: 'rename'; readonly to: string };

const PASS: ParameterFate = { kind: 'pass' };
const DROP: ParameterFate = { kind: 'drop' };

/** What becomes of the parameter `name`, for bodies and forms alike. */
export function parameterFate(name: string, rules: ParameterRules | undefined, choice: ParameterChoice): ParameterFate {
  if (choice.dropped.has(name)) return DROP;
  if (choice.allowed.has(name)) return PASS;
  const renamed = rules?.renamed?.find(([from]) => from === name);
  if (renamed !== undefined) return { kind: 'rename', to: renamed[1] };
  if (rules?.leftOut?.includes(name) === true) return DROP;
  const refused = rules?.refused?.find((one) => one.name === name);
  if (refused === undefined) return PASS;
  return choice.dropUnsupported ? DROP : { kind: 'refuse', harmless: refused.harmless };
}

/** Every name that rules speak of, the names that they make included. */
export function namesInRules(table: ParameterTable): readonly string[] {
  return Object.values(table).flatMap(({ renamed = [], refused = [], leftOut = [] }) => [
    ...renamed.flat(),
    ...refused.map(({ name }) => name),
    ...leftOut,
  ]);
}
