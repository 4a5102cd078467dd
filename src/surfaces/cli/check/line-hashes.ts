/** Characters of a line, and of what follows it, that its hash covers. */
const WINDOW = 100;
const FACTOR = 37n;
const BITS = 64;
/** Stands for the end of the text: no character of one. */
const END = 0xff_ffn;
const BLANK = /[ \t]/g;
const LINE_END = /\r\n|\r|\n/;

/**
 * One hash for each line of a text, by line number (1, 2, ...): `<hex>:<how many times this hash has been seen>`. It is what
 * code hosts of GitHub's kind expect as `primaryLocationLineHash`: a polynomial hash, modulo 2^64, of the line's first 100
 * characters together with what follows, without blanks, so that a finding is known again after lines were added above it.
 */
export function lineHashes(text: string): ReadonlyMap<number, string> {
  const { codes, starts } = bareCodes(text);
  const highest = power(FACTOR, WINDOW);
  const hashes = new Map<number, string>();
  const seen = new Map<string, number>();
  let rolling = 0n;
  let line = 0;
  // The window that begins at `begin` is complete once its last character has been taken in; after the end, zeros are.
  for (let end = 0; line < starts.length; end += 1) {
    const begin = end - WINDOW + 1;
    const leaving = codes[begin - 1] ?? 0n;
    rolling = BigInt.asUintN(BITS, rolling * FACTOR + (codes[end] ?? 0n) - highest * leaving);
    if (begin !== starts[line]) continue;
    const hash = rolling.toString(16);
    const times = (seen.get(hash) ?? 0) + 1;
    seen.set(hash, times);
    line += 1;
    hashes.set(line, `${hash}:${times}`);
  }
  return hashes;
}

/** The text without blanks, each line end as one line feed, the end marked; and where each line begins in that. */
function bareCodes(text: string): { readonly codes: readonly bigint[]; readonly starts: readonly number[] } {
  const codes: bigint[] = [];
  const starts: number[] = [];
  const lines = text.split(LINE_END);
  lines.forEach((line, index) => {
    starts.push(codes.length);
    const bare = line.replaceAll(BLANK, '');
    for (let at = 0; at < bare.length; at += 1) codes.push(BigInt(bare.charCodeAt(at)));
    codes.push(index === lines.length - 1 ? END : 10n);
  });
  return { codes, starts };
}

function power(base: bigint, exponent: number): bigint {
  let result = 1n;
  for (let times = 0; times < exponent; times += 1) result = BigInt.asUintN(BITS, result * base);
  return result;
}
