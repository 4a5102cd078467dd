import { addBit, isEmpty, noBits, or, type Bits } from '../base/bits.ts';
import { BoundedMap } from '../base/bounded-map.ts';
import { compileGlob, isGlob, type Glob } from '../base/glob.ts';
import { DEFAULT_TAG } from './tag.ts';

/** Those deployments of a group that carry one name. Names carried by the same deployments share one object. */
export interface CarrierSet {
  /** Stands for the set in memo keys. 0: nobody carries it. */
  readonly id: number;
  readonly bits: Bits;
}

/** Which deployments of a group carry which tag, as configured: whatever their health, private ones included. */
export interface CarrierIndex {
  /** The carriers of a name. Names that nobody carries share the set with id 0. */
  carriersOf(name: string): CarrierSet;
  /** Every tag that is written out on a deployment (wildcards not). */
  readonly names: readonly string[];
}

/** Names whose carriers depend on wildcards are remembered up to this many: callers choose them. */
const REMEMBERED_NAMES = 4096;

interface Wildcard {
  readonly glob: Glob;
  readonly bits: Bits;
}

/** Builds the index from each deployment's tags. `*` in a tag stands for any text, but never for the tag `default`. */
export function indexCarriers(tagLists: readonly (readonly string[])[]): CarrierIndex {
  const size = tagLists.length;
  const literal = new Map<string, Bits>();
  const wildcards = new Map<string, Wildcard>();
  tagLists.forEach((tags, index) => {
    for (const tag of tags)
      addBit(isGlob(tag) ? wildcardBits(wildcards, tag, size) : bitsOf(literal, tag, size), index);
  });
  const sets = new CarrierSets(size);
  const exact = new Map<string, CarrierSet>();
  const lookup = new WildcardLookup([...wildcards.values()]);
  for (const [name, bits] of literal) exact.set(name, sets.intern(lookup.widen(name, bits)));
  const remembered = new BoundedMap<string, CarrierSet>(REMEMBERED_NAMES);
  const carriersOf = (name: string): CarrierSet => {
    const known = exact.get(name);
    if (known !== undefined) return known;
    if (lookup.empty) return sets.nobody;
    const again = remembered.get(name);
    if (again !== undefined) return again;
    const found = sets.intern(lookup.widen(name, sets.nobody.bits));
    remembered.set(name, found);
    return found;
  };
  return { carriersOf, names: [...literal.keys()] };
}

function bitsOf(map: Map<string, Bits>, tag: string, size: number): Bits {
  let bits = map.get(tag);
  if (bits === undefined) map.set(tag, (bits = noBits(size)));
  return bits;
}

function wildcardBits(map: Map<string, Wildcard>, tag: string, size: number): Bits {
  let wildcard = map.get(tag);
  if (wildcard === undefined) map.set(tag, (wildcard = { glob: compileGlob(tag), bits: noBits(size) }));
  return wildcard.bits;
}

/** Finds the wildcards that cover a name by the text before their first `*`, so that the cost does not grow with their number. */
class WildcardLookup {
  readonly empty: boolean;
  readonly #byHead = new Map<string, Wildcard[]>();
  readonly #headLengths: readonly number[];

  constructor(wildcards: readonly Wildcard[]) {
    this.empty = wildcards.length === 0;
    for (const wildcard of wildcards) {
      const head = wildcard.glob.pattern.slice(0, wildcard.glob.pattern.indexOf('*'));
      const sameHead = this.#byHead.get(head);
      if (sameHead === undefined) this.#byHead.set(head, [wildcard]);
      else sameHead.push(wildcard);
    }
    this.#headLengths = [...new Set([...this.#byHead.keys()].map((head) => head.length))];
  }

  /** `bits` and the carriers of every wildcard that covers `name`. */
  widen(name: string, bits: Bits): Bits {
    if (this.empty || name === DEFAULT_TAG) return bits;
    let widened = bits;
    for (const length of this.#headLengths) {
      if (length > name.length) continue;
      for (const wildcard of this.#byHead.get(name.slice(0, length)) ?? []) {
        if (wildcard.glob.matches(name)) widened = or(widened, wildcard.bits);
      }
    }
    return widened;
  }
}

/** Gives equal sets one object and one id. Bounded: a set that was dropped gets a new id, and old memo entries age out. */
class CarrierSets {
  readonly nobody: CarrierSet;
  readonly #interned = new BoundedMap<string, CarrierSet>(2 * REMEMBERED_NAMES);
  #nextId = 1;

  constructor(size: number) {
    this.nobody = { id: 0, bits: noBits(size) };
  }

  intern(bits: Bits): CarrierSet {
    if (isEmpty(bits)) return this.nobody;
    const key = bits.join();
    let set = this.#interned.get(key);
    if (set === undefined) this.#interned.set(key, (set = { id: this.#nextId++, bits }));
    return set;
  }
}
