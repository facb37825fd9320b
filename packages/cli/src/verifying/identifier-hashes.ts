// The identifiers of a whole log, kept as hashes so that memory stays small.

import { createHash, type Hash } from "node:crypto";

/** Identifiers that share one hash. */
export const STRETCH = 1024;

/** The identifiers of a log's entries: one hash for each stretch of {@link STRETCH} identifiers. */
export class IdentifierHashes {
  readonly #hashes: string[] = [];
  #current: Hash = createHash("sha256");
  #size = 0;

  /** Adds the identifier of the next entry. */
  add(id: Uint8Array): void {
    this.#current.update(id);
    this.#size++;
    if (this.#size % STRETCH === 0) {
      this.#hashes.push(this.#current.digest("hex"));
      this.#current = createHash("sha256");
    }
  }

  /** Whether a stretch, counted from 0, has these identifiers in this order. */
  matches(stretch: number, ids: readonly Uint8Array[]): boolean {
    const kept = this.#hashes[stretch] ?? this.#current.copy().digest("hex");
    const hash = createHash("sha256");
    for (const id of ids) hash.update(id);
    return hash.digest("hex") === kept;
  }
}
