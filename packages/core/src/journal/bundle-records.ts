// What the journal remembers of the bundles on one remote: a record for each, by the number of its first page.

import { Address } from "../address/address.ts";
import { concatBytes } from "../bytes.ts";
import type { Bundle } from "../log/bundle.ts";
import { readVarint, varintBytes } from "../wire/varint.ts";
import type { BatchOperation } from "./database.ts";
import { corrupt, type Journal } from "./journal.ts";
import { bundleKey, numberIn } from "./keys.ts";

/** The bundles of a log on one remote. */
export class BundleRecords {
  readonly #journal: Journal;
  readonly #label: string;

  constructor(journal: Journal, label: string) {
    this.#journal = journal;
    this.#label = label;
  }

  /** The bundles that begin with a page in [`first`, `end`), in order. */
  async load(first: number, end: number): Promise<Bundle[]> {
    const bundles: Bundle[] = [];
    const range = { gte: bundleKey(this.#label, first), lt: bundleKey(this.#label, end) };
    for await (const [key, value] of this.#journal.range(range)) {
      try {
        bundles.push(decode(numberIn(key), value));
      } catch (cause) {
        throw corrupt(`a bundle of ${this.#label} is damaged`, cause);
      }
    }
    return bundles;
  }

  /** The step of a batch that notes a bundle. */
  putOperation(bundle: Bundle): BatchOperation {
    return { type: "put", key: bundleKey(this.#label, bundle.first), value: encode(bundle) };
  }

  /** The step of a batch that forgets one. */
  deleteOperation({ first }: Pick<Bundle, "first">): BatchOperation {
    return { type: "del", key: bundleKey(this.#label, first) };
  }
}

// How many pages, their lengths, and the address.
function encode({ address, lengths }: Bundle): Uint8Array {
  return concatBytes([varintBytes(lengths.length), ...lengths.map(varintBytes), address.bytes]);
}

function decode(first: number, value: Uint8Array): Bundle {
  const { value: pages, end } = readVarint(value, 0, "record of a bundle");
  const lengths: number[] = [];
  let at = end;
  while (lengths.length < pages) {
    const length = readVarint(value, at, "record of a bundle");
    lengths.push(length.value);
    at = length.end;
  }
  return { first, address: Address.fromBytes(value.subarray(at)), lengths };
}
