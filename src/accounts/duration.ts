const UNITS: ReadonlyMap<string, number> = new Map([
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
  ['w', 604_800_000],
]);

const SHAPE = /^(\d{1,9})(mo|[smhdw])$/;
/** LiteLLM's ways of saying "never". */
const NEVER = new Set(['', 'none', 'null', '-1']);
/** The last moment that a Date can hold, less a margin: later means never was meant. */
const LATEST = 8.64e15;

/**
 * The moment that lies `duration` after `from` (milliseconds since 1970): `30s`, `30m`, `24h`, `7d`, `2w`, `1mo` (calendar
 * months, in UTC, held to the month's last day). Null: never. Undefined: not a duration.
 */
export function momentAfter(from: number, duration: string | null): number | null | undefined {
  if (duration === null || NEVER.has(duration.trim().toLowerCase())) return null;
  const parts = SHAPE.exec(duration.trim());
  if (parts === null) return undefined;
  const count = Number(parts[1]);
  const unit = parts[2] ?? '';
  const moment = unit === 'mo' ? addMonths(from, count) : from + count * (UNITS.get(unit) ?? 0);
  return moment <= LATEST ? moment : undefined;
}

/** True when the text is a duration or one of the words for "never". */
export function isDuration(text: string): boolean {
  return momentAfter(0, text) !== undefined;
}

function addMonths(from: number, count: number): number {
  const date = new Date(from);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + count);
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, lastDay));
  const moment = date.getTime();
  return Number.isNaN(moment) ? Infinity : moment;
}
