import type { GroupAlias } from '../../core/routing/settings.ts';
import { scalarText } from '../fields.ts';
import { placeKey } from '../places.ts';
import { type ConfigNode, describeKind, isNothing, type MapEntry } from '../tree/node.ts';
import { firstSetting, type SettingsSection } from './fallbacks.ts';
import type { Reading } from './reading.ts';

const HINT = 'Write `alias: group` or `alias: {model: group, hidden: true}`.';

/** `model_group_alias`: text, or `{model, hidden}`. A list is not LiteLLM's; what its author meant is told from what is a group. */
export function readAliases(
  sections: readonly SettingsSection[],
  groups: ReadonlySet<string>,
  reading: Reading,
): readonly GroupAlias[] {
  const setting = firstSetting(sections, 'model_group_alias');
  if (setting === undefined) return [];
  if (setting.node.kind !== 'map') {
    const message = `${setting.path} must be a map from aliases to groups, and is ${describeKind(setting.node)}.`;
    reading.findings.report('bad-alias', { message, path: setting.path, at: setting.node.at, hint: HINT });
    return [];
  }
  const aliases = new Map<string, GroupAlias>();
  for (const entry of setting.node.entries.values()) {
    const path = `${setting.path}.${entry.key}`;
    for (const alias of readAlias(entry, path, { groups, reading })) {
      aliases.set(alias.name, alias);
      reading.places.add(placeKey('alias', alias.name), path, entry.keyAt);
    }
  }
  return [...aliases.values()];
}

interface Context {
  readonly groups: ReadonlySet<string>;
  readonly reading: Reading;
}

function readAlias(entry: MapEntry, path: string, context: Context): readonly GroupAlias[] {
  const { key, value } = entry;
  if (isNothing(value)) return [];
  if (value.kind === 'list') return readList(entry, path, context);
  const group = value.kind === 'map' ? textOf(value.entries.get('model')?.value) : textOf(value);
  if (group === undefined) {
    const message = `${path} must name one group, and is ${describeKind(value)}; it is left out.`;
    context.reading.findings.report('bad-alias', { message, path, at: value.at, hint: HINT });
    return [];
  }
  const hidden = value.kind === 'map' && textOf(value.entries.get('hidden')?.value)?.toLowerCase() === 'true';
  return [{ name: key, group, hidden }];
}

/** `gpt-4: [chat, best]`: when `gpt-4` is a group and the items are not, they are its other names; else the first item is the group. */
function readList(entry: MapEntry, path: string, context: Context): readonly GroupAlias[] {
  const names = entry.value.kind === 'list' ? entry.value.items.map(textOf).filter((name) => name !== undefined) : [];
  const { groups, reading } = context;
  const at = entry.value.at;
  const reversed = groups.has(entry.key) && names.every((name) => !groups.has(name));
  const chosen = names.find((name) => groups.has(name)) ?? names[0];
  if (reversed && names.length > 0) {
    const message = `${path} is a list; "${entry.key}" is a group and its items are not, so that they are read as other names of it.`;
    const hint = `Write ${names.map((name) => `\`${name}: ${entry.key}\``).join(', ')}.`;
    reading.findings.report('bad-alias', { message, path, at, hint });
    return names.map((name) => ({ name, group: entry.key, hidden: false }));
  }
  if (chosen === undefined) {
    reading.findings.report('bad-alias', { message: `${path} names no group; it is left out.`, path, at, hint: HINT });
    return [];
  }
  const message = `${path} is a list; an alias stands for one group, so that "${chosen}" is used and the others are not.`;
  const hint =
    'To share calls among several deployments, give them the same `model_name`; to try them in turn, use `fallbacks`.';
  reading.findings.report('bad-alias', { message, path, at, hint });
  return groups.has(entry.key) && chosen === entry.key ? [] : [{ name: entry.key, group: chosen, hidden: false }];
}

function textOf(node: ConfigNode | undefined): string | undefined {
  return node?.kind === 'scalar' && node.value !== null ? scalarText(node) : undefined;
}
