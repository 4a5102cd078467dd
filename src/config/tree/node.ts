import type { Position } from '../../core/base/problem.ts';

/** One value of a config file, aliases and merges resolved, with where it was written. Shared where an alias repeats it. */
export type ConfigNode = ScalarNode | ListNode | MapNode;

export interface ScalarNode {
  readonly kind: 'scalar';
  readonly value: string | number | boolean | null;
  /** The text as written, without quotes; the variable's value where it came from the environment. */
  readonly source: string;
  readonly at: Position;
  /** The environment variable that gave the value. */
  readonly env?: string;
  /** The environment variable that should have given the value, and is not set. The value is null then. */
  readonly missing?: string;
  /** A YAML tag that is read past, such as `!vault`: the value is not what it says. */
  readonly foreignTag?: string;
}

export interface ListNode {
  readonly kind: 'list';
  readonly items: readonly ConfigNode[];
  readonly at: Position;
  /** Nodes in the subtree, counted with every repetition: bounds what a walk may cost. */
  readonly size: number;
}

export interface MapNode {
  readonly kind: 'map';
  /** By key text, in the order that Python's dict would have. */
  readonly entries: ReadonlyMap<string, MapEntry>;
  readonly at: Position;
  readonly size: number;
}

export interface MapEntry {
  readonly key: string;
  readonly keyAt: Position;
  readonly value: ConfigNode;
}

/** Nodes in the subtree of `node`. */
export function sizeOf(node: ConfigNode): number {
  return node.kind === 'scalar' ? 1 : node.size;
}

/** A list node of `items`. */
export function listNode(items: readonly ConfigNode[], at: Position): ListNode {
  return { kind: 'list', items, at, size: items.reduce((sum, item) => sum + sizeOf(item), 1) };
}

/** A map node of `entries`. */
export function mapNode(entries: ReadonlyMap<string, MapEntry>, at: Position): MapNode {
  let size = 1;
  for (const entry of entries.values()) size += sizeOf(entry.value);
  return { kind: 'map', entries, at, size };
}

/** True for nothing at all and for null: LiteLLM treats an empty key as an absent one. */
export function isNothing(node: ConfigNode | undefined): node is undefined | (ScalarNode & { value: null }) {
  return node === undefined || (node.kind === 'scalar' && node.value === null);
}

/** The value as JSON would hold it. Objects have no prototype, so that a key cannot reach one. */
export function toJson(node: ConfigNode): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(toJson);
  const object = Object.create(null) as Record<string, unknown>;
  for (const entry of node.entries.values()) object[entry.key] = toJson(entry.value);
  return object;
}

/** In plain words, what kind of value a node is: for messages. Never the value, which may be a secret. */
export function describeKind(node: ConfigNode): string {
  if (node.kind === 'list') return 'a list';
  if (node.kind === 'map') return 'a map';
  if (node.value === null) return 'nothing';
  if (typeof node.value === 'boolean') return 'true or false';
  return typeof node.value === 'number' ? 'a number' : 'text';
}
