// What the journal remembers of uploads on one remote that nothing stored refers to yet.

import { Address } from "../address/address.ts";
import { concatBytes } from "../bytes.ts";
import type { BatchOperation } from "./database.ts";
import { corrupt, type Journal } from "./journal.ts";
import { uploadsKey, uploadsKeys } from "./keys.ts";

/** One record of acknowledged uploads: its number, and the addresses of the objects. */
export interface UploadRecord {
  readonly number: number;
  readonly addresses: readonly Address[];
}

/**
 * The acknowledged uploads of one remote that its tree record does not cover yet, several to a record. A record says no more
 * than that the storage acknowledged these addresses, so it stays true whatever becomes of the entries. All records of a
 * remote are in one range of keys.
 */
export class UploadRecords {
  readonly #journal: Journal;
  readonly #label: string;

  constructor(journal: Journal, label: string) {
    this.#journal = journal;
    this.#label = label;
  }

  /** All records, in the order of their numbers. */
  async load(): Promise<UploadRecord[]> {
    const records: UploadRecord[] = [];
    for await (const [key, value] of this.#journal.range(uploadsKeys(this.#label))) {
      const number = new DataView(key.buffer, key.byteOffset + key.length - 4).getUint32(0);
      try {
        records.push({ number, addresses: decode(value) });
      } catch (cause) {
        throw corrupt(`a record of uploads to ${this.#label} is damaged`, cause);
      }
    }
    return records;
  }

  /** The step of a batch that adds a record, or replaces the one with this number. */
  putOperation({ number, addresses }: UploadRecord): BatchOperation {
    return { type: "put", key: uploadsKey(this.#label, number), value: encode(addresses) };
  }

  /** The step of a batch that removes a record. */
  deleteOperation(number: number): BatchOperation {
    return { type: "del", key: uploadsKey(this.#label, number) };
  }
}

// Each address behind its length in one byte: an address has at most some 80 bytes.
function encode(addresses: readonly Address[]): Uint8Array {
  return concatBytes(addresses.flatMap(({ bytes }) => [Uint8Array.of(bytes.length), bytes]));
}

function decode(value: Uint8Array): Address[] {
  const addresses: Address[] = [];
  for (let at = 0; at < value.length; ) {
    const end = at + 1 + value[at]!;
    addresses.push(Address.fromBytes(value.subarray(at + 1, end)));
    at = end;
  }
  return addresses;
}
