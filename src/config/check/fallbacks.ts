import { compileGlob, isGlob } from '../../core/base/glob.ts';
import { nearest } from '../../core/base/nearest.ts';
import type { Problem } from '../../core/base/problem.ts';
import type { GatewayConfig } from '../contract.ts';
import { problemOf } from '../findings.ts';
import { placeKey } from '../places.ts';
import { carries, type GroupView, listNames, placeOr } from './view.ts';

type Kind = 'general' | 'context_window' | 'content_policy';

interface Chain {
  readonly kind: Kind;
  readonly group: string;
  readonly targets: readonly string[];
}

/** Fallbacks that name nothing, go round in circles, or lead where a call's tags can never be served. */
export function checkFallbacks(config: GatewayConfig, groups: readonly GroupView[]): readonly Problem[] {
  const names = new Names(config, groups);
  const chains = chainsOf(config);
  return [
    ...chains.flatMap((chain) => checkNames(config, chain, names)),
    ...checkCycles(config, chains),
    ...chains.flatMap((chain) => checkTags(config, chain, names)),
    ...chains.flatMap((chain) => checkFence(config, chain, names)),
  ];
}

function chainsOf(config: GatewayConfig): readonly Chain[] {
  const { general, contextWindow, contentPolicy } = config.fallbacks;
  const chains = (kind: Kind, map: ReadonlyMap<string, readonly string[]>): Chain[] =>
    [...map].map(([group, targets]) => ({ kind, group, targets }));
  return [
    ...chains('general', general),
    ...chains('context_window', contextWindow),
    ...chains('content_policy', contentPolicy),
  ];
}

/** What a name in a fallback can stand for: a group, an alias, a deployment's id, or what a wildcard group covers. */
class Names {
  readonly #groups: ReadonlyMap<string, GroupView>;
  readonly #aliases: ReadonlyMap<string, string>;
  readonly #ids: ReadonlySet<string>;
  readonly #wildcards: readonly GroupView[];

  constructor(config: GatewayConfig, groups: readonly GroupView[]) {
    this.#groups = new Map(groups.map((group) => [group.name, group]));
    this.#aliases = new Map(config.aliases.map((alias) => [alias.name, alias.group]));
    this.#ids = new Set(config.deployments.map((deployment) => deployment.id));
    this.#wildcards = groups.filter((group) => isGlob(group.name));
  }

