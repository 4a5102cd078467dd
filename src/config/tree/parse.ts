import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Alias, Document, Node, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import type { Position } from '../../core/base/problem.ts';
import type { Findings } from '../findings.ts';
import { aliasTargets } from './anchors.ts';
import { type ConfigNode, listNode, type MapEntry, type MapNode, mapNode, type ScalarNode, sizeOf } from './node.ts';
import { agreeWithPyYaml } from './scalars.ts';

const MAX_DEPTH = 100;
const MAX_ERRORS = 3;
/** A few kilobytes of nested aliases can stand for billions of nodes. */
const MAX_NODES = 2_000_000;

/** The tree of one YAML file, or undefined when it cannot be used (the findings say why). Never throws. */
export function parseTree(written: string, file: string, findings: Findings): ConfigNode | undefined {
  // A byte order mark is no character of the first line: editors do not count it.
  const text = written.startsWith('\uFEFF') ? written.slice(1) : written;
  reportEncoding(text, file, findings);
  const lines = new LineCounter();
  const document = parseQuietly(text, lines, (reason) =>
    findings.report('invalid-yaml', {
      message: `This is not readable as YAML: ${reason}.`,
      at: { file, line: 1, column: 1 },
    }),
  );
  if (document === undefined) return undefined;
  const builder = new TreeBuilder(document, { file, lines, findings });
  // One slip makes the parser stumble over everything that follows.
  for (const error of document.errors.slice(0, MAX_ERRORS)) {
    const at = builder.position(error.pos[0]);
    findings.report('invalid-yaml', {
      message: yamlMessage(error.code, error.message),
      at,
      hint: yamlHint(error.code),
    });
  }
  if (document.errors.length > 0) return undefined;
  for (const { code, pos } of document.warnings) {
    if (code !== 'TAG_RESOLVE_FAILED') continue;
    const message = `The YAML tag ${text.slice(...pos).trim()} is read past; LiteLLM does not start with it.`;
    findings.report('yaml-tag', { message, at: builder.position(pos[0]) });
  }
  return builder.build();
}

/** Whoever read the file has put U+FFFD where bytes were no text. */
function reportEncoding(text: string, file: string, findings: Findings): void {
  const offset = text.indexOf('\uFFFD');
  if (offset < 0) return;
  const before = text.slice(0, offset).split('\n');
  const at = { file, line: before.length, column: (before.at(-1) ?? '').length + 1 };
  const wide = text.slice(offset, offset + 8).includes('\u0000');
  const message = wide
    ? 'This file looks like UTF-16; a config is UTF-8.'
    : 'Bytes that are no UTF-8 stand here, or the character U+FFFD, as which such bytes are read.';
  findings.report('not-utf-8', { message, at });
}

/** The library recurses: text that is nested thousands of levels deep overflows its stack instead of giving an error. */
function parseQuietly(
  text: string,
  lines: LineCounter,
  onFailure: (reason: string) => void,
): Document.Parsed | undefined {
  try {
    return parseDocument(text, {
      version: '1.1',
      merge: true,
      uniqueKeys: false,
      lineCounter: lines,
      prettyErrors: false,
      logLevel: 'error',
    });
  } catch (error) {
    onFailure(error instanceof RangeError ? 'it is nested too deeply' : 'the parser gave up on it');
    return undefined;
  }
}

function yamlMessage(code: string, message: string): string {
  if (code === 'MULTIPLE_DOCS') return 'This file holds more than one YAML document.';
  return `This is not valid YAML: ${firstLine(message)}`;
}

function firstLine(message: string): string {
  const line = (message.split('\n', 1)[0] ?? message).trim();
  return /[.:]$/.test(line) ? line.replace(/:$/, '.') : `${line}.`;
}

function yamlHint(code: string): string | undefined {
  if (code === 'TAB_AS_INDENT') return 'Indent with spaces, not tabs.';
  if (code === 'BAD_INDENT' || code === 'BAD_COLLECTION_ITEM')
    return 'Check that the lines of one list or map have the same indent.';
  if (code === 'MULTIPLE_DOCS') return 'A config file holds one document: remove the `---` in the middle.';
  return undefined;
}

interface BuildContext {
  readonly file: string;
  readonly lines: LineCounter;
  readonly findings: Findings;
}

/** Turns the library's nodes into config nodes; each anchored node once, however often it is repeated. */
class TreeBuilder {
  readonly #document: Document.Parsed;
  readonly #context: BuildContext;
  readonly #done = new Map<Node, ConfigNode>();
  readonly #open = new Set<Node>();
  readonly #targets: ReadonlyMap<Alias, Node>;
  #failed = false;

  constructor(document: Document.Parsed, context: BuildContext) {
    this.#document = document;
    this.#targets = aliasTargets(document.contents);
    this.#context = context;
  }

  build(): ConfigNode | undefined {
    const root = this.#node(this.#document.contents, 0);
    if (sizeOf(root) > MAX_NODES) this.#fail(root.at, 'its aliases repeat too much');
    return this.#failed ? undefined : root;
  }

  position(offset: number): Position {
    const { line, col } = this.#context.lines.linePos(offset);
    return { file: this.#context.file, line: Math.max(1, line), column: Math.max(1, col) };
  }

  #at(node: Node | null | undefined): Position {
    return this.position(node?.range?.[0] ?? 0);
  }

