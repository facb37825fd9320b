// The pairs of entries as the journal has them, and where their contents are on a remote.

import type { Address } from "../address/address.ts";
import { addressOf } from "../address/hash-type.ts";
import type { Journal } from "../journal/journal.ts";
import type { Pair } from "../log/pair.ts";
import type { Sealing } from "../log/sealing.ts";
import type { StorageBackend } from "../remote/storage-backend.ts";
import type { Sink } from "./page-runs.ts";

interface Parts {
  readonly journal: Journal;
  readonly sealing: Sealing;
  readonly storage: StorageBackend;
  /** Largest content that is embedded in a page, in bytes. */
  readonly largestEmbedded: number;
}

/** Makes pairs of the journal's entries for one remote. */
export class EntryPairs {
  readonly #parts: Parts;
  // Where the content of the entry is that was asked for last.
  #content: { readonly sequence: number; readonly address: Address | undefined } | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * The pairs of entries; contents that are not embedded go into the sink, and are there when this resolves.
   *
   * @param onUploaded - called with the number of the first entry whose content is still on its way
   */
  async pairs(
    from: number,
    to: number,
    uploads: Sink,
    onUploaded: (entries: number) => void,
  ): Promise<Pair[]> {
    const { journal, sealing, largestEmbedded } = this.#parts;
    const pairs: Pair[] = [];
    // Those whose content is under way, in ascending order.
    const waiting = new Set<number>();
    let end = from;
    for await (const entry of journal.entries(from, to, sealing)) {
      const { sequence, localHash, contentHash } = entry;
      if (entry.removed) {
        pairs.push({ localHash, contentHash, place: { kind: "removed" } });
        continue;
      }
      const { stored } = entry;
      if (stored.length <= largestEmbedded) {
        pairs.push({ localHash, contentHash, place: { kind: "embedded", stored } });
        continue;
      }
      const address = await uploads.address(stored);
      waiting.add(sequence);
      end = sequence + 1;
      await uploads.put(stored, address, () => {
        waiting.delete(sequence);
        const [first = end] = waiting;
        onUploaded(first);
      });
      pairs.push({ localHash, contentHash, place: { kind: "pointer", address } });
    }
    await uploads.settled();
    return pairs;
  }

  /** Where the content of an entry is stored on its own; `undefined` if it is embedded, or removed. */
  async contentAddress(sequence: number): Promise<Address | undefined> {
    if (this.#content?.sequence !== sequence)
      this.#content = { sequence, address: await this.#addressOf(sequence) };
    return this.#content.address;
  }

  /** Forgets what was asked for last. */
  clear(): void {
    this.#content = undefined;
  }

  async #addressOf(sequence: number): Promise<Address | undefined> {
    const { journal, sealing, storage, largestEmbedded } = this.#parts;
    for await (const entry of journal.entries(sequence, sequence + 1, sealing)) {
      if (entry.removed || entry.stored.length <= largestEmbedded) return undefined;
      return addressOf(entry.stored, storage.capabilities.hashTypes[0]!);
    }
    return undefined;
  }
}
