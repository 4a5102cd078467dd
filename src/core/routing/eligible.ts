import { and, intersects, isEmpty, noBits, or, without, type Bits } from '../base/bits.ts';
import type { CarrierSet } from './carriers.ts';
import type { Choice } from './choice.ts';
import type { CompiledGroup } from './group.ts';
import type { GroupPolicy } from './group-policy.ts';
import { patternAmong, type PatternHits } from './user-agent.ts';

/** A caller tag that takes part, as the group sees it. */
export interface QueryTag {
  readonly carriers: CarrierSet;
  /** Sent with the routing prefix: counts as known, never falls to `default`. */
  readonly prefixed: boolean;
}

/** What a caller asks of a group: its tags that take part, and what its User-Agent hits. */
export interface Query {
  readonly plain: readonly QueryTag[];
  readonly required: readonly QueryTag[];
  readonly excluded: readonly QueryTag[];
  readonly hits: PatternHits;
  /** A call by deployment id: no narrowing to `default`, no fail-open. */
  readonly byId: boolean;
  /** Permitted plain and required tags open private deployments. */
  readonly grantsOpenPrivate: boolean;
}

/** Which rule produced the eligible set. */
export type Basis =
  | 'filtering_off'
  | 'fenced_out'
  | 'matches'
  | 'unknown_to_default'
  | 'known_without_match'
  | 'inside_fence'
  | 'meets_requirements'
  | 'untagged_to_default'
  | 'untagged_to_all'
  | 'by_id';

export type PolicyRefusal = 'fenced_out' | 'tag_not_permitted' | 'no_deployment_for_tags';

/** Who may serve, by configuration alone; with each stage, so that reasons can be told when somebody asks. */
export interface Eligibility {
  readonly basis: Basis;
  readonly constrained: Bits;
  readonly fenced: Bits;
  readonly pool: Bits;
  /** The pool after the caller's `!` and `&`. */
  readonly left: Bits;
  /** Of what is left, those that a plain tag or the User-Agent hit. */
  readonly matched: Bits;
  readonly eligible: Bits;
  readonly refusal: PolicyRefusal | undefined;
  /** What fail-open would serve from; undefined: it does not open. */
  readonly opened: Bits | undefined;
  /** Tables for picking, made when first needed. */
  readonly choices: { eligible?: Choice; opened?: Choice };
}

export interface EligibleInput {
  readonly group: CompiledGroup;
  readonly policy: GroupPolicy;
  readonly matchAny: boolean;
  readonly query: Query;
}

/** Filtering off: everything that is not private. */
export function eligibleUnfiltered(group: CompiledGroup): Eligibility {
  const open = without(group.all, group.privates);
  const none = isEmpty(open);
  return {
    basis: none ? 'fenced_out' : 'filtering_off',
    constrained: group.all,
    fenced: group.all,
    pool: open,
    left: open,
    matched: noBits(group.size),
    eligible: open,
    refusal: none ? 'fenced_out' : undefined,
    opened: undefined,
    choices: {},
  };
}

/** The rules of section "Eligibility" of the tag routing reference, in its order. */
export function eligibleFiltered(input: EligibleInput): Eligibility {
  const { group, policy, query } = input;
  const pool = without(policy.fenced, without(group.privates, openedPrivates(input)));
  const stages = { constrained: policy.constrained, fenced: policy.fenced, pool, choices: {} };
  const nobody = noBits(group.size);
  if (isEmpty(pool)) {
    const empty = { left: pool, matched: nobody, eligible: nobody, opened: undefined };
    return { ...stages, ...empty, basis: 'fenced_out', refusal: 'fenced_out' };
  }
  const left = constrain(pool, query);
  const plain = takingPart(input);
  const { basis, eligible, matched } = match(input, { left, plain });
  const refused = isEmpty(eligible);
  const outside = refused && !query.byId && satisfiedOutside(input, { pool, plain });
  return {
    ...stages,
    basis,
    left,
    matched,
    eligible,
    refusal: refused ? (outside ? 'tag_not_permitted' : 'no_deployment_for_tags') : undefined,
    opened: outside ? undefined : openSet(input, pool),
  };
}

function openedPrivates({ policy, query }: EligibleInput): Bits {
  if (!query.grantsOpenPrivate) return policy.opened;
  return [...query.plain, ...query.required].reduce((bits, tag) => or(bits, tag.carriers.bits), policy.opened);
}