  #fail(at: Position, reason: string): void {
    this.#failed = true;
    this.#context.findings.report('invalid-yaml', { message: `This YAML cannot be used: ${reason}.`, at });
  }

  #nothing(at: Position): ScalarNode {
    return { kind: 'scalar', value: null, source: '', at };
  }

  #node(node: Node | null, depth: number): ConfigNode {
    if (node === null) return this.#nothing({ file: this.#context.file, line: 1, column: 1 });
    if (isAlias(node)) return this.#alias(node, depth);
    const done = this.#done.get(node);
    if (done !== undefined) return done;
    if (this.#failed) return this.#nothing(this.#at(node));
    if (depth > MAX_DEPTH || this.#open.has(node)) {
      this.#fail(
        this.#at(node),
        depth > MAX_DEPTH ? 'it is nested too deeply' : 'an alias stands inside what it repeats',
      );
      return this.#nothing(this.#at(node));
    }
    this.#open.add(node);
    const built = this.#build(node, depth);
    this.#open.delete(node);
    this.#done.set(node, built);
    return built;
  }

  #build(node: Node, depth: number): ConfigNode {
    if (isMap(node)) return this.#map(node, depth);
    if (isSeq(node)) return this.#list(node, depth);
    return isScalar(node) ? this.#scalar(node) : this.#nothing(this.#at(node));
  }

  #alias(node: Alias, depth: number): ConfigNode {
    const target = this.#targets.get(node);
    if (target !== undefined) return this.#node(target, depth + 1);
    this.#fail(this.#at(node), `no anchor called &${node.source} stands before this alias`);
    return this.#nothing(this.#at(node));
  }

  #scalar(node: Scalar): ScalarNode {
    const source = node.source ?? (typeof node.value === 'string' ? node.value : '');
    // Quoted text is text, whatever it looks like; the library's source of a quoted scalar is its content.
    const value = node.type === 'PLAIN' || node.type === undefined ? agreeWithPyYaml(node.value, source) : source;
    const foreign = node.tag !== undefined && !node.tag.startsWith('tag:yaml.org,2002:');
    return { kind: 'scalar', value, source, at: this.#at(node), ...(foreign ? { foreignTag: node.tag } : {}) };
  }

  #list(node: YAMLSeq, depth: number): ConfigNode {
    const items = node.items.map((item) => this.#node(item as Node | null, depth + 1));
    return this.#bounded(listNode(items, this.#at(node)));
  }

  #map(node: YAMLMap, depth: number): ConfigNode {
    const pairs = node.items as Pair<Node | null, Node | null>[];
    const entries = new Map<string, MapEntry>();
    for (const pair of pairs.filter(isMerge)) this.#merge(pair.value, depth, entries);
    const written = new Set<string>();
    for (const pair of pairs) {
      if (isMerge(pair)) continue;
      const entry = this.#entry(pair, { depth, mapAt: this.#at(node) });
      if (entry === undefined) continue;
      if (written.has(entry.key)) this.#reportDuplicate(entry);
      written.add(entry.key);
      entries.set(entry.key, entry);
    }
    return this.#bounded(mapNode(entries, this.#at(node)));
  }

  /** Stops a tree that grows exponentially before its size leaves the safe integers. */
  #bounded<T extends ConfigNode>(node: T): T {
    if (!this.#failed && sizeOf(node) > MAX_NODES) this.#fail(node.at, 'its aliases repeat too much');
    return node;
  }

  #entry(pair: Pair<Node | null, Node | null>, where: { depth: number; mapAt: Position }): MapEntry | undefined {
    const key = pair.key === null ? this.#nothing(where.mapAt) : this.#node(pair.key, where.depth + 1);
    if (key.kind !== 'scalar') {
      this.#fail(key.at, 'a key must be text');
      return undefined;
    }
    const value = pair.value === null ? this.#nothing(key.at) : this.#node(pair.value, where.depth + 1);
    return { key: key.source, keyAt: key.at, value };
  }

  #reportDuplicate(entry: MapEntry): void {
    this.#context.findings.report('duplicate-key', {
      message: `The key "${entry.key}" stands twice in this map; the last one counts.`,
      hint: 'Remove one of the two.',
      at: entry.keyAt,
    });
  }

  /** `<<: *a` or `<<: [*a, *b]`: keys written in the map itself win, then the earlier of a list. */
  #merge(value: Node | null, depth: number, entries: Map<string, MapEntry>): void {
    const source = this.#node(value, depth + 1);
    const maps = source.kind === 'list' ? source.items.toReversed() : [source];
    for (const map of maps) {
      if (map.kind !== 'map') {
        this.#fail(source.at, '`<<` merges maps only');
        return;
      }
      copyEntries(map, entries);
    }
  }
}

function copyEntries(from: MapNode, to: Map<string, MapEntry>): void {
  for (const entry of from.entries.values()) to.set(entry.key, entry);
}

function isMerge(pair: Pair<Node | null, Node | null>): boolean {
  const key = pair.key;
  if (!isScalar(key) || (key.type !== 'PLAIN' && key.type !== undefined)) return false;
  return typeof key.value === 'symbol' || key.value === '<<';
}
