const EMPTY = new Uint8Array(0);

/** Bytes that wait for more. Grows by doubling, so that many small pieces cost no more than a few large ones. */
export class PendingBytes {
  #store = EMPTY;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** A view that the next change makes stale. */
  get bytes(): Uint8Array {
    return this.#store.subarray(0, this.#length);
  }

  append(piece: Uint8Array): void {
    const length = this.#length + piece.length;
    if (length > this.#store.length) {
      const larger = new Uint8Array(Math.max(length, this.#store.length * 2));
      larger.set(this.bytes);
      this.#store = larger;
    }
    this.#store.set(piece, this.#length);
    this.#length = length;
  }

  /** Drops the first `count` bytes; the store too when none is left, for it can be large. */
  dropFront(count: number): void {
    if (count >= this.#length) this.#store = EMPTY;
    else this.#store.copyWithin(0, count, this.#length);
    this.#length = Math.max(0, this.#length - count);
  }
}
