import { RE2JS } from 're2js';
import { addBit, intersects, isEmpty, noBits, type Bits } from '../base/bits.ts';
import { BoundedMap } from '../base/bounded-map.ts';

/** Deployments of a group whose pattern hits one User-Agent. */
export interface PatternHits {
  /** Stands for the set in memo keys. 0: nothing hits. */
  readonly id: number;
  readonly bits: Bits;
}

/** The `tag_regex` patterns of a group. */
export interface UserAgentPatterns {
  /** Deployments that have a pattern. */
  readonly owners: Bits;
  /** What hits `User-Agent: <value>`. Nothing hits an absent or empty User-Agent. */
  hits(userAgent: string | undefined): PatternHits;
}

/** A pattern that RE2 refuses. `deployment` is the index in the group, `pattern` the index in `tag_regex`. */
export interface PatternFailure {
  readonly deployment: number;
  readonly pattern: number;
  readonly reason: string;
}

/** User-Agents remembered per group, and the longest that is remembered: callers choose them. */
const REMEMBERED = 1024;
const LONGEST_REMEMBERED = 512;

interface OwnedPattern {
  readonly regex: RE2JS;
  readonly owners: Bits;
}

/** Compiles each deployment's patterns with RE2 syntax: matching takes linear time, whatever the pattern. */
export function compileUserAgentPatterns(patternLists: readonly (readonly string[])[]): {
  patterns: UserAgentPatterns;
  failures: readonly PatternFailure[];
} {
  const size = patternLists.length;
  const owners = noBits(size);
  const bySource = new Map<string, OwnedPattern>();
  const failures: PatternFailure[] = [];
  patternLists.forEach((sources, deployment) => {
    sources.forEach((source, pattern) => {
      addBit(owners, deployment);
      let owned = bySource.get(source);
      if (owned === undefined) {
        const compiled = compilePattern(source);
        if (typeof compiled === 'string') {
          failures.push({ deployment, pattern, reason: compiled });
          return;
        }
        bySource.set(source, (owned = { regex: compiled, owners: noBits(size) }));
      }
      addBit(owned.owners, deployment);
    });
  });
  return { patterns: { owners, hits: searcher([...bySource.values()], size) }, failures };
}

/** The compiled pattern, or why RE2 refuses it. */
function compilePattern(source: string): RE2JS | string {
  try {
    return RE2JS.compile(source);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function searcher(patterns: readonly OwnedPattern[], size: number): UserAgentPatterns['hits'] {
  const nothing: PatternHits = { id: 0, bits: noBits(size) };
  if (patterns.length === 0) return () => nothing;
  const sets = new BoundedMap<string, PatternHits>(REMEMBERED);
  const remembered = new BoundedMap<string, PatternHits>(REMEMBERED);
  let nextId = 1;
  const search = (userAgent: string): PatternHits => {
    const bits = noBits(size);
    const text = `User-Agent: ${userAgent}`;
    for (const { regex, owners } of patterns) {
      if (regex.matcher(text).find()) owners.forEach((word, at) => (bits[at] = (bits[at] ?? 0) | word));
    }
    if (isEmpty(bits)) return nothing;
    const key = bits.join();
    let set = sets.get(key);
    if (set === undefined) sets.set(key, (set = { id: nextId++, bits }));
    return set;
  };
  return (userAgent) => {
    if (userAgent === undefined || userAgent === '') return nothing;
    const known = remembered.get(userAgent);
    if (known !== undefined) return known;
    const found = search(userAgent);
    if (userAgent.length <= LONGEST_REMEMBERED) remembered.set(userAgent, found);
    return found;
  };
}

/** True when a deployment with a pattern is among `left`. */
export function patternAmong(patterns: UserAgentPatterns, left: Bits): boolean {
  return intersects(patterns.owners, left);
}
