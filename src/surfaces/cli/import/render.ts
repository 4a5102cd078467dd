import type { ObjectType } from '../../../accounts/contract.ts';
import { IMPORTED_TYPES, type ImportFinding, type ImportReport } from '../../../accounts/import/report.ts';
import type { Paint } from '../paint.ts';
import { plural } from '../problems.ts';
import { renderTable } from '../table.ts';

export interface RenderOptions {
  readonly paint: Paint;
  /** Width of the terminal; undefined: none. */
  readonly columns: number | undefined;
}

/** More findings of one sort are counted only; `--json` has them all. */
const MOST_SHOWN = 50;

/** What an import does, for a person. */
export function renderReport(report: ImportReport, options: RenderOptions): string {
  const sections = [
    renderCounts(report, options),
    renderFindings('Conflicts: these stay as they are', report.conflicts, options),
    renderFindings('Cannot be taken over', report.refused, options),
    renderNotes(report, options),
    renderLeftBehind(report, options),
  ];
  return `${sections.filter((section) => section !== '').join('\n')}\n`;
}

const HEAD = ['', 'new', 'changed', 'same', 'conflict', 'refused', 'left'];

function renderCounts({ counts }: ImportReport, { paint }: RenderOptions): string {
  const rows = IMPORTED_TYPES.map((type) => {
    const { created, overwritten, unchanged, conflicts, refused, left } = counts[type];
    return [`${type}s`, ...[created, overwritten, unchanged, conflicts, refused, left].map(String)];
  });
  return renderTable([HEAD.map((cell) => (cell === '' ? cell : paint.strong(cell))), ...rows]);
}

function renderFindings(title: string, findings: readonly ImportFinding[], { paint, columns }: RenderOptions): string {
  if (findings.length === 0) return '';
  const shown = findings
    .slice(0, MOST_SHOWN)
    .map(({ type, id, name, message }) => [
      type,
      shortId(type, id) + (name === null || name === id ? '' : ` (${name})`),
      message,
    ]);
  const more = findings.length - shown.length;
  const rest = more === 0 ? '' : `  and ${more} more; --json has them all\n`;
  return `${paint.careful(title)}\n${renderTable(shown, { indent: 2, width: columns })}${rest}`;
}

function renderNotes({ notes }: ImportReport, { paint, columns }: RenderOptions): string {
  if (notes.length === 0) return '';
  const rows = notes.map(({ type, message, count, examples }) => {
    const ids = examples.map((id) => shortId(type, id)).join(', ');
    return [
      plural(count, type),
      `${printable(message)} ${paint.quiet(`(${ids}${count > examples.length ? ' ...' : ''})`)}`,
    ];
  });
  return `${paint.strong('Good to know')}\n${renderTable(rows, { indent: 2, width: columns })}`;
}

function renderLeftBehind({ leftBehind }: ImportReport, { paint, columns }: RenderOptions): string {
  const rows = leftBehind.map(({ table, rows: count, what }) => [table, plural(count, 'row'), what]);
  const spending = 'Spending so far stays in LiteLLM: here it is counted from zero.\n';
  if (rows.length === 0) return spending;
  return `${paint.strong('Without a counterpart here')}\n${renderTable(rows, { indent: 2, width: columns })}${spending}`;
}

/** Enough of a hash to find it again. */
function shortId(type: ObjectType, id: string): string {
  return type === 'key' && id.length === 64 ? `${id.slice(0, 12)}...` : printable(id);
}

/** Names come out of a foreign database: none may steer the terminal. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '?');
}
