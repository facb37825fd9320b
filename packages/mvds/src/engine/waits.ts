// Which messages wait for which parents; 4/MVDS-META, "parents".

import { decodeUtf8, encodeUtf8 } from "@remote-log/core/adapter";
import { bytesOf, hexOf } from "../bytes.ts";
import { ID_BYTES } from "../wire/payload.ts";
import { waitKey, waitKeys } from "./keys.ts";
import type { Step, Store } from "./store.ts";

/** Which messages wait for which parents, in memory and in the database. */
export class Waits {
  /** By parent: the messages that wait for it, each with the peer that sent it. */
  readonly #children = new Map<string, Map<string, string>>();
  /** By message: the parents that it waits for. */
  readonly #parents = new Map<string, Set<string>>();
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

  /** Lets a message wait for a parent. */
  add(step: Step, parent: Uint8Array, child: Uint8Array, peer: string): void {
    this.#keep(hexOf(parent), hexOf(child), peer);
    step.put(waitKey(parent, child), encodeUtf8(peer));
  }

  /**
   * Says that a parent is there.
   *
   * @returns the messages that wait for nothing any more
   */
  satisfied(step: Step, parent: Uint8Array): Uint8Array[] {
    const children = [...(this.#children.get(hexOf(parent))?.keys() ?? [])].map(bytesOf);
    for (const child of children) this.#end(step, parent, child);
    return children.filter((child) => !this.#parents.has(hexOf(child)));
  }

  /** Says that a message waits no more. */
  forget(step: Step, child: Uint8Array): void {
    for (const parent of [...(this.#parents.get(hexOf(child)) ?? [])])
      this.#end(step, bytesOf(parent), child);
  }

  #keep(parent: string, child: string, peer: string): void {
    const children = this.#children.get(parent) ?? new Map<string, string>();
    const before = children.get(child);
    if (before !== undefined) this.#count(before, -1);
    this.#count(peer, 1);
    this.#children.set(parent, children.set(child, peer));
    this.#parents.set(child, (this.#parents.get(child) ?? new Set()).add(parent));
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
