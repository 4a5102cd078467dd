import { compileGlob, isGlob, type Glob } from '../base/glob.ts';
import type { DeclaredTag } from './settings.ts';

/** What the config's `tags:` says of one name: every declaration that matches applies. */
export interface TagRules {
  /** Declared `routing: false` by any match. */
  readonly accounting: boolean;
  /** Declared `restricted: true` by any match. */
  readonly restricted: boolean;
}

const FREE: TagRules = { accounting: false, restricted: false };

/** The config's `tags:`, compiled. */
export interface Vocabulary {
  readonly empty: boolean;
  rulesFor(name: string): TagRules;
}

export function compileVocabulary(declared: readonly DeclaredTag[]): Vocabulary {
  const byName = new Map<string, TagRules>();
  const patterns: { glob: Glob; rules: TagRules }[] = [];
  for (const entry of declared) {
    const rules = { accounting: entry.routing === false, restricted: entry.restricted === true };
    if (isGlob(entry.pattern)) patterns.push({ glob: compileGlob(entry.pattern), rules });
    else byName.set(entry.pattern, either(byName.get(entry.pattern) ?? FREE, rules));
  }
  const rulesFor = (name: string): TagRules => {
    let rules = byName.get(name) ?? FREE;
    for (const pattern of patterns) if (pattern.glob.matches(name)) rules = either(rules, pattern.rules);
    return rules;
  };
  return { empty: declared.length === 0, rulesFor: declared.length === 0 ? () => FREE : rulesFor };
}

function either(a: TagRules, b: TagRules): TagRules {
  return { accounting: a.accounting || b.accounting, restricted: a.restricted || b.restricted };
}
