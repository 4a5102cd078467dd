import type { Findings } from '../findings.ts';
import { scalarText } from '../fields.ts';
import { type ConfigNode, describeKind } from '../tree/node.ts';

/** Tags or patterns of a deployment, and why the deployment must not serve when they could not be read. */
export interface TagReading {
  readonly values: readonly string[];
  /** Without its tags a deployment would serve calls that it is not meant for: it must not be built then. */
  readonly fault?: string;
}

const MAX_TAG_BYTES = 256;

/** Where a list of tags or patterns stands. */
export interface TagListPlace {
  readonly path: string;
  readonly findings: Findings;
  /** White space around a tag is dropped, as around a caller's; in a pattern it means itself. */
  readonly kind: 'tags' | 'patterns';
}

/** Reads `tags` or `tag_regex`: a list of texts; one text alone is read as one, and reported. Tags are read once each. */
export function readTagList(node: ConfigNode | undefined, place: TagListPlace): TagReading {
  const { path, findings } = place;
  if (node === undefined || (node.kind === 'scalar' && node.value === null)) return unset(node, path);
  const hint = place.kind === 'tags' ? 'Write a list: `["free", "paid"]`.' : "Write a list: `['^User-Agent: x']`.";
  if (node.kind === 'map') {
    const message = `${path} must be a list of texts, and is a map.`;
    findings.report('wrong-type', { message, path, at: node.at, hint });
    return { values: [], fault: `${path} is not a list of texts` };
  }
  if (node.kind === 'list') return readItems(node.items, place);
  const message = `${path} is a list; this one text is read as a list of one.`;
  findings.report('wrong-type', { message, path, at: node.at, hint });
  return readItems([node], place);
}

function unset(node: ConfigNode | undefined, path: string): TagReading {
  const missing = node?.kind === 'scalar' ? node.missing : undefined;
  if (missing === undefined) return { values: [] };
  return { values: [], fault: `${path} comes from ${missing}, which is not set` };
}

function readItems(items: readonly ConfigNode[], place: TagListPlace): TagReading {
  const values: string[] = [];
  let fault: string | undefined;
  items.forEach((item, index) => {
    const path = `${place.path}[${index}]`;
    const read = readItem(item, { ...place, path });
    if (read === undefined) fault ??= `${path} is not a text`;
    else if (place.kind === 'patterns' || !values.includes(read)) values.push(read);
  });
  return fault === undefined ? { values } : { values, fault };
}

function readItem(item: ConfigNode, { path, findings, kind }: TagListPlace): string | undefined {
  if (item.kind === 'scalar' && item.missing !== undefined) return undefined;
  const written = item.kind === 'scalar' && item.value !== null ? scalarText(item) : '';
  const text = kind === 'tags' ? trimTag(written) : written;
  if (text === '') {
    const found = item.kind === 'scalar' && item.value !== null ? 'an empty text' : describeKind(item);
    findings.report('bad-tag', { message: `${path} must be a text, and is ${found}.`, path, at: item.at });
    return undefined;
  }
  if (item.kind === 'scalar' && typeof item.value !== 'string') {
    const message = `${path} is ${describeKind(item)}; it is read as the text "${text}".`;
    findings.report('bad-tag', { message, path, at: item.at, hint: `Write it in quotes: "${text}".` });
  }
  return text;
}

/** Reports tags that no call can send, because of their shape or because a call would take their first character for a marker. */
export function reportTagShapes(node: ConfigNode | undefined, path: string, findings: Findings): void {
  if (node === undefined || node.kind === 'map') return;
  const items = node.kind === 'list' ? node.items : [node];
  items.forEach((item, index) => {
    if (item.kind !== 'scalar' || item.value === null) return;
    reportTagShape(scalarText(item), `${path}[${index}]`, { item, findings });
  });
}

function reportTagShape(raw: string, path: string, context: { item: ConfigNode; findings: Findings }): void {
  const { item, findings } = context;
  const text = trimTag(raw);
  const at = item.at;
  if (raw !== text && text !== '') {
    const message = `${path} has white space around it, which is left out.`;
    findings.report('bad-tag', { message, path, at, hint: 'Write it without.' });
  }
  if (new TextEncoder().encode(text).length > MAX_TAG_BYTES) {
    findings.report('bad-tag', {
      message: `${path} is longer than ${MAX_TAG_BYTES} bytes: no call can send it.`,
      path,
      at,
    });
  }
  if (hasControlCharacter(text)) {
    findings.report('bad-tag', { message: `${path} holds a control character: no call can send it.`, path, at });
  }
  if (text.includes(',')) {
    const message = `${path} holds a comma: the header x-litellm-tags cannot carry it, only a body can.`;
    findings.report('bad-tag', { message, path, at, severity: 'note' });
  }
  if (/^[!&]/.test(text)) {
    const message = `${path} begins with "${text[0]}". In a call that is a marker, so that no call can ask for this tag.`;
    const hint = text.length > 1 ? `Write "${text.slice(1)}".` : 'Write a name.';
    findings.report('marker-in-deployment-tag', { message, path, at, hint });
  }
}

/** Without the white space that is dropped around a caller's tag: U+0009-000D and U+0020. */
export function trimTag(text: string): string {
  return text.replace(/^[\t-\r ]+/, '').replace(/[\t-\r ]+$/, '');
}

function hasControlCharacter(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < 32 || code === 127) return true;
  }
  return false;
}
