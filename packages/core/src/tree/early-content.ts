// The content of the newest snapshot, read while the way to its entry is still being read; docs/protocol.md, "Snapshots".

import type { Address } from "../address/address.ts";
import { anySignal } from "../async/signals.ts";
import type { Pair } from "../log/pair.ts";
import type { TreeView } from "./tree-view.ts";

/**
 * The content of the newest snapshot, read from where the head says it is. Nothing signs that: it is used only if the verified tree
 * names the same address.
 */
export class EarlyContent {
  readonly #address: Address;
  readonly #signal: ReturnType<typeof anySignal>;
  readonly #content: Promise<Uint8Array | undefined>;

  private constructor(view: TreeView, address: Address, signal: AbortSignal) {
    this.#address = address;
    this.#signal = anySignal(signal);
    this.#content = view.hinted(address, this.#signal.signal).finally(() => this.#signal.abort());
  }

  /**
   * Begins to read, if that saves anything.
   *
   * @param from - the first entry that is wanted
   * @returns `undefined` if it is not the newest snapshot, or the head has it, or does not say where it is
   */
  static begin(view: TreeView, from: number, signal: AbortSignal): EarlyContent | undefined {
    const { snapshotContent, manifest } = view.head;
    if (snapshotContent === undefined || manifest?.manifest.snapshot !== from) return undefined;
    return from < view.pages * view.leafSize ? new EarlyContent(view, snapshotContent, signal) : undefined;
  }

  /**
   * The content of an entry, if it is the one that was begun with; otherwise the reading ends.
   *
   * @param pair - the entry, verified
   * @returns the content, verified against its address; `undefined` if it is another, or could not be had
   */
  async take({ place }: Pair): Promise<Uint8Array | undefined> {
    if (place.kind === "pointer" && place.address.equals(this.#address)) return this.#content;
    this.#signal.abort();
    return undefined;
  }
}
