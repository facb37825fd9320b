// Changes of bytes that lies are made of.

/** A change of bytes: gives new ones, and leaves those that it is given as they are. */
export type Change = (bytes: Uint8Array) => Uint8Array;

/**
 * Flips one bit.
 *
 * @param bit - which one, counted from the first; past the end the count starts over. Empty bytes stay empty.
 */
export function flipBit(bit = 0): Change {
  return (bytes) => {
    const copy = new Uint8Array(bytes);
    if (copy.length > 0) copy[Math.floor(bit / 8) % copy.length]! ^= 1 << (bit % 8);
    return copy;
  };
}

/** Drops bytes at the end; default one. */
export function truncate(count = 1): Change {
  return (bytes) => bytes.slice(0, Math.max(0, bytes.length - count));
}

/** Adds zero bytes at the end; default one. */
export function extend(count = 1): Change {
  return (bytes) => {
    const longer = new Uint8Array(bytes.length + count);
    longer.set(bytes);
    return longer;
  };
}

/** Leaves nothing. */
export function empty(): Change {
  return () => new Uint8Array(0);
}

/** Gives other bytes instead. */
export function replace(other: Uint8Array): Change {
  return () => new Uint8Array(other);
}
