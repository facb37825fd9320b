// Every 8 bytes in a row of some secrets, looked up in other bytes, one position after another.

/** How many bytes in a row make a leak. */
export const WINDOW_BYTES = 8;

/** A filter of 4 million bits: with a hundred thousand windows, one position in forty is looked up in vain. */
const FILTER_BITS = 22;

/** The windows of all secrets, and which secret each is of. */
export class Windows {
  readonly #filter = new Uint32Array(2 ** (FILTER_BITS - 5));
  readonly #owners = new Map<string, string>();

  /** Adds every window of a secret. A window that is there already stays that of the secret that came first. */
  add(name: string, bytes: Uint8Array): void {
    eachPlace(bytes, (place, offset) => {
      this.#filter[place >>> 5]! |= 1 << (place & 31);
      const key = keyAt(bytes, offset);
      if (!this.#owners.has(key)) this.#owners.set(key, name);
    });
  }

  /** Calls back for every position at which a window begins, with the name of its secret. */
  find(bytes: Uint8Array, found: (name: string, offset: number) => void): void {
    eachPlace(bytes, (place, offset) => {
      if (((this.#filter[place >>> 5]! >>> (place & 31)) & 1) === 0) return;
      const name = this.#owners.get(keyAt(bytes, offset));
      if (name !== undefined) found(name, offset);
    });
  }
}

function keyAt(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + WINDOW_BYTES));
}

/** Calls back for every window, with its place in the filter. */
function eachPlace(bytes: Uint8Array, use: (place: number, offset: number) => void): void {
  // The window as two words, into which one byte after another moves.
  let first = 0;
  let second = 0;
  for (let at = 0; at < bytes.length; at++) {
    first = (first >>> 8) | (second << 24);
    second = (second >>> 8) | (bytes[at]! << 24);
    if (at < WINDOW_BYTES - 1) continue;
    const hash = Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b);
    use(hash >>> (32 - FILTER_BITS), at + 1 - WINDOW_BYTES);
  }
}
