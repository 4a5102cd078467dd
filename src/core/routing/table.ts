import { BoundedMap } from '../base/bounded-map.ts';
import { compileGlob, isGlob, type Glob } from '../base/glob.ts';
import type { Problem } from '../base/problem.ts';
import type { TagPolicy } from './facts.ts';
import { compileGroup, type CompiledGroup } from './group.ts';
import { compilePolicy, policyKey, type CompiledPolicy } from './policy.ts';
import type { GroupAlias, RoutingConfig } from './settings.ts';
import { compileVocabulary, type Vocabulary } from './vocabulary.ts';

/** What a client's `model` stands for. */
export interface Resolution {
  readonly group: CompiledGroup;
  /** Index of the deployment, where the client named one by id. */
  readonly deployment?: number;
  /** What each `*` of a wildcard group stood for. */
  readonly captured?: readonly string[];
}

/** A routing config, compiled. Immutable but for what it remembers, which is bounded. */
export interface RoutingTable {
  readonly config: RoutingConfig;
  readonly vocabulary: Vocabulary;
  readonly groups: ReadonlyMap<string, CompiledGroup>;
  readonly aliases: ReadonlyMap<string, GroupAlias>;
  /** Alias, then group, then deployment id, then the most specific wildcard group. */
  resolve(model: string): Resolution | undefined;
  /** By a deployment's id alone, whatever else has that name. */
  resolveId(deploymentId: string): Resolution | undefined;
  policyOf(policy: TagPolicy): CompiledPolicy;
}

/** Policies by content; a principal's policy object is looked up by identity first. */
const REMEMBERED_POLICIES = 4096;

/** Compiles a config. A pattern that RE2 refuses is a problem (`bad-regex`); the table then must not be served from. */
export function compileTable(config: RoutingConfig): { table: RoutingTable; problems: readonly Problem[] } {
  const groups = new Map<string, CompiledGroup>();
  const byId = new Map<string, Resolution>();
  const problems: Problem[] = [];
  for (const spec of config.groups) {
    const { group, failures } = compileGroup(spec);
    groups.set(group.name, group);
    group.deployments.forEach((deployment, index) => byId.set(deployment.id, { group, deployment: index }));
    for (const { deployment, pattern, reason } of failures) {
      problems.push(badRegex(group, { deployment, pattern, reason }));
    }
  }
  const aliases = new Map(config.aliases.map((alias) => [alias.name, alias]));
  const vocabulary = compileVocabulary(config.settings.declared);
  const policyOf = policyCompiler({ prefix: config.settings.prefix, vocabulary });
  const resolve = resolver({ groups, byId, aliases });
  const resolveId = (id: string): Resolution | undefined => byId.get(id);
  return { table: { config, vocabulary, groups, aliases, resolve, resolveId, policyOf }, problems };
}

function badRegex(group: CompiledGroup, failure: { deployment: number; pattern: number; reason: string }): Problem {
  const deployment = group.deployments[failure.deployment];
  const source = deployment?.tagRegex[failure.pattern] ?? '';
  return {
    code: 'bad-regex',
    severity: 'error',
    message: `tag_regex ${JSON.stringify(source)} of deployment ${deployment?.id ?? '?'} in group ${group.name} is not a valid RE2 pattern: ${failure.reason}.`,
    hint: 'Write it in RE2 syntax: no lookahead, lookbehind or back-reference.',
  };
}

interface Names {
  readonly groups: ReadonlyMap<string, CompiledGroup>;
  readonly byId: ReadonlyMap<string, Resolution>;
  readonly aliases: ReadonlyMap<string, GroupAlias>;
}

function resolver({ groups, byId, aliases }: Names): RoutingTable['resolve'] {
  const exact = new Map<string, Resolution>();
  const wildcards: { glob: Glob; group: CompiledGroup }[] = [];
  for (const [name, group] of groups) {
    if (!isGlob(name)) exact.set(name, { group });
    else wildcards.push({ glob: compileGlob(name), group });
  }
  wildcards.sort((a, b) => b.glob.literalLength - a.glob.literalLength);
  const byWildcard = (model: string): Resolution | undefined => {
    for (const { glob, group } of wildcards) {
      const captured = glob.capture(model);
      if (captured !== undefined) return { group, captured };
    }
    return undefined;
  };
  return (model) => {
    const name = aliases.get(model)?.group ?? model;
    return exact.get(name) ?? byId.get(name) ?? byWildcard(name);
  };
}

function policyCompiler(context: { prefix: string; vocabulary: Vocabulary }): RoutingTable['policyOf'] {
  const byObject = new WeakMap<TagPolicy, CompiledPolicy>();
  const byContent = new BoundedMap<string, CompiledPolicy>(REMEMBERED_POLICIES);
  let nextId = 1;
  return (policy) => {
    const known = byObject.get(policy);
    if (known !== undefined) return known;
    const key = policyKey(policy);
    let compiled = byContent.get(key);
    if (compiled === undefined) byContent.set(key, (compiled = compilePolicy(nextId++, policy, context)));
    byObject.set(policy, compiled);
    return compiled;
  };
}
