const CARRIAGE_RETURN = 0x0d;

/**
 * Finds one delimiter after another in bytes that come in pieces. A delimiter begins with CR and has no other, so that whatever
 * half a delimiter turned out to be data never has to be looked at again: the work is linear in the bytes, also for a boundary
 * of dashes in a body of dashes.
 */
export class DelimiterSearch {
  /** Bytes compared with the delimiter so far: at most one for each byte of the input, and one more for each CR. */
  compared = 0;
  readonly #delimiter: Uint8Array;
  /** How much of the delimiter stands at the end of what was read. */
  #matched = 0;
  /** How much of that was never read: see `begin`. */
  #imagined = 0;

  /** `boundary`: characters of latin1, none of them CR. */
  constructor(boundary: string) {
    this.#delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1');
  }

  /** The next byte stands at the beginning of a line: a delimiter may do without its line break. */
  begin(): void {
    this.#matched = 2;
    this.#imagined = 2;
  }

  /** True where the delimiter just found stood where `begin` was called. */
  get immediate(): boolean {
    return this.#imagined > 0;
  }

  /**
   * Reads `bytes` from `at` on. Hands over what is no delimiter, as views. Answers the offset behind a delimiter, or -1 where all
   * bytes were read without one.
   */
  scan(bytes: Uint8Array, at: number, onData: (data: Uint8Array) => void): number {
    let next = at;
    if (this.#matched > 0) {
      next = this.#compare(bytes, at);
      if (this.#matched === this.#delimiter.length) return this.#found(next);
      if (next === bytes.length) return -1;
      this.#giveBack(onData);
    }
    this.#imagined = 0;
    return this.#scanFresh(bytes, next, onData);
  }

  #scanFresh(bytes: Uint8Array, from: number, onData: (data: Uint8Array) => void): number {
    let next = from;
    for (;;) {
      const candidate = bytes.indexOf(CARRIAGE_RETURN, next);
      if (candidate === -1) {
        if (from < bytes.length) onData(bytes.subarray(from));
        return -1;
      }
      next = this.#compare(bytes, candidate);
      if (this.#matched === this.#delimiter.length || next === bytes.length) {
        if (from < candidate) onData(bytes.subarray(from, candidate));
        return this.#matched === this.#delimiter.length ? this.#found(next) : -1;
      }
      this.#matched = 0;
    }
  }

  /** Goes on with the delimiter as far as the bytes follow it. Answers where they do not any more. */
  #compare(bytes: Uint8Array, at: number): number {
    const delimiter = this.#delimiter;
    let next = at;
    let matched = this.#matched;
    while (next < bytes.length && matched < delimiter.length && bytes[next] === delimiter[matched]) {
      next += 1;
      matched += 1;
    }
    this.compared += next - at + 1;
    this.#matched = matched;
    return next;
  }

  #giveBack(onData: (data: Uint8Array) => void): void {
    if (this.#matched > this.#imagined) onData(this.#delimiter.subarray(this.#imagined, this.#matched));
    this.#matched = 0;
  }

  #found(next: number): number {
    this.#matched = 0;
    return next;
  }
}
