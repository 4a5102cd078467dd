import type { DeclaredTag } from '../../core/routing/settings.ts';
import { Fields, scalarText } from '../fields.ts';
import { placeKey } from '../places.ts';
import { type ConfigNode, describeKind, isNothing, type MapNode } from '../tree/node.ts';
import type { Position } from '../../core/base/problem.ts';
import type { Reading } from './reading.ts';
import { trimTag } from './tags.ts';

const HINT = 'Write `tags: {"cost:*": {routing: false}, "gold": {restricted: true}}`.';

/** The config's `tags:`: a map from names to `{routing, restricted, description}`, or a list of names or of `{name, ...}`. */
export function readDeclaredTags(
  section: ConfigNode | undefined,
  prefix: string,
  reading: Reading,
): readonly DeclaredTag[] {
  if (isNothing(section)) return [];
  const context: Context = { prefix, reading };
  if (section.kind === 'map') {
    return [...section.entries.values()].flatMap((entry) =>
      readOne({ name: entry.key, at: entry.keyAt, body: entry.value, path: `tags.${entry.key}` }, context),
    );
  }
  if (section.kind === 'list') return section.items.flatMap((item, index) => readItem(item, `tags[${index}]`, context));
  reading.findings.report('wrong-type', {
    message: 'tags must be a map or a list, and is neither.',
    path: 'tags',
    at: section.at,
    hint: HINT,
  });
  return [];
}

interface Context {
  readonly prefix: string;
  readonly reading: Reading;
}

interface Declaration {
  readonly name: string;
  readonly at: Position;
  readonly body: ConfigNode | undefined;
  readonly path: string;
}

function readItem(item: ConfigNode, path: string, context: Context): readonly DeclaredTag[] {
  if (item.kind === 'scalar' && item.value !== null) {
    return readOne({ name: scalarText(item), at: item.at, body: undefined, path }, context);
  }
  if (item.kind === 'map') return readMapItem(item, path, context);
  if (isNothing(item)) return [];
  const message = `${path} must be a name or a map with a name, and is ${describeKind(item)}; it is left out.`;
  context.reading.findings.report('bad-entry', { message, path, at: item.at, hint: HINT });
  return [];
}

/** `{name: gold, restricted: true}`, or `gold: {restricted: true}` as an item of a list. */
function readMapItem(item: MapNode, path: string, context: Context): readonly DeclaredTag[] {
  const name = item.entries.get('name')?.value;
  if (name?.kind === 'scalar' && name.value !== null) {
    return readOne({ name: scalarText(name), at: name.at, body: item, path }, context);
  }
  const entries = [...item.entries.values()];
  if (entries.length > 0 && entries.every((entry) => entry.value.kind === 'map' || isNothing(entry.value))) {
    return entries.flatMap((entry) =>
      readOne({ name: entry.key, at: entry.keyAt, body: entry.value, path: `${path}.${entry.key}` }, context),
    );
  }
  context.reading.findings.report('bad-entry', {
    message: `${path} has no name; it is left out.`,
    path,
    at: item.at,
    hint: HINT,
  });
  return [];
}

function readOne(declaration: Declaration, context: Context): readonly DeclaredTag[] {
  const { path, at, body } = declaration;
  const { findings, places } = context.reading;
  const pattern = trimTag(declaration.name);
  if (!isName(pattern, declaration, context)) return [];
  if (body !== undefined && body.kind !== 'map' && !isNothing(body)) {
    const message = `${path} must be a map with routing, restricted or description, and is ${describeKind(body)}.`;
    findings.report('wrong-type', { message, path, at: body.at, hint: HINT });
  }
  places.add(placeKey('tag', pattern), path, at);
  const fields = new Fields(body?.kind === 'map' ? body : undefined, path, findings);
  const routing = fields.boolean('routing');
  // An unreadable `restricted` closes: its author meant to restrict something.
  const restricted = fields.boolean('restricted') ?? (fields.faults.has('restricted') ? true : undefined);
  return [
    { pattern, ...(routing === undefined ? {} : { routing }), ...(restricted === undefined ? {} : { restricted }) },
  ];
}

function isName(pattern: string, declaration: Declaration, context: Context): boolean {
  const { path, at } = declaration;
  const { prefix, reading } = context;
  if (pattern === '') {
    reading.findings.report('bad-entry', {
      message: 'A name under tags: is empty; it is left out.',
      path,
      at,
      hint: HINT,
    });
    return false;
  }
  const marker = /^[!&]/.test(pattern) ? (pattern[0] ?? '') : '';
  const extra = marker === '' && prefix !== '' && pattern.startsWith(prefix) ? prefix : marker;
  if (extra === '') return true;
  const what = extra === prefix ? 'the routing prefix' : 'a marker';
  const message = `${path} begins with "${extra}", ${what}; a declaration is for the name alone, whatever stands before it. It is left out.`;
  reading.findings.report('marker-in-declared-tag', {
    message,
    path,
    at,
    hint: `Write "${pattern.slice(extra.length)}".`,
  });
  return false;
}
