// The heads of a remote that are objects of their own, because its name holds no more: none stays behind unnoticed.

import type { Address } from "../address/address.ts";
import type { BatchOperation } from "../journal/database.ts";
import type { HeadObject, IntentRecord, RemoteRecords } from "../journal/remote-records.ts";
import { headAddressIn } from "../log/head.ts";
import { storeHead } from "../remote/name-content.ts";
import type { StorageBackend } from "../remote/storage-backend.ts";
import { forgetsOf } from "./removal-progress.ts";

/**
 * Which heads a remote may store as objects. A head is noted before it is sent, in the batch that makes it durable; once the name
 * shows another, it is an old object like the pages that a removal replaced. It can hold entries that are removed later.
 */
export class HeadObjects {
  readonly #records: RemoteRecords;
  readonly #storage: StorageBackend;
  // The newest that was stored in the life of this process.
  #stored: Uint8Array | undefined;

  constructor({ records, storage }: { readonly records: RemoteRecords; readonly storage: StorageBackend }) {
    this.#records = records;
    this.#storage = storage;
  }

  /** The steps of the batch that makes an intent durable. */
  async signedOperations({
    content,
    size,
  }: Pick<IntentRecord, "content" | "size">): Promise<BatchOperation[]> {
    const address = headAddressIn(content);
    if (address === undefined || forgetsOf(this.#storage) === "never") return [];
    const others = (await this.#records.loadHeadObjects()).filter((head) => !head.address.equals(address));
    return [this.#records.headObjectsOperation([...others, { address, size }])];
  }

  /**
   * Stores the head of an intent, if it is an object of its own, before a name leads to it.
   *
   * @throws whatever the storage throws
   */
  async store({ head }: Pick<IntentRecord, "head">, signal: AbortSignal): Promise<void> {
    if (head === undefined || head === this.#stored) return;
    await storeHead(this.#storage, head, signal);
    this.#stored = head;
  }

  /**
   * The steps of the batch that notes what the name shows.
   *
   * @param before - what the name showed before, if that was seen
   * @param shownAt - when it was seen to show this; `undefined` if it may still lead to old pages
   */
  async shownOperations(
    { content, size }: Pick<IntentRecord, "content" | "size">,
    before: Uint8Array | undefined,
    shownAt: number | undefined,
  ): Promise<BatchOperation[]> {
    if (forgetsOf(this.#storage) === "never") return [];
    const noted = await this.#records.loadHeadObjects();
    const address = headAddressIn(content);
    const has = (heads: readonly HeadObject[], one: Address): boolean =>
      heads.some((head) => head.address.equals(one));
    const seen = before && headAddressIn(before);
    // An earlier version of the writer noted none.
    const isUnknown = seen !== undefined && !has(noted, seen);
    const all = isUnknown ? [...noted, { address: seen, size: 0 }] : noted;
    const old = all.filter((head) => address === undefined || !head.address.equals(address));
    if (old.length === 0 && (address === undefined || has(noted, address))) return [];
    const since = Math.min(...old.map((head) => head.size));
    const objects = { tree: old.map((head) => head.address), contents: [], since };
    const replaced = await this.#records.oldObjects.addOperations(objects, shownAt);
    return [
      this.#records.headObjectsOperation(address === undefined ? [] : [{ address, size }]),
      ...replaced,
    ];
  }
}
