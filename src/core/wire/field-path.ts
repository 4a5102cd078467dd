/** One step into a value: a key of an object, a place in a list, or every item of a list. */
export type FieldStep =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'every' };

/** A place in a body: a top-level field, and the steps below it. No steps: the field itself. */
export interface FieldPath {
  readonly field: string;
  readonly steps: readonly FieldStep[];
}

/** Characters, and steps: longer than any API is deep. */
const LONGEST = 256;
const DEEPEST = 16;

const FIELD = /^[a-z0-9_-]+/;
const STEP = /^(?:\.([^.[\]]+)|\[(\d{1,6}|\*)\])/;

/**
 * Reads `field`, `parent.child`, `list[*]`, `list[0]`, `tools[*].function.strict`; undefined for anything else. Top-level names
 * are in lower case, as every API has them. Source: LiteLLM's documentation of `additional_drop_params`.
 */
export function parseFieldPath(text: string): FieldPath | undefined {
  const field = FIELD.exec(text)?.[0];
  if (field === undefined || text.length > LONGEST) return undefined;
  const steps: FieldStep[] = [];
  let rest = text.slice(field.length);
  while (rest !== '') {
    const match = STEP.exec(rest);
    if (match === null || steps.length === DEEPEST) return undefined;
    steps.push(stepOf(match[1], match[2]));
    rest = rest.slice(match[0].length);
  }
  return { field, steps };
}

function stepOf(key: string | undefined, place: string | undefined): FieldStep {
  if (key !== undefined) return { kind: 'key', key };
  return place === '*' ? { kind: 'every' } : { kind: 'index', index: Number(place) };
}

/**
 * The JSON text of a value without what `paths` lead to; the same text where they lead nowhere. Numbers stay as they were
 * written, however large; white space goes.
 */
export function withoutPaths(json: string, paths: readonly (readonly FieldStep[])[]): string {
  const value = parseKeepingNumbers(json);
  let changed = false;
  for (const steps of paths) if (removeAt(value, steps, 0)) changed = true;
  return changed ? JSON.stringify(value) : json;
}

function removeAt(value: unknown, steps: readonly FieldStep[], from: number): boolean {
  const step = steps[from];
  if (step === undefined || typeof value !== 'object' || value === null) return false;
  const last = from === steps.length - 1;
  if (Array.isArray(value)) return step.kind !== 'key' && removeFromList(value, { steps, from, step, last });
  return step.kind === 'key' && removeFromObject(value as Record<string, unknown>, { steps, from, step, last });
}

interface At<Step> {
  readonly steps: readonly FieldStep[];
  readonly from: number;
  readonly step: Step;
  readonly last: boolean;
}

type ListStep = Exclude<FieldStep, { kind: 'key' }>;
type KeyStep = Extract<FieldStep, { kind: 'key' }>;

function removeFromList(list: unknown[], { steps, from, step, last }: At<ListStep>): boolean {
  const [start, end] = step.kind === 'every' ? [0, list.length] : [step.index, step.index + 1];
  if (start >= list.length || start === end) return false;
  if (last) {
    list.splice(start, end - start);
    return true;
  }
  let changed = false;
  for (const item of list.slice(start, end)) if (removeAt(item, steps, from + 1)) changed = true;
  return changed;
}

function removeFromObject(object: Record<string, unknown>, { steps, from, step, last }: At<KeyStep>): boolean {
  if (!Object.hasOwn(object, step.key)) return false;
  return last ? Reflect.deleteProperty(object, step.key) : removeAt(object[step.key], steps, from + 1);
}

/** What the runtime has and its types do not yet: a number's own text, and a value that is written as it stands. */
interface SourceTextJson {
  parse(text: string, revive: (key: string, value: unknown, context: { readonly source?: string }) => unknown): unknown;
  rawJSON(text: string): unknown;
}

function parseKeepingNumbers(json: string): unknown {
  const source = JSON as unknown as SourceTextJson;
  return source.parse(json, (_, value, context) =>
    typeof value === 'number' && context.source !== undefined && String(value) !== context.source
      ? source.rawJSON(context.source)
      : value,
  );
}
