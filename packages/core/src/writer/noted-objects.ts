// Objects that are noted before they are sent: if the journal never comes to know them, they are deleted all the same.

import type { Address } from "../address/address.ts";
import type { BatchOperation } from "../journal/database.ts";
import type { Journal } from "../journal/journal.ts";
import type { OldObjectRecords } from "../journal/old-objects.ts";
import type { Sink } from "./page-runs.ts";

/** How many bytes are kept before they are noted and sent: each note waits for the disk. */
const BYTES_AT_ONCE = 8 * 2 ** 20;

/**
 * A sink for objects that may hold what is removed later. A process that ends between an upload and the batch that makes its address
 * part of the tree leaves an object that nothing leads to. It is on record then as an old object.
 */
export class NotedObjects implements Sink {
  readonly #journal: Journal;
  readonly #records: OldObjectRecords;
  readonly #sink: Sink;
  readonly #numbers: number[] = [];
  #kept: { readonly bytes: Uint8Array; readonly address: Address }[] = [];
  #keptBytes = 0;

  constructor(journal: Journal, records: OldObjectRecords, sink: Sink) {
    this.#journal = journal;
    this.#records = records;
    this.#sink = sink;
  }

  address(content: Uint8Array): Promise<Address> {
    return this.#sink.address(content);
  }

  async put(bytes: Uint8Array, address: Address): Promise<void> {
    this.#kept.push({ bytes, address });
    this.#keptBytes += bytes.length;
    if (this.#keptBytes >= BYTES_AT_ONCE) await this.#send();
  }

  /** Resolves once all is stored. */
  async settled(): Promise<void> {
    await this.#send();
    await this.#sink.settled();
  }

  /** The steps of the batch that makes the objects part of the tree: they are old objects no more. */
  knownOperations(): BatchOperation[] {
    return this.#numbers.map((number) => this.#records.deleteOperation(number));
  }

  async #send(): Promise<void> {
    if (this.#kept.length === 0) return;
    const kept = this.#kept;
    this.#kept = [];
    this.#keptBytes = 0;
    const number = await this.#records.nextNumber();
    const tree = kept.map(({ address }) => address);
    const note = this.#records.putOperation({ number, shownAt: undefined, tree, contents: [] });
    await this.#journal.write([note], true);
    this.#numbers.push(number);
    for (const { bytes, address } of kept) await this.#sink.put(bytes, address);
  }
}
