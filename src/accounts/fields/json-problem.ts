/** What is wrong with a body, or with one of its fields. `field` is its path: `metadata.tags[2]`. */
export interface FieldProblem {
  readonly code: 'invalid_field' | 'missing_field';
  readonly field: string;
  /** One sentence or two. Never holds a value that was sent. */
  readonly message: string;
}

/** Deepest nesting that a body may have: every record is read and compared by recursion. */
const DEEPEST = 32;

/** A place in the body that no database keeps as it is: checked before any field is looked at. */
export function unstorable(value: unknown, field = '', depth = 0): FieldProblem | undefined {
  if (typeof value === 'string') return textProblem(value, field);
  if (typeof value === 'number') return numberProblem(value, field);
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth >= DEEPEST) return invalid(field, `is nested more than ${DEEPEST} levels deep`);
  if (Array.isArray(value)) return firstOf(value, (each, index) => unstorable(each, `${field}[${index}]`, depth + 1));
  return firstOf(Object.entries(value), ([name, each]) => {
    const path = field === '' ? name : `${field}.${name}`;
    return nameProblem(name, field) ?? unstorable(each, path, depth + 1);
  });
}

function firstOf<T>(
  items: readonly T[],
  check: (item: T, index: number) => FieldProblem | undefined,
): FieldProblem | undefined {
  for (const [index, item] of items.entries()) {
    const problem = check(item, index);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function textProblem(text: string, field: string): FieldProblem | undefined {
  if (text.includes('\u0000')) return invalid(field, 'has a NUL character in it');
  return text.isWellFormed() ? undefined : invalid(field, 'has half a surrogate pair in it');
}

function numberProblem(value: number, field: string): FieldProblem | undefined {
  if (!Number.isFinite(value)) return invalid(field, 'is not a finite number');
  if (!Number.isInteger(value) || Number.isSafeInteger(value)) return undefined;
  return invalid(field, 'is an integer beyond 2^53, which would not be kept exactly');
}

function nameProblem(name: string, field: string): FieldProblem | undefined {
  // An own field of this name would set the prototype of the first object that it is assigned to.
  if (name === '__proto__') return invalid(field === '' ? name : `${field}.${name}`, 'cannot be used as a name');
  const problem = textProblem(name, field);
  return problem === undefined
    ? undefined
    : invalid(field === '' ? 'The body' : field, 'has a name in it that cannot be kept');
}

export function invalid(field: string, clause: string): FieldProblem {
  return { code: 'invalid_field', field, message: `${field} ${clause}${clause.endsWith('?') ? '' : '.'}` };
}

/** `a text`, `a list`, `null` ...: what a value is, for messages. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  return typeof value === 'string' ? 'a text' : `a ${typeof value}`;
}
