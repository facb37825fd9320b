import { UnreachableError } from "@remote-log/core";
import type { OperationContext } from "@remote-log/core/adapter";
import { saysMissing, saysPinned } from "./store-failure.ts";
import type { BlockCid, BlockstoreLike, PinsLike } from "./stores.ts";

/** How often a block is stored again that a collection of garbage took before it was pinned. */
const ATTEMPTS = 3;

/** Puts blocks so that they stay: with a pin, where there are pins. */
export class PinnedBlocks {
  readonly #blockstore: BlockstoreLike;
  readonly #pins: PinsLike | undefined;

  constructor(blockstore: BlockstoreLike, pins: PinsLike | undefined) {
    this.#blockstore = blockstore;
    this.#pins = pins;
  }

  /**
   * Stores and pins a block. Only what is there can be pinned, so that garbage may be collected in between: a block
   * counts as stored when it was seen after it had been pinned.
   *
   * @throws UnreachableError `ERR_UNREACHABLE` where it is taken away again and again
   * @throws whatever the store fails with
   */
  async put(cid: BlockCid, bytes: Uint8Array, context: OperationContext, signal: AbortSignal): Promise<void> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      await this.#blockstore.put(cid, bytes, { signal });
      if (this.#pins === undefined) return;
      if ((await this.#pin(cid, signal)) && (await this.#blockstore.has(cid, { signal }))) return;
    }
    throw new UnreachableError(
      `While ${context.action}: it was not there any more when it had been pinned, ${ATTEMPTS} times. Is garbage ` +
        "collected without a break?",
      { operation: context.operation },
    );
  }

  /** Takes a pin away, where there is one. */
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
      // Offline: a block that is gone must not be searched for, but be stored again.
      await toEnd(this.#pins?.add(cid, { signal, offline: true }));
      return true;
    } catch (error) {
      if (saysPinned(error)) return true;
      if (saysMissing(error)) return false;
      throw error;
    }
  }
}

/** Waits for what is done: a promise is fulfilled, a generator has ended. */
async function toEnd(work: unknown): Promise<void> {
  const given = await work;
  if (typeof given !== "object" || given === null) return;
  if (Symbol.asyncIterator in given || Symbol.iterator in given) {
    // What it gives is of no interest: only that it came to its end.
    const steps = given as AsyncIterable<unknown>;
    for await (const _ of steps);
  }
}
