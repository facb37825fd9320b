// The Merkle root of a log (RFC 9162 §2.1.1), computed without the code that it checks.

import { createHash } from "node:crypto";
import { hashLeaf } from "@remote-log/core";

/**
 * The Merkle root over entries, computed again from their bytes (RFC 9162 §2.1.1). Shares none of the reader's code for
 * trees, so that an error there shows.
 */
export class TreeRoot {
  readonly #peaks: { readonly leaves: number; readonly hash: Uint8Array }[] = [];
  #size = 0;

  /** The number of entries so far. */
  get size(): number {
    return this.#size;
  }

  /** Adds an entry: its identifier and its content. */
  add(id: Uint8Array, content: Uint8Array): void {
    this.addLeaf(Buffer.concat([id, sha256(content)]));
  }

  /** Adds an entry by its leaf data, if its content was removed. */
  addLeaf(data: Uint8Array): void {
    let peak = { leaves: 1, hash: hashLeaf(data) };
    while (this.#peaks.at(-1)?.leaves === peak.leaves) {
      peak = { leaves: peak.leaves * 2, hash: hashPair(this.#peaks.pop()!.hash, peak.hash) };
    }
    this.#peaks.push(peak);
    this.#size++;
  }

  /** The root, 32 bytes. */
  root(): Uint8Array {
    const hashes = this.#peaks.map(({ hash }) => hash);
    if (hashes.length === 0) return sha256(new Uint8Array(0));
    return hashes.reduceRight((right, left) => hashPair(left, right));
  }
}

function hashPair(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(Buffer.concat([Uint8Array.of(1), left, right]));
}

function sha256(bytes: Uint8Array): Uint8Array {
  return createHash("sha256").update(bytes).digest();
}
