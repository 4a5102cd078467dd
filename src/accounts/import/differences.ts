/** Who wrote a record and when is no difference: the import would write other stamps every time. */
const STAMPS = new Set(['createdAt', 'createdBy', 'updatedAt', 'updatedBy']);

/** Names of the fields in which two records differ, but for their stamps. */
export function differences(a: object, b: object): readonly string[] {
  const [left, right] = [new Map(Object.entries(a)), new Map(Object.entries(b))];
  const names = new Set([...left.keys(), ...right.keys()]);
  return [...names].filter((name) => !STAMPS.has(name) && canonical(left.get(name)) !== canonical(right.get(name)));
}

/** JSON with sorted names: databases give the names of an object back in an order of their own. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_name, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}
