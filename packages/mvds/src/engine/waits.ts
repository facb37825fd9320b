// Which messages wait for which parents; 4/MVDS-META, "parents".

import { decodeUtf8, encodeUtf8 } from "@remote-log/core/adapter";
import { bytesOf, hexOf, joined } from "../bytes.ts";
import { ID_BYTES } from "../wire/payload.ts";
import { copyKey, waitKey, waitKeys } from "./keys.ts";
import type { Step, Store } from "./store.ts";

/** Of how many messages it is found out at once what they wait for. */
const MOST_BEHIND = 1024;

/**
 * Which messages wait for which parents, in memory and in the database. What waits is named by the id of a message; or, if it is another copy
 * of it, by that id and the name of the peer whose log has the copy.
 */
export class Waits {
  /** By parent: the messages that wait for it, each with the peer that sent it. */
  readonly #children = new Map<string, Map<string, string>>();
  /** By message: the parents that it waits for. */
  readonly #parents = new Map<string, Set<string>>();
  /** By the id of a message: the names of its other copies. */
  readonly #copies = new Map<string, Set<string>>();
  /** By peer: how many pairs there are of a message that it sent, and a parent. */
  readonly #sizes = new Map<string, number>();

  /** Reads what an earlier run left. */
  async load(store: Store): Promise<void> {
    for await (const [key, value] of store.range(waitKeys)) {
      this.#keep(hexOf(key.slice(1, 1 + ID_BYTES)), hexOf(key.slice(1 + ID_BYTES)), decodeUtf8(value) ?? "");
    }
  }

  /** How many pairs there are of a message that a peer sent, and a parent. */
  sizeOf(peer: string): number {
    return this.#sizes.get(peer) ?? 0;
  }

  /** Whether some message waits for this one. */
  isAwaited(parent: Uint8Array): boolean {
    return this.#children.has(hexOf(parent));
  }

  /** The parents that messages wait for which a peer sent. */
  awaitedFrom(peer: string): Uint8Array[] {
    const found = [...this.#children].filter(([, children]) => [...children.values()].includes(peer));
    return found.map(([parent]) => bytesOf(parent));
  }

  /** What is not here of that which a message waits for, of that which this waits for, and so on; or the message itself, if it is not here. */
  missingBehind(id: Uint8Array): Uint8Array[] {
    const seen = new Set([hexOf(id)]);
    const missing: Uint8Array[] = [];
    for (const message of seen) {
      const parents = this.#parents.get(message);
      if (parents === undefined && this.#children.has(message)) missing.push(bytesOf(message));
      if (seen.size < MOST_BEHIND) for (const parent of parents ?? []) seen.add(parent);
    }
    return missing;
  }

  /** Lets a message wait for a parent. */
  add(step: Step, parent: Uint8Array, child: Uint8Array, peer: string): void {
    this.#keep(hexOf(parent), hexOf(child), peer);
    step.put(waitKey(parent, child), encodeUtf8(peer));
  }

  /** Whether another copy of a message is noted, of a peer's log. */
  hasCopy(id: Uint8Array, peer: string): boolean {
    return this.#copies.get(hexOf(id))?.has(hexOf(copyOf(id, peer))) === true;
  }

  /**
   * Lets another copy of a message wait, besides the one that is kept.
   *
   * @param parents - all that it names, of which it waits for those that are `missing`: at least one
   */
  addCopy(
    step: Step,
    id: Uint8Array,
    peer: string,
    {
      parents,
      missing,
    }: { readonly parents: readonly Uint8Array[]; readonly missing: readonly Uint8Array[] },
  ): void {
    const copy = copyOf(id, peer);
    step.put(copyKey(copy), joined(...parents));
    for (const parent of missing) this.add(step, parent, copy, peer);
  }

  /**
   * Says that a parent is there.
   *
   * @returns the messages, and other copies of messages, that wait for nothing any more
   */
  satisfied(step: Step, parent: Uint8Array): Uint8Array[] {
    const children = [...(this.#children.get(hexOf(parent))?.keys() ?? [])].map(bytesOf);
    for (const child of children) this.#end(step, parent, child);
    return children.filter((child) => !this.#parents.has(hexOf(child)));
  }

  /** Says that a message waits no more, nor any copy of it. */
  forget(step: Step, id: Uint8Array): void {
    const copies = [...(this.#copies.get(hexOf(id)) ?? [])].map(bytesOf);
    for (const child of [id, ...copies])
      for (const parent of [...(this.#parents.get(hexOf(child)) ?? [])])
        this.#end(step, bytesOf(parent), child);
    for (const copy of copies) step.delete(copyKey(copy));
    this.#copies.delete(hexOf(id));
  }

  #keep(parent: string, child: string, peer: string): void {
    const children = this.#children.get(parent) ?? new Map<string, string>();
    const before = children.get(child);
    if (before !== undefined) this.#count(before, -1);
    this.#count(peer, 1);
    this.#children.set(parent, children.set(child, peer));
    this.#parents.set(child, (this.#parents.get(child) ?? new Set()).add(parent));
    const id = child.slice(0, 2 * ID_BYTES);
    if (id !== child) this.#copies.set(id, (this.#copies.get(id) ?? new Set()).add(child));
  }

  #end(step: Step, parent: Uint8Array, child: Uint8Array): void {
    const [parentKey, childKey] = [hexOf(parent), hexOf(child)];
    const children = this.#children.get(parentKey);
    const peer = children?.get(childKey);
    if (children === undefined || peer === undefined) return;
    children.delete(childKey);
    this.#count(peer, -1);
    if (children.size === 0) this.#children.delete(parentKey);
    const parents = this.#parents.get(childKey)!;
    parents.delete(parentKey);
    if (parents.size === 0) this.#parents.delete(childKey);
    step.delete(waitKey(parent, child));
  }

  #count(peer: string, change: number): void {
    const size = this.sizeOf(peer) + change;
    if (size > 0) this.#sizes.set(peer, size);
    else this.#sizes.delete(peer);
  }
}

function copyOf(id: Uint8Array, peer: string): Uint8Array {
  return joined(id, encodeUtf8(peer));
}
