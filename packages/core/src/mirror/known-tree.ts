// What an earlier mirroring put into the target.

import type { Address } from "../address/address.ts";
import { hasCode } from "../errors/index.ts";
import type { TreeView } from "../tree/tree-view.ts";

/**
 * What an earlier mirroring put into the target, by the head that it left there.
 *
 * Only objects with the same address count as there: the signature covers no addresses, so two heads of one log may lead
 * to different objects, and an untrusted source may exchange them.
 */
export class KnownTree {
  readonly #view: TreeView | undefined;
  readonly #contents: ReadonlySet<string>;

  /** @param view - the tree below that head, in the target; `undefined` if nothing was mirrored before */
  constructor(view: TreeView | undefined) {
    this.#view = view;
    const places = (view?.head.pairs ?? []).map(({ place }) => place);
    const pointers = places.filter((place) => place.kind === "pointer");
    this.#contents = new Set(pointers.map(({ address }) => address.toString()));
  }

  /** Whether a page (level 0), or a full node with all that lies below it, is in the target. */
  async hasChild(level: number, index: number, address: Address, signal: AbortSignal): Promise<boolean> {
    const shape = this.#view?.head.shape.levels[level];
    if (this.#view === undefined || shape === undefined || index >= shape.first + shape.refs) return false;
    try {
      return (await this.#view.ref(level, index, signal)).address.equals(address);
    } catch (error) {
      signal.throwIfAborted();
      if (!isLost(error)) throw error;
      return false;
    }
  }

  /** Whether a node of the right edge, with all that lies below it, is in the target. */
  hasEdge(level: number, address: Address): boolean {
    return this.#view?.head.levels[level]?.node?.address.equals(address) === true;
  }

  /** Whether the earlier head pointed at this content itself. */
  hasContent(address: Address): boolean {
    return this.#contents.has(address.toString());
  }
}

// The target has lost the node: what lies below it is copied again.
function isLost(error: unknown): boolean {
  return hasCode(
    error,
    "ERR_NOT_FOUND",
    "ERR_NOT_PROPAGATED",
    "ERR_TIMEOUT",
    "ERR_INTEGRITY",
    "ERR_MALFORMED",
  );
}
