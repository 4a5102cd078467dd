import type { FallbackSettings } from '../../core/routing/settings.ts';
import { scalarText } from '../fields.ts';
import { placeKey } from '../places.ts';
import { type ConfigNode, describeKind, isNothing, type MapNode } from '../tree/node.ts';
import type { Reading } from './reading.ts';

/** A settings section that may hold fallbacks, with its path. */
export interface SettingsSection {
  readonly path: string;
  readonly map: MapNode | undefined;
}

const HINT = 'Write `- group: [other, another]`.';

/**
 * Fallback chains. Each key is looked for in the sections in the order given, and the first that has it counts
 * (LiteLLM: `router_settings` before `litellm_settings`). `default_fallbacks` is the chain of `*`.
 */
export function readFallbacks(sections: readonly SettingsSection[], reading: Reading): FallbackSettings {
  const general = readChains(sections, { key: 'fallbacks', kind: 'general' }, reading);
  const defaults = firstSetting(sections, 'default_fallbacks');
  if (defaults !== undefined && !general.has('*')) {
    const names = readNames(defaults.node, defaults.path, reading);
    if (names.length > 0) {
      general.set('*', names);
      reading.places.add(placeKey('fallback', 'general', '*'), defaults.path, defaults.node.at);
    }
  }
  return {
    general,
    contextWindow: readChains(sections, { key: 'context_window_fallbacks', kind: 'context_window' }, reading),
    contentPolicy: readChains(sections, { key: 'content_policy_fallbacks', kind: 'content_policy' }, reading),
  };
}

interface Setting {
  readonly node: ConfigNode;
  readonly path: string;
}

/** The first of the sections that sets `key`. */
export function firstSetting(sections: readonly SettingsSection[], key: string): Setting | undefined {
  for (const section of sections) {
    const node = section.map?.entries.get(key)?.value;
    if (!isNothing(node)) return { node, path: `${section.path}.${key}` };
  }
  return undefined;
}

function readChains(
  sections: readonly SettingsSection[],
  what: { readonly key: string; readonly kind: string },
  reading: Reading,
): Map<string, readonly string[]> {
  const chains = new Map<string, readonly string[]>();
  const setting = firstSetting(sections, what.key);
  if (setting === undefined) return chains;
  const { node, path } = setting;
  if (node.kind === 'scalar') {
    reading.findings.report('bad-fallbacks', {
      message: `${path} must be a list, and is ${describeKind(node)}.`,
      path,
      at: node.at,
      hint: HINT,
    });
    return chains;
  }
  const items = node.kind === 'list' ? node.items : [node];
  items.forEach((item, index) => {
    const itemPath = node.kind === 'list' ? `${path}[${index}]` : path;
    for (const chain of readItem(item, itemPath, reading)) {
      chains.set(chain.group, chain.names);
      reading.places.add(placeKey('fallback', what.kind, chain.group), itemPath, chain.at.at);
    }
  });
  return chains;
}

interface Chain {
  readonly group: string;
  readonly names: readonly string[];
  readonly at: ConfigNode;
}

/** Shapes with the group's name as a value: the key of the name, and the key of what to try. */
const NAMED_SHAPES = [
  ['model_name', ['fallback_models', 'fallback_model', 'fallbacks', 'fallback']],
  ['model', ['fallback_models', 'fallback_model', 'fallbacks', 'fallback']],
] as const;

function readItem(item: ConfigNode, path: string, reading: Reading): readonly Chain[] {
  if (item.kind !== 'map') {
    if (isNothing(item)) return [];
    const message = `${path} must be a map from a group to a list of groups, and is ${describeKind(item)}; it is left out.`;
    reading.findings.report('bad-fallbacks', { message, path, at: item.at, hint: HINT });
    return [];
  }
  const named = readNamedShape(item, path, reading);
  if (named !== undefined) return [named];
  return [...item.entries.values()].flatMap((entry) => {
    const names = readNames(entry.value, `${path}.${entry.key}`, reading);
    return names.length === 0 ? [] : [{ group: entry.key, names, at: { ...item, at: entry.keyAt } }];
  });
}

function readNamedShape(item: MapNode, path: string, reading: Reading): Chain | undefined {
  for (const [nameKey, listKeys] of NAMED_SHAPES) {
    const group = item.entries.get(nameKey)?.value;
    const listKey = listKeys.find((key) => item.entries.has(key));
    if (group?.kind !== 'scalar' || isNothing(group) || listKey === undefined) continue;
    const list = item.entries.get(listKey)?.value ?? item;
    const names = readNames(list, `${path}.${listKey}`, reading);
    const name = scalarText(group);
    const message = `${path} is not of LiteLLM's shape; it is read as the fallbacks of "${name}".`;
    reading.findings.report('bad-fallbacks', {
      message,
      path,
      at: item.at,
      hint: `Write \`- ${name}: [${names.join(', ')}]\`.`,
    });
    return names.length === 0 ? undefined : { group: name, names, at: item };
  }
  return undefined;
}

function readNames(node: ConfigNode, path: string, reading: Reading): readonly string[] {
  if (isNothing(node)) return [];
  const items = node.kind === 'list' ? node.items : [node];
  const names: string[] = [];
  items.forEach((item, index) => {
    const itemPath = node.kind === 'list' ? `${path}[${index}]` : path;
    const name = nameOf(item);
    if (name === undefined) {
      if (isNothing(item)) return;
      const message = `${itemPath} must be the name of a group, and is ${describeKind(item)}; it is left out.`;
      reading.findings.report('bad-fallbacks', { message, path: itemPath, at: item.at, hint: HINT });
      return;
    }
    if (/\s-\s/.test(name)) reportFolded(name, itemPath, { item, reading });
    names.push(name);
  });
  return names;
}

/** A name, or LiteLLM's map with a `model` (its other parameters are not read). */
function nameOf(item: ConfigNode): string | undefined {
  const node = item.kind === 'map' ? item.entries.get('model')?.value : item;
  return node?.kind === 'scalar' && node.value !== null ? scalarText(node) : undefined;
}

function reportFolded(name: string, path: string, where: { item: ConfigNode; reading: Reading }): void {
  const parts = name.split(/\s-\s/).length;
  const message = `${path} is one text, "${name}": ${parts} list items that were folded into one.`;
  const hint = 'Put each on a line of its own, at the same indent.';
  where.reading.findings.report('folded-names', { message, path, at: where.item.at, hint });
}
