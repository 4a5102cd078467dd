import { CARRIAGE_RETURN, COLON, LINE_FEED, SPACE } from './bytes.ts';

/** The text of server-sent events: lines end in CRLF, LF or CR, a blank line ends an event (WHATWG HTML, section 9.2). */

const DATA = new TextEncoder().encode('data');

function isLineBreak(byte: number | undefined): boolean {
  return byte === LINE_FEED || byte === CARRIAGE_RETURN;
}

function lineEndingLength(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end || !isLineBreak(bytes[at])) return 0;
  return bytes[at] === CARRIAGE_RETURN && at + 1 < end && bytes[at + 1] === LINE_FEED ? 2 : 1;
}

function lineEnd(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && !isLineBreak(bytes[at])) at += 1;
  return at;
}

/** Offset of the first byte at or after `from` that is no line break. */
export function skipLineBreaks(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && isLineBreak(bytes[at])) at += 1;
  return at;
}

/**
 * Offset behind the blank line that ends the event at `start`, or -1 when `[start, end)` does not hold it. A CR at the very end may
 * yet turn out to be half of a CRLF, so a blank line that ends so is not taken for one.
 */
export function eventEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = lineEnd(bytes, start, end);
  while (at < end) {
    const nextLine = at + lineEndingLength(bytes, at, end);
    const blank = lineEndingLength(bytes, nextLine, end);
    if (blank > 0) {
      const behind = nextLine + blank;
      return behind === end && bytes[end - 1] === CARRIAGE_RETURN ? -1 : behind;
    }
    at = lineEnd(bytes, nextLine, end);
  }
  return -1;
}

/**
 * Offset behind the last blank line that ends after `from` and no later than `to`, or -1. Reads backwards: pieces mostly end where
 * an event does.
 */
export function lastEventEnd(bytes: Uint8Array, from: number, to: number): number {
  for (let at = to; at > from; at -= 1) {
    if (isLineBreak(bytes[at - 1]) && endsBlankLine(bytes, at)) return at;
  }
  return -1;
}

function endsBlankLine(bytes: Uint8Array, at: number): boolean {
  if (bytes[at - 1] === CARRIAGE_RETURN) {
    const mayBeHalf = at === bytes.length || bytes[at] === LINE_FEED;
    return !mayBeHalf && isLineBreak(bytes[at - 2]);
  }
  return isLineBreak(bytes[at - 2] === CARRIAGE_RETURN ? bytes[at - 3] : bytes[at - 2]);
}

/** The data of the event in `[start, end)`: its `data` lines without name and one space, joined by LF; undefined without one. */
export function eventData(bytes: Uint8Array, start: number, end: number): Uint8Array | undefined {
  const lines: Uint8Array[] = [];
  let at = start;
  while (at < end) {
    const stop = lineEnd(bytes, at, end);
    const valueStart = dataStart(bytes, at, stop);
    if (valueStart >= 0) lines.push(bytes.subarray(valueStart, stop));
    at = stop + lineEndingLength(bytes, stop, end);
  }
  return lines.length > 1 ? joinLines(lines) : lines[0];
}

/** Where the value of a `data` line starts; -1 for any other line. */
function dataStart(bytes: Uint8Array, start: number, stop: number): number {
  for (let index = 0; index < DATA.length; index += 1) {
    if (start + index >= stop || bytes[start + index] !== DATA[index]) return -1;
  }
  const colon = start + DATA.length;
  if (colon === stop) return stop;
  if (bytes[colon] !== COLON) return -1;
  return colon + 1 < stop && bytes[colon + 1] === SPACE ? colon + 2 : colon + 1;
}

function joinLines(lines: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(lines.reduce((sum, line) => sum + line.length + 1, -1)).fill(LINE_FEED);
  let at = 0;
  for (const line of lines) {
    joined.set(line, at);
    at += line.length + 1;
  }
  return joined;
}
