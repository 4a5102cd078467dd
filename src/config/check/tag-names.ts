import { compileGlob } from '../../core/base/glob.ts';
import type { Problem } from '../../core/base/problem.ts';
import type { GatewayConfig } from '../contract.ts';
import { problemOf } from '../findings.ts';
import { placeKey } from '../places.ts';
import { isAccountingOnly } from './reachability.ts';
import { listNames, placeOr } from './view.ts';

/** Spellings that differ only in case or separators, tags whose declaration keeps them from choosing, declarations for nothing. */
export function checkTagNames(config: GatewayConfig): readonly Problem[] {
  const tags = new Map<string, { readonly key: string; readonly id: string }>();
  for (const { id, tags: own } of config.deployments) {
    for (const tag of own) if (!tags.has(tag)) tags.set(tag, { key: placeKey('deployment.tags', id), id });
  }
  const names = [...tags].map(([name, { key }]) => ({ name, key }));
  const declared = config.routing.declared.map(({ pattern }) => ({ name: pattern, key: placeKey('tag', pattern) }));
  return [
    ...nearDuplicates(config, [...names, ...declared]),
    ...unsendable(config, names),
    ...prefixed(config, names),
    ...idle(config, [...tags.keys()]),
  ];
}

interface Name {
  readonly name: string;
  readonly key: string;
}

function nearDuplicates(config: GatewayConfig, names: readonly Name[]): readonly Problem[] {
  const spellings = new Map<string, Name[]>();
  for (const one of names) {
    const same = spellings.get(plainSpelling(one.name)) ?? [];
    if (!same.some((other) => other.name === one.name)) same.push(one);
    spellings.set(plainSpelling(one.name), same);
  }
  return [...spellings.values()].flatMap((same) => {
    const [first, ...others] = same;
    const last = others.at(-1);
    if (first === undefined || last === undefined) return [];
    const message = `The tags ${listNames(same.map((one) => one.name))} differ only in case or separators; tags are compared exactly, so that these are different ones.`;
    const hint = `Write "${first.name}" everywhere, if they are meant to be one.`;
    return [problemOf('near-duplicate-tags', { message, hint, ...placeOr(config, last.key, undefined) })];
  });
}

/** `Team-A` and `team_a` are `teama`; a separator between digits stays: `v1.0` is not `v10`. */
function plainSpelling(name: string): string {
  const bare = name.toLowerCase().replaceAll(/(?<![0-9])[-_\s.:/]+|[-_\s.:/]+(?![0-9])/g, '');
  return bare === '' ? name : bare;
}

function unsendable(config: GatewayConfig, names: readonly Name[]): readonly Problem[] {
  return names
    .filter(({ name }) => isAccountingOnly(name, config))
    .map(({ name, key }) => {
      const message = `Deployments carry the tag "${name}", which is declared \`routing: false\`: it chooses none of them, whoever sends it.`;
      const hint = 'Remove the declaration under `tags:`, or the tag.';
      return problemOf('unsendable-tag', { message, hint, ...placeOr(config, key, undefined) });
    });
}

/** Tags of calls lose the routing prefix; those of deployments are names as they stand. */
function prefixed(config: GatewayConfig, names: readonly Name[]): readonly Problem[] {
  const { prefix } = config.routing;
  if (prefix === '') return [];
  return names
    .filter(({ name }) => name.startsWith(prefix))
    .map(({ name, key }) => {
      const bare = name.slice(prefix.length);
      const message = `The tag "${name}" begins with "${prefix}", the routing prefix, which tags of calls lose: "${name}" in a call asks for "${bare}", and not for this tag.`;
      const hint = bare === '' ? 'Write a name.' : `Write "${bare}".`;
      return problemOf('marker-in-deployment-tag', { message, hint, ...placeOr(config, key, undefined) });
    });
}

/** `restricted` for a name that no deployment carries restricts accounting only: likely a spelling mistake. */
function idle(config: GatewayConfig, tags: readonly string[]): readonly Problem[] {
  return config.routing.declared
    .filter(
      (one) =>
        one.routing !== false && !tags.some((tag) => tag === one.pattern || compileGlob(one.pattern).matches(tag)),
    )
    .map(({ pattern }) => {
      const message = `"${pattern}" under tags: matches no tag of any deployment.`;
      const hint = 'Correct its spelling, or add `routing: false` if it is for accounting.';
      return problemOf('undeclared-pattern', {
        message,
        hint,
        ...placeOr(config, placeKey('tag', pattern), undefined),
      });
    });
}
