/** Characters of a line, and of what follows it, that its hash covers. */
const WINDOW = 100;
const FACTOR = 37;
const WORD = 2 ** 32;
/** Stands for the end of the text: no character of one. */
const END = 0xff_ff;
const LINE_FEED = 10;
const BLANK = /[ \t]/g;
const LINE_END = /\r\n|\r|\n/;

/** 64 bits without a sign, as two numbers below 2^32: a BigInt for each character would take ten times as long. */
interface Long {
  readonly high: number;
  readonly low: number;
}

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
  let rolling: Long = { high: 0, low: 0 };
  let line = 0;
  // The window that begins at `begin` is complete once its last character has been taken in; after the end, zeros are.
  for (let end = 0; line < starts.length; end += 1) {
    const begin = end - WINDOW + 1;
    const leaving = codes[begin - 1] ?? 0;
    const low = rolling.low * FACTOR + (codes[end] ?? 0) - highest.low * leaving;
    rolling = long(rolling.high * FACTOR - highest.high * leaving, low);
    if (begin !== starts[line]) continue;
    const hash = hex(rolling);
    const times = (seen.get(hash) ?? 0) + 1;
    seen.set(hash, times);
    line += 1;
    hashes.set(line, `${hash}:${times}`);
  }
  return hashes;
}

/** The text without blanks, each line end as one line feed, the end marked; and where each line begins in that. */
function bareCodes(text: string): { readonly codes: readonly number[]; readonly starts: readonly number[] } {
  const codes: number[] = [];
  const starts: number[] = [];
  const lines = text.split(LINE_END);
  lines.forEach((line, index) => {
    starts.push(codes.length);
    const bare = line.replaceAll(BLANK, '');
    for (let at = 0; at < bare.length; at += 1) codes.push(bare.charCodeAt(at));
    codes.push(index === lines.length - 1 ? END : LINE_FEED);
  });
  return { codes, starts };
}

/** Both within the safe integers: a word times a character at most. What `low` exceeds a word by goes to `high`. */
function long(high: number, low: number): Long {
  return { high: modulo(high + Math.floor(low / WORD)), low: modulo(low) };
}

function modulo(value: number): number {
  const rest = value % WORD;
  return rest < 0 ? rest + WORD : rest;
}

function power(base: number, exponent: number): Long {
  let result: Long = { high: 0, low: 1 };
  for (let times = 0; times < exponent; times += 1) result = long(result.high * base, result.low * base);
  return result;
}

function hex({ high, low }: Long): string {
  return high === 0 ? low.toString(16) : high.toString(16) + low.toString(16).padStart(8, '0');
}
