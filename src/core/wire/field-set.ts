import type { FieldSet } from './contract.ts';

interface Candidate {
  readonly bytes: Uint8Array;
  readonly index: number;
}

/** Compiles the names that a walk shall find. Throws a RangeError for a name that is there twice or not `lower_case`. */
export function compileFieldSet(names: readonly string[]): FieldSet {
  const encoder = new TextEncoder();
  const byLength: Candidate[][] = [];
  const byName = new Map<string, number>();
  for (const [index, name] of names.entries()) {
    if (byName.has(name)) throw new RangeError(`the field set names \`${name}\` twice`);
    if (!/^[a-z0-9_-]+$/.test(name)) throw new RangeError(`the field set takes lower-case names, not \`${name}\``);
    const bytes = encoder.encode(name);
    (byLength[bytes.length] ??= []).push({ bytes, index });
    byName.set(name, index);
  }
  return {
    names: [...names],
    indexOfBytes: (bytes, start, end) => indexOfBytes(byLength[end - start], bytes, start),
    indexOfName: (name) => byName.get(name) ?? -1,
    indexOfFolded: (name) => byName.get(foldCase(name)) ?? -1,
  };
}

/** Folds case at least as widely as Go's encoding/json, which takes the Kelvin sign for a `k` and a long s for an `s`. */
function foldCase(name: string): string {
  return name.toUpperCase().toLowerCase();
}

function indexOfBytes(candidates: readonly Candidate[] | undefined, bytes: Uint8Array, start: number): number {
  if (candidates === undefined) return -1;
  for (const candidate of candidates) {
    if (equalsAt(bytes, start, candidate.bytes)) return candidate.index;
  }
  return -1;
}

function equalsAt(bytes: Uint8Array, start: number, wanted: Uint8Array): boolean {
  for (let offset = 0; offset < wanted.length; offset += 1) {
    if (bytes[start + offset] !== wanted[offset]) return false;
  }
  return true;
}
