// What a remote still stores, and no head of the log leads to any more: to be deleted once no reader can be on the way to it.

import { Address } from "../address/address.ts";
import { decodeUtf8Loosely, encodeUtf8 } from "../utf8.ts";
import type { BatchOperation } from "./database.ts";
import { corrupt, type Journal } from "./journal.ts";
import { oldObjectsKey, oldObjectsKeys } from "./keys.ts";

/** Objects that the rewriting of pages replaced. */
export interface OldObjects {
  /** Pages and index nodes. */
  readonly tree: readonly Address[];
  /** Contents of entries that were removed. */
  readonly contents: readonly Address[];
  /**
   * No entry before this one has the bytes of one of them as its content, and nothing of the tree that ends before it. Default: 0.
   */
  readonly since?: number;
  /** What has their entries now: it is read before they are deleted. Default: nothing. */
  readonly replacements?: readonly Address[];
}

/** One record of them. */
export interface OldObjectsRecord extends OldObjects {
  readonly number: number;
  /** Since when the name shows a head that does not lead to them, in milliseconds since 1970; `undefined` if it does not yet. */
  readonly shownAt: number | undefined;
}

/** The records of the old objects of one remote. */
export class OldObjectRecords {
  readonly #journal: Journal;
  readonly #label: string;

  constructor(journal: Journal, label: string) {
    this.#journal = journal;
    this.#label = label;
  }

  /** All records, oldest first, or newest first. */
  async *load(reverse = false): AsyncGenerator<OldObjectsRecord, void, undefined> {
    for await (const [key, value] of this.#journal.range({ ...oldObjectsKeys(this.#label), reverse })) {
      const number = new DataView(key.buffer, key.byteOffset + key.length - 4).getUint32(0);
      const record = decode(value);
      if (record === undefined) throw corrupt(`a record of old objects on ${this.#label} is damaged`);
      yield { number, ...record };
    }
  }

  /**
   * The steps of a batch that note objects; none if there are none.
   *
   * @param shownAt - since when the name leads to them no more; `undefined` if it still may. If not, all that were noted before are
   * marked in the same batch
   */
  async addOperations(objects: OldObjects, shownAt?: number): Promise<BatchOperation[]> {
    if (objects.tree.length + objects.contents.length === 0) return [];
    const number = await this.nextNumber();
    return [this.putOperation({ number, shownAt, ...objects })];
  }

  /** The number of the next record. */
  async nextNumber(): Promise<number> {
    for await (const { number } of this.load(true)) return number + 1;
    return 0;
  }

  /** The steps of a batch that note since when the name shows a head that leads to none of them. */
  async shownOperations(now: number): Promise<BatchOperation[]> {
    const operations: BatchOperation[] = [];
    for await (const record of this.load(true)) {
      if (record.shownAt !== undefined) break;
      operations.push(this.putOperation({ ...record, shownAt: now }));
    }
    return operations;
  }

  /** The step of a batch that writes a record. */
  putOperation({
    number,
    shownAt,
    tree,
    contents,
    since = 0,
    replacements = [],
  }: OldObjectsRecord): BatchOperation {
    const record = {
      shownAt: shownAt ?? null,
      tree: tree.map(String),
      contents: contents.map(String),
      ...(since > 0 && { since }),
      ...(replacements.length > 0 && { replacements: replacements.map(String) }),
    };
    const value = encodeUtf8(JSON.stringify(record));
    return { type: "put", key: oldObjectsKey(this.#label, number), value };
  }

  /** The step of a batch that forgets a record: all in it is dealt with. */
  deleteOperation(number: number): BatchOperation {
    return { type: "del", key: oldObjectsKey(this.#label, number) };
  }
}

function decode(value: Uint8Array): Omit<OldObjectsRecord, "number"> | undefined {
  try {
    const read: unknown = JSON.parse(decodeUtf8Loosely(value));
    const { shownAt, tree, contents, since = 0, replacements = [] } = read as Record<string, unknown>;
    if ((shownAt !== null && typeof shownAt !== "number") || typeof since !== "number") return undefined;
    const inPlace = addressesIn(replacements);
    return {
      shownAt: shownAt ?? undefined,
      tree: addressesIn(tree),
      contents: addressesIn(contents),
      ...(since > 0 && { since }),
      ...(inPlace.length > 0 && { replacements: inPlace }),
    };
  } catch {
    return undefined;
  }
}

function addressesIn(texts: unknown): Address[] {
  return (texts as readonly string[]).map((text) => Address.fromString(text));
}