function constrain(pool: Bits, query: Query): Bits {
  const kept = query.required.reduce((bits, tag) => and(bits, tag.carriers.bits), pool);
  return query.excluded.reduce((bits, tag) => without(bits, tag.carriers.bits), kept);
}

/** The plain tags that take part in the match: the caller's, and under `union` the policy's. */
function takingPart({ group, policy, query }: EligibleInput): readonly QueryTag[] {
  const joined = policy.joined.map((carriers) => ({ carriers, prefixed: false }));
  return [...query.plain, ...joined].filter((tag) => {
    if (tag.prefixed) return true;
    return group.steered && !(policy.binds && tag.carriers.id === 0);
  });
}

interface Candidates {
  readonly left: Bits;
  readonly plain: readonly QueryTag[];
}

type Match = Pick<Eligibility, 'basis' | 'eligible' | 'matched'>;

function match(input: EligibleInput, candidates: Candidates): Match {
  const { group, policy, query } = input;
  const { left, plain } = candidates;
  const anyRequirement = policy.hasRequirement || query.required.length > 0;
  const nobody = noBits(group.size);
  if (plain.length > 0 || (!anyRequirement && query.hits.id !== 0 && patternAmong(group.userAgents, left))) {
    const matched = and(left, or(carriersOfPlain(input, plain), patternHits(input)));
    if (!isEmpty(matched)) return { basis: 'matches', eligible: matched, matched };
    if (plain.some((tag) => tag.prefixed || tag.carriers.id !== 0)) {
      return { basis: 'known_without_match', eligible: nobody, matched: nobody };
    }
    if (plain.length > 0) {
      return { basis: 'unknown_to_default', eligible: and(left, group.defaults), matched: nobody };
    }
  }
  return { ...withoutPlainTags(input, left, anyRequirement), matched: nobody };
}

function withoutPlainTags(input: EligibleInput, left: Bits, anyRequirement: boolean): Omit<Match, 'matched'> {
  const { group, policy, query } = input;
  if (policy.hasFence) return { basis: 'inside_fence', eligible: left };
  if (anyRequirement) return { basis: 'meets_requirements', eligible: left };
  if (query.byId) return { basis: 'by_id', eligible: left };
  const defaults = without(group.defaults, group.privates);
  if (isEmpty(defaults)) return { basis: 'untagged_to_all', eligible: left };
  return { basis: 'untagged_to_default', eligible: and(left, defaults) };
}

/** Carriers of any of the plain tags, or of all under match-all; nobody where there are none. */
function carriersOfPlain({ group, matchAny }: EligibleInput, plain: readonly QueryTag[]): Bits {
  if (plain.length === 0) return noBits(group.size);
  return plain.map((tag) => tag.carriers.bits).reduce(matchAny ? or : and);
}

/** Under match-all a pattern never selects a deployment that has tags of its own. */
function patternHits({ group, matchAny, query }: EligibleInput): Bits {
  return matchAny ? query.hits.bits : without(query.hits.bits, group.tagged);
}

/** True when a deployment outside the pool would have satisfied the caller's tags (by tags, not by User-Agent). */
function satisfiedOutside(input: EligibleInput, { pool, plain }: { pool: Bits; plain: readonly QueryTag[] }): boolean {
  const { group, query } = input;
  if (plain.length === 0 && query.required.length === 0) return false;
  const outside = constrain(without(group.all, pool), query);
  return plain.length === 0 ? !isEmpty(outside) : intersects(outside, carriersOfPlain(input, plain));
}

/** What fail-open serves from: inside the pool, no private one that only a grant opened, the defaults first. */
function openSet({ group, policy, query }: EligibleInput, pool: Bits): Bits | undefined {
  if (!group.allowFailOpen || query.byId || inventedHidesAnswer(query, pool)) return undefined;
  const open = without(pool, without(group.privates, policy.opened));
  const defaults = and(open, group.defaults);
  const opened = isEmpty(defaults) ? open : defaults;
  return isEmpty(opened) ? undefined : opened;
}

/** The caller mixed known and invented `&` tags, and without the invented ones somebody would be left. */
function inventedHidesAnswer(query: Query, pool: Bits): boolean {
  const known = query.required.filter((tag) => tag.prefixed || tag.carriers.id !== 0);
  if (known.length === 0 || known.length === query.required.length) return false;
  return !isEmpty(constrain(pool, { ...query, required: known }));
}
