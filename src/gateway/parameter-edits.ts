import type { ParameterSettings } from '../config/contract.ts';
import { GatewayError } from '../core/errors/gateway-error.ts';
import type { FieldSet, TopLevel } from '../core/wire/contract.ts';
import { compileFieldSet } from '../core/wire/field-set.ts';
import { parseFieldPath, withoutPaths, type FieldPath } from '../core/wire/field-path.ts';
import { peek } from '../core/wire/peek.ts';
import type { Operation } from '../providers/operations.ts';
import type { ParameterFate } from '../providers/parameters.ts';
import type { DefaultParameter, ParameterPlan } from './parameters.ts';

/** The edits of a body while they are gathered. */
export interface GatheredEdits {
  readonly set: Map<string, string>;
  readonly remove: string[];
}

/** The fields in which a caller says what becomes of parameters. */
const CALLER_FIELDS = ['drop_params', 'additional_drop_params', 'allowed_openai_params'] as const;

/** Paths in one list of a caller. */
const MOST_PATHS = 64;

/** What the caller says about parameters, or undefined where the body says nothing. Throws where it cannot be read. */
export function callerSettings(top: TopLevel): ParameterSettings | undefined {
  if (!CALLER_FIELDS.some((field) => top.has(field))) return undefined;
  const dropParams = top.value('drop_params') ?? false;
  if (typeof dropParams !== 'boolean') throw wrong('drop_params', 'true or false');
  return {
    dropParams,
    dropped: readPaths(top, 'additional_drop_params'),
    allowed: readPaths(top, 'allowed_openai_params').map(({ field }) => field),
  };
}

function readPaths(top: TopLevel, name: 'additional_drop_params' | 'allowed_openai_params'): readonly FieldPath[] {
  const list = top.value(name) ?? [];
  const wanted = `a list of at most ${MOST_PATHS} names or paths (\`logit_bias\`, \`tools[*].function.strict\`)`;
  if (!Array.isArray(list) || list.length > MOST_PATHS) throw wrong(name, wanted);
  return list.map((item) => {
    const path = typeof item === 'string' ? parseFieldPath(item) : undefined;
    if (path === undefined) throw wrong(name, wanted);
    return path;
  });
}

/** The same body, walked for these names as well: a caller may name fields that no config speaks of. */
export function searchedFor(top: TopLevel, fields: FieldSet, names: readonly string[]): TopLevel {
  const more = new Set(names.filter((name) => fields.indexOfName(name) < 0));
  if (more.size === 0) return top;
  const found = peek(top.bytes, compileFieldSet([...fields.names, ...more]));
  if (found.ok) return found.top;
  const param = found.problem.field ?? 'additional_drop_params';
  throw new GatewayError('duplicate_field', { message: `The field ${param} stands twice in the body.`, param });
}

/** Adds to the edits what the plan does with this body's parameters. Throws where one is refused. */
export function applyPlan(
  plan: ParameterPlan,
  top: TopLevel,
  context: { readonly edits: GatheredEdits; readonly provider: string; readonly operation: Operation },
): void {
  const { edits } = context;
  const refused: string[] = [];
  for (const [name, fate] of plan.fates) {
    if (top.has(name) && !applyFate(name, fate, { top, edits })) refused.push(name);
  }
  if (refused.length > 0) throw unsupported(refused, context);
  for (const [name, paths] of plan.nested) {
    if (!top.has(name) || edits.remove.includes(name)) continue;
    const text = edits.set.get(name) ?? textOf(top, name);
    const rest = withoutPaths(text, paths);
    if (rest !== text) edits.set.set(name, rest);
  }
}

/** False: the parameter is refused. */
function applyFate(
  name: string,
  fate: ParameterFate,
  { top, edits }: { readonly top: TopLevel; readonly edits: GatheredEdits },
): boolean {
  if (fate.kind === 'refuse' && top.value(name) !== null) {
    return fate.harmless?.some((value) => value === top.value(name)) === true;
  }
  if (fate.kind === 'rename' && top.value(name) !== null) edits.set.set(fate.to, textOf(top, name));
  edits.set.delete(name);
  edits.remove.push(name);
  return true;
}

/** Adds the parameters that the body lacks, or lost. */
export function applyDefaults(
  defaults: readonly DefaultParameter[],
  top: TopLevel,
  { set, remove }: GatheredEdits,
): void {
  for (const [name, text] of defaults) {
    if (!set.has(name) && (!top.has(name) || remove.includes(name))) set.set(name, text);
  }
}

function textOf(top: TopLevel, name: string): string {
  const span = top.span(name);
  return span === undefined ? 'null' : Buffer.from(top.bytes.subarray(span.valueStart, span.valueEnd)).toString();
}

function unsupported(
  names: readonly string[],
  { provider, operation }: { readonly provider: string; readonly operation: Operation },
): GatewayError {
  const list = names.join(', ');
  const [first] = names;
  return new GatewayError('unsupported_parameter', {
    message: `The call was routed to provider ${provider}, which does not support for ${operation}: ${list}. Send it without, or with \`drop_params: true\` to have such parameters left out; \`allowed_openai_params\` sends them all the same.`,
    ...(first === undefined ? {} : { param: first }),
  });
}

function wrong(field: string, wanted: string): GatewayError {
  return new GatewayError('invalid_field', { message: `The field ${field} must be ${wanted}.`, param: field });
}
