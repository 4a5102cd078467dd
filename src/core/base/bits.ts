/** A set of small integers (deployment indexes in a group): one bit each, 32 to a word. Never changed once shared. */
export type Bits = Uint32Array;

/** The empty set over `size` members. */
export function noBits(size: number): Bits {
  return new Uint32Array((size + 31) >>> 5);
}

/** The set of all `size` members. */
export function allBits(size: number): Bits {
  const bits = noBits(size).fill(0xffff_ffff);
  const rest = size & 31;
  if (rest !== 0) bits[bits.length - 1] = 2 ** rest - 1;
  return bits;
}

/** Adds a member in place. Only for sets that are still being built. */
export function addBit(bits: Bits, index: number): void {
  const word = index >>> 5;
  bits[word] = (bits[word] ?? 0) | (1 << (index & 31));
}

export function hasBit(bits: Bits, index: number): boolean {
  return (((bits[index >>> 5] ?? 0) >>> (index & 31)) & 1) === 1;
}

export function isEmpty(bits: Bits): boolean {
  for (let at = 0; at < bits.length; at += 1) if (bits[at] !== 0) return false;
  return true;
}

/** True when both sets share a member. */
export function intersects(a: Bits, b: Bits): boolean {
  for (let at = 0; at < a.length; at += 1) if (((a[at] ?? 0) & (b[at] ?? 0)) !== 0) return true;
  return false;
}

// Plain loops: the callbacks of map and every cost several times as much on large groups.

/** Members of both. */
export function and(a: Bits, b: Bits): Bits {
  const both = new Uint32Array(a.length);
  for (let at = 0; at < a.length; at += 1) both[at] = (a[at] ?? 0) & (b[at] ?? 0);
  return both;
}

/** Members of either. */
export function or(a: Bits, b: Bits): Bits {
  const either = new Uint32Array(a.length);
  for (let at = 0; at < a.length; at += 1) either[at] = (a[at] ?? 0) | (b[at] ?? 0);
  return either;
}

/** Members of `a` that are not in `b`. */
export function without(a: Bits, b: Bits): Bits {
  const rest = new Uint32Array(a.length);
  for (let at = 0; at < a.length; at += 1) rest[at] = (a[at] ?? 0) & ~(b[at] ?? 0);
  return rest;
}

/** The members, ascending. */
export function membersOf(bits: Bits): Int32Array {
  const members = new Int32Array(countBits(bits));
  let next = 0;
  for (let at = 0; at < bits.length; at += 1) {
    for (let rest = bits[at] ?? 0; rest !== 0; rest &= rest - 1) {
      members[next] = (at << 5) + (31 - Math.clz32(rest & -rest));
      next += 1;
    }
  }
  return members;
}

/** True when a member passes the test. Stops at the first, allocates nothing. */
export function someMember(bits: Bits, test: (index: number) => boolean): boolean {
  for (let at = 0; at < bits.length; at += 1) {
    for (let rest = bits[at] ?? 0; rest !== 0; rest &= rest - 1) {
      if (test((at << 5) + (31 - Math.clz32(rest & -rest)))) return true;
    }
  }
  return false;
}

/** The set of one member. */
export function onlyBit(size: number, index: number): Bits {
  const bits = noBits(size);
  addBit(bits, index);
  return bits;
}

/** Number of members. */
export function countBits(bits: Bits): number {
  let count = 0;
  for (const word of bits) {
    const pairs = word - ((word >>> 1) & 0x5555_5555);
    const nibbles = (pairs & 0x3333_3333) + ((pairs >>> 2) & 0x3333_3333);
    count += (((nibbles + (nibbles >>> 4)) & 0x0f0f_0f0f) * 0x0101_0101) >>> 24;
  }
  return count;
}
