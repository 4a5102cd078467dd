import { dirname, isAbsolute, join } from 'node:path';
import type { ConfigSources } from './contract.ts';
import type { Findings } from './findings.ts';
import { type ConfigNode, listNode, type MapEntry, type MapNode, mapNode } from './tree/node.ts';
import { parseTree } from './tree/parse.ts';

/** A config file and what it includes, as one tree. */
export interface LoadedConfig {
  /** In the order of reading; the main file first. */
  readonly files: readonly string[];
  /** Texts of the files, in the same order. */
  readonly texts: readonly string[];
  /** Undefined when the main file cannot be used. */
  readonly root?: MapNode;
}

interface Loader {
  readonly sources: ConfigSources;
  readonly findings: Findings;
  readonly files: string[];
  readonly texts: string[];
}

/** Reads `path` and its `include` list. As in LiteLLM, an included list extends the one there is; anything else replaces it. */
export function loadConfig(path: string, sources: ConfigSources, findings: Findings): LoadedConfig {
  const loader: Loader = { sources, findings, files: [], texts: [] };
  const root = loadFile(loader, path, { chain: [] });
  const { files, texts } = loader;
  return { files, texts, ...(root === undefined ? {} : { root }) };
}

interface Inclusion {
  /** Files that are being read, outermost first. */
  readonly chain: readonly string[];
  /** The entry of the `include` list. */
  readonly from?: ConfigNode;
}

function loadFile(loader: Loader, path: string, inclusion: Inclusion): MapNode | undefined {
  const text = readText(loader, path, inclusion);
  if (text === undefined) return undefined;
  loader.files.push(path);
  loader.texts.push(text);
  const tree = parseTree(text, path, loader.findings);
  if (tree === undefined) return undefined;
  if (tree.kind === 'scalar' && tree.value === null) {
    const at = { file: path, line: 1, column: 1 };
    loader.findings.report('empty-config', {
      message: 'This config file holds nothing.',
      at,
      hint: 'Write `model_list:` with at least one deployment.',
    });
    return undefined;
  }
  if (tree.kind !== 'map') {
    loader.findings.report('not-a-map', {
      message: 'A config file must be a map of sections such as `model_list:`.',
      at: tree.at,
    });
    return undefined;
  }
  return withIncludes(loader, tree, { path, chain: [...inclusion.chain, path] });
}

function readText(loader: Loader, path: string, inclusion: Inclusion): string | undefined {
  try {
    return loader.sources.readText(path);
  } catch (error) {
    const reason = reasonOf(error);
    const at = inclusion.from?.at ?? { file: path, line: 1, column: 1 };
    loader.findings.report('unreadable-file', { message: `The config file ${path} cannot be read: ${reason}.`, at });
    return undefined;
  }
}

const REASONS: ReadonlyMap<unknown, string> = new Map([
  ['ENOENT', 'there is no such file'],
  ['EISDIR', 'it is a folder'],
  ['EACCES', 'it may not be read by whom the program runs as'],
]);

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown reason';
  return REASONS.get((error as NodeJS.ErrnoException).code) ?? error.message;
}

function withIncludes(loader: Loader, main: MapNode, place: { path: string; chain: readonly string[] }): MapNode {
  const include = main.entries.get('include')?.value;
  if (include === undefined || (include.kind === 'scalar' && include.value === null)) return main;
  const entries = new Map(main.entries);
  entries.delete('include');
  for (const item of include.kind === 'list' ? include.items : [include]) {
    const included = loadIncluded(loader, item, place);
    for (const entry of included?.entries.values() ?? []) mergeSection(loader, entries, entry);
  }
  return mapNode(entries, main.at);
}

function loadIncluded(
  loader: Loader,
  item: ConfigNode,
  place: { path: string; chain: readonly string[] },
): MapNode | undefined {
  if (item.kind !== 'scalar' || typeof item.value !== 'string') {
    loader.findings.report('wrong-type', {
      message: '`include` is a list of file names.',
      path: 'include',
      at: item.at,
    });
    return undefined;
  }
  const path = isAbsolute(item.value) ? item.value : join(dirname(place.path), item.value);
  if (place.chain.includes(path)) {
    const message = `${path} includes itself: ${[...place.chain, path].join(' -> ')}.`;
    loader.findings.report('include-cycle', {
      message,
      path: 'include',
      at: item.at,
      hint: 'Take one of these files out of an `include` list.',
    });
    return undefined;
  }
  return loadFile(loader, path, { chain: place.chain, from: item });
}

function mergeSection(loader: Loader, entries: Map<string, MapEntry>, entry: MapEntry): void {
  const present = entries.get(entry.key);
  if (present?.value.kind === 'list' && entry.value.kind === 'list') {
    const value = listNode([...present.value.items, ...entry.value.items], present.value.at);
    entries.set(entry.key, { ...present, value });
    return;
  }
  if (present !== undefined) {
    const message = `This \`${entry.key}\` replaces the one in ${present.keyAt.file}, line ${present.keyAt.line}, whole.`;
    loader.findings.report('section-replaced', {
      message,
      path: entry.key,
      at: entry.keyAt,
      hint: 'Keep each section that is a map in one file.',
    });
  }
  entries.set(entry.key, entry);
}
