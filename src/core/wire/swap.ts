const QUOTE = 0x22;
const NOTHING = Buffer.alloc(0);

/** A JSON string, quotes included, and what stands in its place. */
interface Pair {
  readonly from: Buffer;
  readonly to: Buffer;
}

/**
 * Puts other texts in the place of JSON strings of a stream, whose pieces may be cut anywhere. Only whole strings are found, since
 * the quotes belong to what is looked for: a text that quotes one inside another string has a backslash before its quotes. What
 * may be the beginning of one at the end of a piece waits for the next.
 */
export class StringSwap {
  readonly #pairs: readonly Pair[];
  #held: Buffer = NOTHING;

  /** `texts`: plain texts, each with what replaces it; their JSON must need no escapes. */
  constructor(texts: ReadonlyMap<string, string>) {
    this.#pairs = Array.from(texts, ([from, to]) => ({
      from: Buffer.from(JSON.stringify(from)),
      to: Buffer.from(JSON.stringify(to)),
    }));
  }

  /** What can go on now. The piece itself where nothing changes. */
  push(piece: Uint8Array): Uint8Array {
    const given = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
    const bytes = this.#held.length === 0 ? given : Buffer.concat([this.#held, given]);
    const swapped = this.#swapped(bytes);
    const from = this.#unsureFrom(swapped.rest);
    // A copy: the piece's buffer may be used again before the next one comes.
    this.#held = from === swapped.rest.length ? NOTHING : Buffer.from(swapped.rest.subarray(from));
    if (swapped.before.length === 0) return swapped.rest.subarray(0, from);
    return Buffer.concat([...swapped.before, swapped.rest.subarray(0, from)]);
  }

  /** What waited for more that did not come. */
  end(): Uint8Array {
    const held = this.#held;
    this.#held = NOTHING;
    return held;
  }

  #swapped(bytes: Buffer): { readonly before: readonly Buffer[]; readonly rest: Buffer } {
    const before: Buffer[] = [];
    let rest = bytes;
    for (let hit = this.#first(rest); hit !== undefined; hit = this.#first(rest)) {
      before.push(rest.subarray(0, hit.at), hit.pair.to);
      rest = rest.subarray(hit.at + hit.pair.from.length);
    }
    return { before, rest };
  }

  #first(bytes: Buffer): { readonly at: number; readonly pair: Pair } | undefined {
    let first: { at: number; pair: Pair } | undefined;
    for (const pair of this.#pairs) {
      const at = bytes.indexOf(pair.from);
      if (at >= 0 && (first === undefined || at < first.at)) first = { at, pair };
    }
    return first;
  }

  /** Where the end of these bytes may be the beginning of a string that is looked for; their length where it is not. */
  #unsureFrom(bytes: Buffer): number {
    const longest = this.#pairs.reduce((most, { from }) => Math.max(most, from.length), 0);
    let at = bytes.indexOf(QUOTE, Math.max(0, bytes.length - longest + 1));
    for (; at >= 0; at = bytes.indexOf(QUOTE, at + 1)) {
      const tail = bytes.subarray(at);
      if (this.#pairs.some(({ from }) => tail.equals(from.subarray(0, tail.length)))) return at;
    }
    return bytes.length;
  }
}