  get all(): readonly string[] {
    return [...this.#groups.keys(), ...this.#aliases.keys(), ...this.#ids];
  }

  group(name: string): GroupView | undefined {
    const resolved = this.#aliases.get(name) ?? name;
    return this.#groups.get(resolved) ?? this.#wildcards.find((group) => compileGlob(group.name).matches(resolved));
  }

  has(name: string): boolean {
    return this.#ids.has(name) || this.group(name) !== undefined;
  }

  /** LiteLLM also finds the chain of `gpt-x` for the group `openai/gpt-x`. */
  hasSource(name: string): boolean {
    return (
      name === '*' ||
      this.has(name) ||
      [...this.#groups.keys()].some((group) => group.slice(group.indexOf('/') + 1) === name)
    );
  }
}

function checkNames(config: GatewayConfig, chain: Chain, names: Names): readonly Problem[] {
  const place = placeOr(config, placeKey('fallback', chain.kind, chain.group), undefined);
  const found: Problem[] = [];
  if (!names.hasSource(chain.group)) {
    const message = `A fallback is set for "${chain.group}", which is no group.`;
    found.push(problemOf('fallback-for-missing-group', { message, hint: didYouMean(chain.group, names), ...place }));
  }
  for (const target of chain.targets) {
    // Several names folded into one text: reading has reported that.
    if (names.has(target) || /\s-\s/.test(target)) continue;
    const message = `The fallback of "${chain.group}" names "${target}", which is no group.`;
    found.push(problemOf('fallback-to-missing-group', { message, hint: didYouMean(target, names), ...place }));
  }
  return found;
}

function didYouMean(name: string, names: Names): string {
  const [near] = nearest(name, names.all, 1);
  return near === undefined ? 'Write the `model_name` of a group.' : `Did you mean "${near}"?`;
}

function checkCycles(config: GatewayConfig, chains: readonly Chain[]): readonly Problem[] {
  const found: Problem[] = [];
  for (const kind of ['general', 'context_window', 'content_policy'] as const) {
    const targets = new Map(chains.filter((chain) => chain.kind === kind).map((chain) => [chain.group, chain.targets]));
    const closed = new Set<string>();
    for (const start of targets.keys()) {
      const cycle = closed.has(start) ? undefined : findCycle(start, targets);
      if (cycle === undefined) continue;
      for (const name of cycle) closed.add(name);
      const message = `Fallbacks lead back to where they began: ${[...cycle, start].map((name) => `"${name}"`).join(' -> ')}.`;
      const place = placeOr(config, placeKey('fallback', kind, start), undefined);
      found.push(
        problemOf('fallback-cycle', {
          message,
          hint: 'A call never tries a group twice; nothing to do if this is meant.',
          ...place,
        }),
      );
    }
  }
  return found;
}

/** The shortest way from `start` back to itself. */
function findCycle(start: string, targets: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (const name of queue) {
    for (const next of targets.get(name) ?? []) {
      if (next === start) return wayTo(name, start, cameFrom);
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, name);
      queue.push(next);
    }
  }
  return undefined;
}

function wayTo(name: string, start: string, cameFrom: ReadonlyMap<string, string>): readonly string[] {
  const way = [name];
  for (let at = name; at !== start;) {
    at = cameFrom.get(at) ?? start;
    way.unshift(at);
  }
  return way;
}

/** Tags that the group carries, and that the fallback group neither carries nor lets fall to a `default`. */
function checkTags(config: GatewayConfig, chain: Chain, names: Names): readonly Problem[] {
  const from = names.group(chain.group);
  if (from === undefined || !from.filtering) return [];
  const tags = tagsOf(from).filter((tag) => !isGlob(tag));
  return chain.targets.flatMap((target) => {
    const to = names.group(target);
    if (to === undefined || to === from || !to.filtering || !to.tagged || to.hasDefault) return [];
    const lost = tags.filter((tag) => !to.deployments.some((one) => carries(one, tag)));
    if (lost.length === 0) return [];
    const message = `The fallback group "${target}" can never serve calls of "${chain.group}" tagged ${listNames(lost)}: none of its deployments has the tag, and none is tagged "default".`;
    const hint = 'Tag a deployment of the fallback group alike, or give it a `default`.';
    const place = placeOr(config, placeKey('fallback', chain.kind, chain.group), undefined);
    return [problemOf('fallback-never-serves-tags', { message, hint, ...place })];
  });
}

/** Groups in which tags choose nothing, as fallbacks of one in which a tag of a key or team is a fence. */
function checkFence(config: GatewayConfig, chain: Chain, names: Names): readonly Problem[] {
  const from = names.group(chain.group);
  const fences = config.routing.authority === 'fence' && from?.filtering === true && tagsOf(from).length > 0;
  if (!fences) return [];
  return chain.targets.flatMap((target) => {
    const to = names.group(target);
    if (to === undefined || to === from || (to.filtering && to.tagged)) return [];
    const why = to.filtering ? 'has no tags' : 'has tag filtering off';
    const message = `The fallback group "${target}" ${why}: a tag of a key or team that holds calls to deployments of "${chain.group}" does not hold them there.`;
    const hint = 'Tag its deployments alike, if tags of keys and teams are meant to hold there.';
    const place = placeOr(config, placeKey('fallback', chain.kind, chain.group), undefined);
    return [problemOf('fallback-leaves-fence', { message, hint, ...place })];
  });
}

function tagsOf(group: GroupView): readonly string[] {
  return [...new Set(group.deployments.flatMap((one) => one.tags))].filter((tag) => tag !== 'default');
}
