import { stripVTControlCharacters } from 'node:util';

/** A cell: its text, styled or not. */
export type Cell = string;

export interface TableOptions {
  /** Characters before every line. */
  readonly indent?: number;
  /** Width to wrap the last column to; undefined: never wrap. */
  readonly width?: number | undefined;
}

const GAP = '  ';
const ASCII = /^[\x20-\x7e]*$/;
const NARROWEST_LAST_COLUMN = 24;

/** Lines of a table without rules: columns as wide as their widest cell, the last one wrapped to the terminal. */
export function renderTable(rows: readonly (readonly Cell[])[], options: TableOptions = {}): string {
  const indent = ' '.repeat(options.indent ?? 0);
  const last = Math.max(0, ...rows.map((row) => row.length - 1));
  const widths = Array.from({ length: last }, (_, column) =>
    Math.max(...rows.map((row) => visible(row[column] ?? ''))),
  );
  const before = indent.length + widths.reduce((sum, width) => sum + width + GAP.length, 0);
  const room = options.width === undefined ? Infinity : Math.max(NARROWEST_LAST_COLUMN, options.width - before);
  const lines = rows.flatMap((row) => {
    const head = widths.map((width, column) => pad(row[column] ?? '', width)).join(GAP);
    const [first = '', ...rest] = wrap(row[last] ?? '', room);
    const start = indent + (widths.length === 0 ? '' : head + GAP);
    return [(start + first).trimEnd(), ...rest.map((line) => ' '.repeat(before) + line)];
  });
  return lines.map((line) => `${line}\n`).join('');
}

function visible(text: string): number {
  const plain = stripVTControlCharacters(text);
  // A segmenter costs a start several milliseconds; nearly every cell does without.
  return ASCII.test(plain) ? plain.length : Array.from(new Intl.Segmenter().segment(plain)).length;
}

function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - visible(text)));
}

/** Breaks at line breaks and spaces; a word longer than the room keeps its line to itself, so that ids and paths stay whole. */
function wrap(text: string, room: number): string[] {
  return text.split('\n').flatMap((paragraph) => wrapParagraph(paragraph, room));
}

function wrapParagraph(text: string, room: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && visible(longer) > room) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  return [...lines, line];
}
