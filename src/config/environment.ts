import { type ConfigNode, listNode, type MapEntry, type MapNode, mapNode, type ScalarNode } from './tree/node.ts';

/** LiteLLM's way to take a value from the environment: the whole value, `os.environ/` and the variable's name. */
export const ENVIRONMENT_PREFIX = 'os.environ/';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The environment that a config is read with: `environment_variables` over the process's own. */
export interface ReadEnvironment {
  /** `environment_variables`, resolved. */
  readonly set: ReadonlyMap<string, string>;
  readonly lookup: (name: string) => string | undefined;
  /** Every variable that the config asked for, with what it got: part of the config's version. */
  readonly used: ReadonlyMap<string, string | undefined>;
}

/** Reads `environment_variables`, in order, so that a later one can use an earlier one. */
export function readEnvironment(section: ConfigNode | undefined, env: Environment): ReadEnvironment {
  const set = new Map<string, string>();
  const used = new Map<string, string | undefined>();
  const lookup = (name: string): string | undefined => {
    const value = set.get(name) ?? (Object.hasOwn(env, name) ? env[name] : undefined);
    used.set(name, value);
    return value;
  };
  if (section?.kind === 'map') {
    for (const { key, value } of section.entries.values()) {
      const text = value.kind === 'scalar' ? environmentText(value, lookup) : undefined;
      if (text !== undefined) set.set(key, text);
    }
  }
  return { set, lookup, used };
}

/** Environment variables are text: a number or a boolean becomes the text that Python would make of it. */
function environmentText(node: ScalarNode, lookup: (name: string) => string | undefined): string | undefined {
  if (node.value === null) return undefined;
  if (typeof node.value === 'boolean') return node.value ? 'True' : 'False';
  const text = String(node.value);
  return text.startsWith(ENVIRONMENT_PREFIX) ? lookup(text.slice(ENVIRONMENT_PREFIX.length)) : text;
}

/** The same tree with every `os.environ/NAME` replaced by the variable's value; a variable that is not set leaves null and its name. */
export function resolveEnvironment(root: ConfigNode, lookup: (name: string) => string | undefined): ConfigNode {
  const done = new Map<ConfigNode, ConfigNode>();
  const resolve = (node: ConfigNode): ConfigNode => {
    const known = done.get(node);
    if (known !== undefined) return known;
    const resolved = resolveNode(node, resolve, lookup);
    done.set(node, resolved);
    return resolved;
  };
  return resolve(root);
}

function resolveNode(
  node: ConfigNode,
  resolve: (node: ConfigNode) => ConfigNode,
  lookup: (name: string) => string | undefined,
): ConfigNode {
  if (node.kind === 'list') return listNode(node.items.map(resolve), node.at);
  if (node.kind === 'map') return resolveMap(node, resolve);
  if (typeof node.value !== 'string' || !node.value.startsWith(ENVIRONMENT_PREFIX)) return node;
  const env = node.value.slice(ENVIRONMENT_PREFIX.length);
  const value = lookup(env);
  if (value === undefined) return { kind: 'scalar', value: null, source: '', at: node.at, missing: env };
  return { kind: 'scalar', value, source: value, at: node.at, env };
}

function resolveMap(node: MapNode, resolve: (node: ConfigNode) => ConfigNode): MapNode {
  const entries = new Map<string, MapEntry>();
  for (const entry of node.entries.values()) entries.set(entry.key, { ...entry, value: resolve(entry.value) });
  return mapNode(entries, node.at);
}

/** What providers' variables are looked up in once a config is read: its `environment_variables` over the process's own. */
export function withEnvironmentVariables(env: Environment, set: ReadonlyMap<string, string>): Environment {
  const merged = Object.create(null) as Record<string, string | undefined>;
  return Object.assign(merged, env, Object.fromEntries(set));
}

/** Every variable missing below `node`, with the path and place of its first use there. */
export function missingVariables(node: ConfigNode, path: string): readonly MissingVariable[] {
  const found: MissingVariable[] = [];
  const walk = (current: ConfigNode, at: string): void => {
    if (current.kind === 'scalar') {
      if (current.missing !== undefined) found.push({ name: current.missing, path: at, node: current });
    } else if (current.kind === 'list') {
      current.items.forEach((item, index) => walk(item, `${at}[${index}]`));
    } else {
      for (const entry of current.entries.values()) walk(entry.value, at === '' ? entry.key : `${at}.${entry.key}`);
    }
  };
  walk(node, path);
  return found;
}

export interface MissingVariable {
  readonly name: string;
  readonly path: string;
  readonly node: ScalarNode;
}
