function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}

/** Whether `second` may follow `lead`: keeps out overlong forms, surrogates and what lies beyond U+10FFFF. */
function secondFits(lead: number, second: number): boolean {
  if (lead === 0xe0) return second >= 0xa0 && second <= 0xbf;
  if (lead === 0xed) return second >= 0x80 && second <= 0x9f;
  if (lead === 0xf0) return second >= 0x90 && second <= 0xbf;
  if (lead === 0xf4) return second >= 0x80 && second <= 0x8f;
  return isContinuation(second);
}

/** 0 for a byte that starts no sequence of two or more. */
function lengthFrom(lead: number): number {
  if (lead < 0xc2) return 0;
  if (lead < 0xe0) return 2;
  if (lead < 0xf0) return 3;
  return lead < 0xf5 ? 4 : 0;
}

/** Length in bytes (2 to 4) of the well-formed sequence at `at`; 0 when it is ASCII, ill-formed or cut. */
function sequenceAt(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] as number;
  const length = lengthFrom(lead);
  if (length === 0 || at + length > bytes.length) return 0;
  if (!secondFits(lead, bytes[at + 1] as number)) return 0;
  if (length > 2 && !isContinuation(bytes[at + 2] as number)) return 0;
  if (length > 3 && !isContinuation(bytes[at + 3] as number)) return 0;
  return length;
}

/** Three bytes, none of whose leads puts a narrower bound on the second: nearly all of Chinese, Japanese and Korean. */
function isCommonThree(bytes: Uint8Array, at: number): boolean {
  const lead = bytes[at] as number;
  if (lead < 0xe1 || lead > 0xec || at + 2 >= bytes.length) return false;
  return isContinuation(bytes[at + 1] as number) && isContinuation(bytes[at + 2] as number);
}

/**
 * Offset behind the run of characters beyond ASCII that starts at `from`: of an ASCII byte, of the end, or of a byte over 0x7f with
 * which ill-formed UTF-8 starts (Unicode 17, table 3-7).
 */
export function utf8RunEnd(bytes: Uint8Array, from: number): number {
  let at = from;
  for (;;) {
    while (at < bytes.length && isCommonThree(bytes, at)) at += 3;
    const length = at < bytes.length ? sequenceAt(bytes, at) : 0;
    if (length === 0) return at;
    at += length;
  }
}
