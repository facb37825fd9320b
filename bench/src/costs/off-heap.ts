const CHUNK_BYTES = 16 * 2 ** 20;
const SLOT_WORDS = 5;

/** Bytes kept outside the JavaScript heap, in a few large buffers whose size is known exactly. */
class OffHeapBytes {
  readonly #chunks: Uint8Array[] = [];
  #end = CHUNK_BYTES;

  get heldBytes(): number {
    return this.#chunks.length * CHUNK_BYTES;
  }

  /** Keeps a copy. Returns where it is: the number of its chunk and its place there. */
  add(bytes: Uint8Array): readonly [chunk: number, start: number] {
    if (bytes.length > CHUNK_BYTES) throw new RangeError("An object of a benchmark fits into one chunk.");
    if (this.#end + bytes.length > CHUNK_BYTES) {
      this.#chunks.push(new Uint8Array(CHUNK_BYTES));
      this.#end = 0;
    }
    const start = this.#end;
    this.#chunks.at(-1)!.set(bytes, start);
    this.#end += bytes.length;
    return [this.#chunks.length - 1, start];
  }

  view(chunk: number, start: number, length: number): Uint8Array {
    return this.#chunks[chunk]!.subarray(start, start + length);
  }
}

/**
 * Contents by the text of their address, for `memoryStorage`, with everything outside the JavaScript heap: the
 * memory of a writer or reader can then be told from that of the storage which holds a whole log.
 *
 * Two words of 30 bits from the digest find an object; every reader checks what it gets against all of it.
 */
export class OffHeapContents extends Map<string, Uint8Array> {
  readonly #bytes = new OffHeapBytes();
  #table = new Uint32Array(SLOT_WORDS * 2 ** 16);
  #count = 0;

  /** Bytes that are held here and count as memory of the process. */
  get heldBytes(): number {
    return this.#bytes.heldBytes + this.#table.byteLength;
  }

  override get size(): number {
    return this.#count;
  }

  override has(address: string): boolean {
    return this.#table[this.#slot(address)] !== 0;
  }

  override get(address: string): Uint8Array | undefined {
    const slot = this.#slot(address);
    if (this.#table[slot] === 0) return undefined;
    return this.#bytes.view(this.#table[slot + 2]!, this.#table[slot + 3]!, this.#table[slot + 4]!);
  }

  override set(address: string, content: Uint8Array): this {
    if (this.#count * 2 * SLOT_WORDS > this.#table.length) this.#grow();
    const slot = this.#slot(address);
    if (this.#table[slot] !== 0) return this;
    this.#table.set([...wordsOf(address), ...this.#bytes.add(content), content.length], slot);
    this.#count++;
    return this;
  }

  /** Keeps a copy of other bytes; what it returns gives a view of them. */
  keepAside(bytes: Uint8Array): () => Uint8Array {
    const [chunk, start] = this.#bytes.add(bytes);
    const { length } = bytes;
    return () => this.#bytes.view(chunk, start, length);
  }

  #slot(address: string): number {
    const [first, second] = wordsOf(address);
    return find(this.#table, first, second);
  }

  #grow(): void {
    const larger = new Uint32Array(this.#table.length * 2);
    for (let slot = 0; slot < this.#table.length; slot += SLOT_WORDS) {
      if (this.#table[slot] === 0) continue;
      const words = this.#table.subarray(slot, slot + SLOT_WORDS);
      larger.set(words, find(larger, words[0]!, words[1]!));
    }
    this.#table = larger;
  }
}

/** The slot of a key, or the free one where it belongs. */
function find(table: Uint32Array, first: number, second: number): number {
  const slots = table.length / SLOT_WORDS;
  for (let at = second % slots; ; at = (at + 1) % slots) {
    const slot = at * SLOT_WORDS;
    if (table[slot] === 0 || (table[slot] === first && table[slot + 1] === second)) return slot;
  }
}

/** Two words from the end of an address in base32, less its last character; the first is never 0. */
function wordsOf(address: string): [number, number] {
  return [(wordAt(address, address.length - 7) | (2 ** 30)) >>> 0, wordAt(address, address.length - 13)];
}

function wordAt(text: string, start: number): number {
  let word = 0;
  for (let i = start; i < start + 6; i++) {
    const code = text.charCodeAt(i);
    word = word * 32 + (code >= 97 ? code - 97 : code - 24);
  }
  return word;
}
