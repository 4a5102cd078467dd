import * as b from './bytes.ts';
import type { BodyEdits, FieldSpan, TopLevel } from './contract.ts';

/** A stretch `[start, end)` of the body that gives way to some text. */
interface Cut {
  start: number;
  end: number;
  readonly text: string;
}

/**
 * The body with its edits made and every other byte as it came: big numbers, key order, unknown fields, white space. The
 * same bytes (not a copy) when there is nothing to change. Throws a RangeError for a name outside the body's field set.
 */
export function splice(top: TopLevel, edits: BodyEdits): Uint8Array {
  const set = edits.set ?? new Map<string, string>();
  const removed = removedSpans(top, edits.remove ?? [], set);
  const cuts = removalCuts(top, removed);
  const added: string[] = [];
  for (const [name, text] of set) {
    const span = top.span(name);
    if (span === undefined) added.push(`${JSON.stringify(name)}:${text}`);
    else cuts.push({ start: span.valueStart, end: span.valueEnd, text });
  }
  cuts.sort((one, other) => one.start - other.start);
  if (added.length > 0) {
    const comma = top.fieldCount > removed.length ? ',' : '';
    cuts.push({ start: top.fieldsEnd, end: top.fieldsEnd, text: comma + added.join(',') });
  }
  return cuts.length === 0 ? top.bytes : withCuts(top.bytes, cuts);
}

/** Spans of those names that the body has and nothing sets, in the order of the body, none twice. */
function removedSpans(top: TopLevel, names: readonly string[], set: ReadonlyMap<string, string>): FieldSpan[] {
  const spans: FieldSpan[] = [];
  for (const name of names) {
    const span = top.span(name);
    if (span !== undefined && !set.has(name) && !spans.includes(span)) spans.push(span);
  }
  return spans.sort((one, other) => one.keyStart - other.keyStart);
}

/**
 * A field goes with the comma behind it. Neighbours make one cut, so that a run at the end of the object can also take the
 * comma before its first field.
 */
function removalCuts(top: TopLevel, removed: readonly FieldSpan[]): Cut[] {
  const cuts: Cut[] = [];
  for (const { keyStart, valueEnd } of removed) {
    const end = valueEnd === top.fieldsEnd ? valueEnd : nextKey(top.bytes, valueEnd);
    const last = cuts.at(-1);
    if (last?.end === keyStart) last.end = end;
    else cuts.push({ start: keyStart, end, text: '' });
  }
  const last = cuts.at(-1);
  if (last?.end === top.fieldsEnd) last.start = commaBefore(top.bytes, last.start);
  return cuts;
}

function nextKey(bytes: Uint8Array, valueEnd: number): number {
  return skipSpace(bytes, skipSpace(bytes, valueEnd) + 1);
}

function skipSpace(bytes: Uint8Array, from: number): number {
  let at = from;
  while (b.isSpace(bytes[at] as number)) at += 1;
  return at;
}

/** Offset of the comma before a key; the key's own offset when it is the first. */
function commaBefore(bytes: Uint8Array, keyStart: number): number {
  let at = keyStart - 1;
  while (b.isSpace(bytes[at] as number)) at -= 1;
  return bytes[at] === b.COMMA ? at : keyStart;
}

function withCuts(bytes: Uint8Array, cuts: readonly Cut[]): Uint8Array {
  let length = bytes.length;
  for (const cut of cuts) length += Buffer.byteLength(cut.text) - (cut.end - cut.start);
  const out = Buffer.allocUnsafe(length);
  let from = 0;
  let to = 0;
  for (const cut of cuts) {
    to = copy(bytes.subarray(from, cut.start), out, to);
    to += out.write(cut.text, to);
    from = cut.end;
  }
  copy(bytes.subarray(from), out, to);
  return out;
}

function copy(piece: Uint8Array, out: Uint8Array, to: number): number {
  out.set(piece, to);
  return to + piece.length;
}
