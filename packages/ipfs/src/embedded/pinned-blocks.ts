// Puts blocks so that they stay.

import { UnreachableError } from "@remote-log/core";
import type { OperationContext } from "@remote-log/core/adapter";
import { saysMissing, saysPinned } from "./errors.ts";
import type { BlockCid, BlockstoreLike, PinsLike } from "./stores.ts";

/** How often a block is stored that a collection of garbage removes before it is pinned. */
const ATTEMPTS = 3;

/** Puts blocks so that they stay: with a pin, if there are pins. */
export class PinnedBlocks {
  readonly #blockstore: BlockstoreLike;
  readonly #pins: PinsLike | undefined;

  constructor(blockstore: BlockstoreLike, pins: PinsLike | undefined) {
    this.#blockstore = blockstore;
    this.#pins = pins;
  }

  /**
   * Stores and pins a block. Only what is there can be pinned, so a collection of garbage may come in between: a block counts
   * as stored when it was seen after it had been pinned.
   *
   * @throws UnreachableError `ERR_UNREACHABLE` if it is removed again and again
   * @throws whatever the store fails with
   */
  async put(cid: BlockCid, bytes: Uint8Array, context: OperationContext, signal: AbortSignal): Promise<void> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      await this.#blockstore.put(cid, bytes, { signal });
      if (this.#pins === undefined) return;
      if ((await this.#pin(cid, signal)) && (await this.#blockstore.has(cid, { signal }))) return;
    }
    throw new UnreachableError(
      `While ${context.action}: it was gone each of the ${ATTEMPTS} times after it had been pinned. Is garbage ` +
        "collected all the time?",
      { operation: context.operation },
    );
  }

  /** Removes a pin; if there is none, that is no error. */
  async unpin(cid: BlockCid, signal: AbortSignal): Promise<void> {
    try {
      await toEnd(this.#pins?.rm(cid, { signal, offline: true }));
    } catch (error) {
      if (!saysMissing(error)) throw error;
    }
  }

  /** @returns whether it is pinned; otherwise it was gone already */
  async #pin(cid: BlockCid, signal: AbortSignal): Promise<boolean> {
    try {
      // Offline: a block that is gone must be stored again, not searched for.
      await toEnd(this.#pins?.add(cid, { signal, offline: true }));
      return true;
    } catch (error) {
      if (saysPinned(error)) return true;
      if (saysMissing(error)) return false;
      throw error;
    }
  }
}

/** Waits until a promise is fulfilled, or a generator has ended. */
async function toEnd(work: unknown): Promise<void> {
  const given = await work;
  if (typeof given !== "object" || given === null) return;
  if (Symbol.asyncIterator in given || Symbol.iterator in given) {
    // Only its end matters, not what it gives.
    const steps = given as AsyncIterable<unknown>;
    for await (const _ of steps);
  }
}
