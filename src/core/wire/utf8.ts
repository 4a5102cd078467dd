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

function sequenceLength(lead: number): number {
  if (lead < 0xc2) return 0;
  if (lead < 0xe0) return 2;
  if (lead < 0xf0) return 3;
  return lead < 0xf5 ? 4 : 0;
}

/**
 * Length in bytes (2 to 4) of the well-formed UTF-8 sequence that starts at `at` with a byte over 0x7f, or 0 when it is
 * ill-formed or cut (Unicode 17, table 3-7).
 */
export function utf8SequenceLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] as number;
  const length = sequenceLength(lead);
  if (length === 0 || at + length > bytes.length) return 0;
  if (!secondFits(lead, bytes[at + 1] as number)) return 0;
  if (length > 2 && !isContinuation(bytes[at + 2] as number)) return 0;
  if (length > 3 && !isContinuation(bytes[at + 3] as number)) return 0;
  return length;
}
